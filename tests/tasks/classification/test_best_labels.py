"""The most likely labels, the first of equal ones first."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.errors import RecipeError
from rowspace.tasks.classification.best_labels import best_labels

CHANCES = np.array([[0.25, 0.5, 0.25], [0.5, 0.0, 0.5]], np.float32)


def test_the_best_come_first_and_ties_in_the_order_of_labels():
    found = best_labels("abc", CHANCES, 2, 0.0)
    assert found == [[("b", 0.5), ("a", 0.25)], [("a", 0.5), ("c", 0.5)]]
    assert [len(each) for each in best_labels("abc", CHANCES, None, 0.0)] == [3, 3]


def test_a_threshold_leaves_out_the_rest():
    assert best_labels("abc", CHANCES, None, 0.5) == [[("b", 0.5)], [("a", 0.5), ("c", 0.5)]]
    assert best_labels("abc", CHANCES, 1, 0.75) == [[], []]
    with pytest.raises(RecipeError, match="k must be at least 1, but is 0"):
        best_labels("abc", CHANCES, 0, 0.0)
