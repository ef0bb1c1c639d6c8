"""From blocks to a table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rowspace.arrays import PackedKeys
from rowspace.errors import FormatError
from rowspace.formats.collector import Block, Collector
from rowspace.formats.options import ReadOptions


def block(*keys: bytes, value: float = 1.0, start: int = 0) -> Block:
    vectors = np.full((len(keys), 2), value, np.float32)
    return Block(PackedKeys.from_bytes(keys), vectors, np.arange(start, start + len(keys)))


def collector(**options) -> Collector:
    return Collector(Path("file"), 2, ReadOptions(**options), expected_rows=1)


def test_a_character_cut_between_two_keys_is_noticed():
    with pytest.raises(FormatError, match=r"byte 1: the key b'\\xc3' is not UTF-8"):
        collector().add(block(b"fine", b"\xc3", b"\xa9", b""))


def test_the_limit_counts_rows_that_are_kept():
    rows = collector(limit=3, errors="skip")
    rows.add(block(b"a", b"\xff", b"b"))
    assert not rows.is_full
    rows.add(block(b"c", b"d"))
    assert rows.is_full
    assert list(rows.finish("x").keys) == ["a", "b", "c"]


def test_a_repeat_in_another_block_is_found_with_its_place():
    rows = collector()
    rows.add(block(b"a", b"b"))
    rows.add(block(b"c", b"b", start=70))
    with pytest.raises(FormatError, match=r"byte 71: .*'b' of row 1 comes again at row 3"):
        rows.finish("x")


def test_many_repeats_go_through_the_fast_index():
    rows = collector(duplicates="last")
    for value in range(3):
        rows.add(block(*(b"k%d" % row for row in range(2500)), value=value))
    table = rows.finish("x")
    assert table.shape == (2500, 2)
    assert set(table.vectors.ravel()) == {2}
    assert table.vocabulary.find("k1234") == 1234
