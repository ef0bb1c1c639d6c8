from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rowspace.errors import RecipeError, ShapeError
from rowspace.nn.columns.column_vocabulary import ColumnVocabulary

VALUES = ["b", "a", None, "b", "c", "a", "b", "d"]


def test_categories_come_by_count_and_then_by_text():
    learned = ColumnVocabulary.learn("letter", VALUES)
    assert list(learned.words.keys) == ["b", "a", "c", "d"]
    assert learned.counts.tolist() == [0, 1, 3, 2, 1, 1]
    assert learned.num_rows == 6
    assert learned.encode(VALUES).ids.tolist() == [2, 3, 1, 2, 4, 3, 2, 5]


def test_rare_categories_share_the_unknown_row():
    learned = ColumnVocabulary.learn("letter", VALUES, min_count=2)
    assert learned.counts.tolist() == [2, 1, 3, 2]
    encoded = learned.encode(["a", "c", "z", None, "z", float("nan")])
    assert encoded.ids.tolist() == [3, 0, 0, 1, 0, 1]
    assert (encoded.num_unknown, encoded.num_missing, encoded.examples) == (3, 2, ("z", "c"))


def test_examples_are_the_most_frequent_unknown_values():
    learned = ColumnVocabulary.learn("letter", ["a"])
    encoded = learned.encode(["v", "w", "x", "w", "y", "y", "y", "a", "a"], num_examples=2)
    assert encoded.examples == ("y", "w")


def test_missing_values_are_unknown_where_training_had_none():
    learned = ColumnVocabulary.learn("letter", ["a", "b"])
    encoded = learned.encode([None, "a"])
    assert encoded.ids.tolist() == [0, 2]
    assert (encoded.num_unknown, encoded.num_missing) == (0, 1)


def test_a_column_of_missing_values_alone():
    learned = ColumnVocabulary.learn("letter", [None, float("nan")])
    assert (learned.kind, learned.num_rows, learned.num_missing) == (None, 2, 2)
    assert learned.encode([None, "a"]).ids.tolist() == [1, 0]
    assert learned.encode([5]).ids.tolist() == [0]


def test_one_value_and_no_value():
    assert ColumnVocabulary.learn("letter", ["a"]).encode(["a"]).ids.tolist() == [2]
    encoded = ColumnVocabulary.learn("letter", ["a"]).encode([])
    assert encoded.ids.shape == (0,)
    assert encoded[1:] == (0, 0, ())


@pytest.mark.parametrize("later", [[5.0, None], np.array([5, 7], np.int8), [np.float32(5)]])
def test_whole_numbers_are_the_same_as_floats(later: Any):
    assert ColumnVocabulary.learn("zip", [7, 7, 5]).encode(later).ids[0] == 3


def test_numbers_are_never_taken_for_text():
    with pytest.raises(
        ShapeError, match="column 'zip' held numbers in training, but now holds text such as '5'"
    ):
        ColumnVocabulary.learn("zip", [5, 7]).encode([None, "5"])


def test_equal_numbers_of_two_types_are_counted_together():
    learned = ColumnVocabulary.learn("zip", np.array([5, 5.0, np.float64(5), 7], object))
    assert (list(learned.words.keys), learned.counts.tolist()) == (["5", "7"], [0, 0, 3, 1])


def test_min_count_below_one_is_refused():
    with pytest.raises(RecipeError, match="min_count must be at least 1, but is 0"):
        ColumnVocabulary.learn("zip", [5], min_count=0)


def test_each_category_is_replaced_equally_often():
    learned = ColumnVocabulary.learn("letter", ["a"] * 90 + ["b"] * 9 + ["c"] + [None] * 7)
    rates = learned.unknown_rates(0.01)
    np.testing.assert_allclose(rates[2:] * [90, 9, 1], [1 / 3] * 3, rtol=1e-6)
    assert rates[:2].tolist() == [0, 0]
    assert np.isclose((rates[2:] * [90, 9, 1]).sum() / 100, 0.01)


def test_no_category_is_replaced_more_than_half_of_the_time_unless_all_are():
    learned = ColumnVocabulary.learn("letter", ["a"] * 99 + ["b"])
    assert learned.unknown_rates(0.1).tolist() == pytest.approx([0, 0, 5 / 99, 0.5])
    assert learned.unknown_rates(1.0).tolist() == pytest.approx([0, 0, 50 / 99, 1])
    assert ColumnVocabulary.learn("letter", [None]).unknown_rates(0.1).tolist() == [0, 0]


def test_a_million_categories():
    names = [f"key {place}" for place in range(1_000_000)]
    learned = ColumnVocabulary.learn("key", names)
    assert learned.num_rows == 1_000_002
    order = {key: place for place, key in enumerate(learned.words.keys)}
    assert learned.encode(["key 77", "key -1", "key 999999"]).ids.tolist() == [
        2 + order["key 77"],
        0,
        2 + order["key 999999"],
    ]
