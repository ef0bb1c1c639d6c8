"""Which rows texts have, in training and afterwards."""

from __future__ import annotations

import numpy as np

from rowspace.corpus.block import Block
from rowspace.tasks.classification.text_features import END_OF_TEXT, NgramRule, learn_features
from rowspace.tasks.classification.word_rows import WordRows

TEXTS = b"a b a\nb c\n\na b c d\n"
BIGRAMS = NgramRule(2, 3, 0, 1 << 31)


def learned(rule: NgramRule = BIGRAMS, text: bytes = TEXTS, min_count: int = 1):
    return learn_features(Block.from_text(text), rule, min_count=min_count, order_words=WordRows().order)


def bags(entries) -> list[dict[int, float]]:
    bounds = zip(entries.offsets[:-1].tolist(), entries.offsets[1:].tolist(), strict=True)
    return [
        dict(zip(entries.rows[begin:end].tolist(), entries.counts[begin:end].tolist(), strict=True))
        for begin, end in bounds
    ]


def test_words_come_by_frequency_after_the_end_of_text():
    found = learned()
    assert [*found.features.words.keys] == [END_OF_TEXT, "a", "b", "c", "d"]
    assert found.entries.sizes.tolist() == [7, 5, 1, 9]


def test_ngrams_met_once_share_a_row_of_their_text():
    """a-b and b-c come twice; b-a and a-</s> in text 0, c-</s> in 1, and c-d and d-</s> in 3 come once."""
    found = learned()
    assert found.num_own == 5 + 2
    assert found.num_rows == found.num_own + 4
    assert bags(found.entries) == [
        {1: 2, 2: 1, 0: 1, 5: 1, 7: 2}, {2: 1, 3: 1, 0: 1, 6: 1, 8: 1}, {0: 1},
        {1: 1, 2: 1, 3: 1, 4: 1, 0: 1, 5: 1, 6: 1, 10: 2},
    ]  # fmt: skip


def test_training_texts_have_the_same_bags_afterwards():
    """Where a row is shared, its count is the number of n-grams then as well."""
    for rule in (BIGRAMS, NgramRule(1, 3, 0, 1000), NgramRule(3, 2, 3, 1 << 20), NgramRule(2, 1, 2, 3)):
        found = learned(rule)
        again = found.features.entries(Block.from_text(TEXTS))
        assert bags(again) == bags(found.entries)
        assert again.sizes.tolist() == found.entries.sizes.tolist()


def test_what_training_has_not_met_has_no_row():
    found = learned(min_count=2)
    assert [*found.features.words.keys] == [END_OF_TEXT, "a", "b", "c"]
    unmet = found.features.entries(Block.from_text(b"x y\nb z\n"))
    assert bags(unmet) == [{0: 1}, {2: 1, 0: 1}]
    assert unmet.sizes.tolist() == [1, 2]


def test_pieces_give_unmet_words_rows():
    found = learned(NgramRule(1, 2, 2, 1 << 20), b"abc\nabd\n")
    bag = bags(found.features.entries(Block.from_text(b"xab\n")))[0]
    assert len(bag) == 2  # the end of the text, and ab
    assert max(bag) >= len(found.features.words)


def test_the_end_of_text_in_a_text_is_the_same_word():
    assert bags(learned(NgramRule(1, 3, 0, 1), b"a </s>\n").entries) == [{1: 1, 0: 2}]


def test_occurrences_say_which_words_each_row_spans():
    found = learned()
    met = found.features.occurrences(Block.from_text(b"b x c b c\n"))
    assert met.words == ["b", "x", "c", "b", "c", END_OF_TEXT]
    rows = zip(met.rows.tolist(), met.firsts.tolist(), met.lengths.tolist(), strict=True)
    assert sorted(rows) == [(0, 5, 1), (2, 0, 1), (2, 3, 1), (3, 2, 1), (3, 4, 1), (6, 3, 2), (8, 4, 2)]
    assert len(met.rows) == found.features.entries(Block.from_text(b"b x c b c\n")).sizes[0]
    assert np.all(met.rows >= 0)
