"""Splitters: every kind keeps the protocol."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.arrays import PackedKeys
from rowspace.corpus import open_corpus
from rowspace.vocabulary.floret import Floret
from rowspace.vocabulary.ngrams import NGrams
from rowspace.vocabulary.pieces import learn_pieces
from rowspace.vocabulary.splitters import SPLITTERS, Splitter

KEYS = PackedKeys.from_strings(["the", "king", "kings", "", "</s>", "日本語"])


def learned() -> Splitter:
    pytest.importorskip("tokenizers", reason="the extra subword is not installed")
    with open_corpus(["the king kings 日本語"]).scan() as scan:
        return learn_pieces(scan, num_pieces=16)


MAKERS = {
    "ngrams": lambda: NGrams(2, 4, 50),
    "compact": lambda: NGrams(2, 4, 50).compacted(KEYS),
    "pruned": lambda: NGrams(2, 4, 50, np.where(np.arange(50) % 2, -1, np.arange(50) // 2).astype(np.int32)),
    "none": lambda: NGrams(0, 0, 0),
    "floret": lambda: Floret(2, 4, 50, 3),
    "pieces": learned,
}
every_splitter = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


@every_splitter
def test_bags_hold_rows_of_the_splitter(make):
    splitter = make()
    assert isinstance(splitter, Splitter)
    rows = splitter.bags(KEYS)
    assert len(rows) == len(KEYS)
    assert rows.ids.dtype == rows.offsets.dtype == np.int64
    assert ((rows.ids >= 0) & (rows.ids < splitter.num_rows)).all()


@every_splitter
def test_a_bag_depends_on_its_key_alone(make):
    splitter = make()
    together = splitter.bags(KEYS)
    for place in range(len(KEYS)):
        alone = splitter.bags(PackedKeys.from_bytes([KEYS.bytes_at(place)]))
        assert (
            alone.ids.tolist() == together.ids[together.offsets[place] : together.offsets[place + 1]].tolist()
        )


@every_splitter
def test_a_copy_from_its_parts_gives_the_same_bags(make):
    splitter = make()
    copy = SPLITTERS[splitter.kind].from_json(splitter.to_json(), splitter.arrays())
    assert (copy.num_rows, copy.own_rows) == (splitter.num_rows, splitter.own_rows)
    assert copy.bags(KEYS).ids.tolist() == splitter.bags(KEYS).ids.tolist()


@every_splitter
def test_compacting_leaves_the_size_of_every_bag(make):
    splitter = make()
    compact = splitter.compacted(KEYS)
    assert compact.bags(KEYS).offsets.tolist() == splitter.bags(KEYS).offsets.tolist()
    assert compact.num_rows <= splitter.num_rows + 1
