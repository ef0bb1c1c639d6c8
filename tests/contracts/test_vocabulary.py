"""What every vocabulary must hold: keys to bags of rows, and one answer for what is unknown."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.corpus import open_corpus
from rowspace.errors import RecipeError, ShapeError, UnknownKeyError
from rowspace.vocabulary import Vocabulary, Words
from rowspace.vocabulary.floret import Floret
from rowspace.vocabulary.ngrams import NGrams
from rowspace.vocabulary.pieces import learn_pieces
from rowspace.vocabulary.subwords import Subwords

KEYS = ["the", "", "king", "日本語", "new york", "</s>", "bro\udcc3ken", "x" * 100_000]
UNKNOWN = "\x07"  # one character that no key holds: nothing of it has a row in any splitter below


def words(**options) -> Words:
    return Words.from_keys(KEYS, counts=np.arange(len(KEYS), 0, -1, dtype=np.int64), **options)


def pieces():
    pytest.importorskip("tokenizers", reason="the extra subword is not installed")
    with open_corpus(["the king new york 日本語 x broken"]).scan() as scan:
        return learn_pieces(scan, num_pieces=30)


MAKERS = {
    "words": words,
    "ngrams": lambda **options: Subwords(words(**options), NGrams(4, 6, 100)),
    "compact ngrams": lambda **options: Subwords(words(**options), NGrams(4, 6, 100)).compacted(),
    "pieces": lambda **options: Subwords(words(**options), pieces()),
    "floret": lambda **options: Subwords(words(**options), Floret(4, 6, 100, 2)),
}
every_vocabulary = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
with_unknown_keys = pytest.mark.parametrize(
    "make",
    [make for name, make in MAKERS.items() if name != "floret"],
    ids=[m for m in MAKERS if m != "floret"],
)


@every_vocabulary
def test_it_is_a_vocabulary(make):
    vocabulary = make()
    assert isinstance(vocabulary, Vocabulary)
    assert list(vocabulary.keys) == KEYS
    assert vocabulary.counts.tolist() == list(range(len(KEYS), 0, -1))
    assert vocabulary.missing == "raise"
    assert Words.from_keys([]).bags().offsets.tolist() == [0]


@every_vocabulary
def test_each_key_is_known_by_rows_within_the_store(make):
    vocabulary = make()
    rows = vocabulary.rows_of(KEYS)
    assert (np.diff(rows.offsets) > 0).all()
    assert ((rows.ids >= 0) & (rows.ids < vocabulary.num_rows)).all()
    assert all(key in vocabulary for key in KEYS)


@every_vocabulary
def test_bags_are_the_rows_of_all_keys(make):
    vocabulary = make()
    bags, rows = vocabulary.bags(), vocabulary.rows_of(KEYS)
    assert bags.ids.tolist() == rows.ids.tolist()
    assert bags.offsets.tolist() == rows.offsets.tolist()


@every_vocabulary
def test_order_and_repetition_are_the_caller_s(make):
    vocabulary = make()
    rows = vocabulary.rows_of(["king", "the", "king"])
    parts = np.split(rows.ids, rows.offsets[1:-1])
    assert parts[0].tolist() == parts[2].tolist() != parts[1].tolist()
    assert vocabulary.rows_of([]).offsets.tolist() == [0]


@with_unknown_keys
def test_the_policy_for_unknown_keys(make):
    vocabulary = make()
    assert UNKNOWN not in vocabulary
    with pytest.raises(UnknownKeyError, match="must be in the vocabulary"):
        vocabulary.rows_of(["king", UNKNOWN])
    known = len(vocabulary.rows_of(["king"]).ids)
    assert vocabulary.rows_of([UNKNOWN, "king"], "zero").offsets.tolist() == [0, 0, known]
    assert vocabulary.rows_of([UNKNOWN, "king"], "skip").offsets.tolist() == [0, known]
    with pytest.raises(RecipeError, match="unknown row"):
        vocabulary.rows_of([UNKNOWN], "unknown")


@pytest.mark.unchecked
@every_vocabulary
def test_a_policy_that_is_none(make):
    with pytest.raises(RecipeError, match="missing must be one of"):
        make().rows_of(["king"], "guess")


@with_unknown_keys
def test_the_unknown_key_stands_in(make):
    vocabulary = make(unknown_key="king", missing="unknown")
    rows = vocabulary.rows_of([UNKNOWN, "king"])
    first, second = np.split(rows.ids, rows.offsets[1:-1])
    assert first.tolist() == second.tolist()


@every_vocabulary
def test_a_single_string_is_refused(make):
    with pytest.raises(ShapeError, match="single string"):
        make().rows_of("king")
