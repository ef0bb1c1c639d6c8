"""What temperature, top-k, top-p and repetition do to chances."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.errors import RecipeError
from rowspace.tasks.generation import Sampling

LOG = np.log(np.array([0.1, 0.4, 0.2, 0.3]))


@pytest.mark.parametrize(
    ("sampling", "wanted"),
    [
        (Sampling(), [0.1, 0.4, 0.2, 0.3]),
        (Sampling(temperature=0), [0, 1, 0, 0]),
        (Sampling(top_k=2), [0, 4 / 7, 0, 3 / 7]),
        (Sampling(top_p=0.4), [0, 1, 0, 0]),
        (Sampling(top_p=0.41), [0, 4 / 7, 0, 3 / 7]),
        (Sampling(top_p=0.95), [0.1, 0.4, 0.2, 0.3]),
        (Sampling(temperature=0.5), np.array([1, 16, 4, 9]) / 30),
    ],
)
def test_chances(sampling, wanted):
    np.testing.assert_allclose(sampling.chances(LOG), wanted, atol=1e-12)


def test_words_that_are_present_cost_and_words_of_never_are_out():
    chances = Sampling(repetition=2).chances(LOG, present=[1])
    np.testing.assert_allclose(chances, np.array([0.1, 0.16, 0.2, 0.3]) / 0.76)
    chances = Sampling(top_k=1).chances(LOG, never=[1])
    assert chances.tolist() == [0, 0, 0, 1]
    assert (np.log([0.1, 0.4, 0.2, 0.3]) == LOG).all()  # what was given stays


def test_draws_follow_the_chances():
    rng = np.random.default_rng(1)
    drawn = np.bincount([Sampling().draw(LOG, rng, never=[0]) for _ in range(4000)], minlength=4)
    np.testing.assert_allclose(drawn / 4000, np.array([0, 4, 2, 3]) / 9, atol=0.03)
    assert drawn[0] == 0


@pytest.mark.parametrize(
    "wrong", [{"temperature": -1}, {"top_k": -1}, {"top_p": 0}, {"top_p": 1.5}, {"repetition": 0}]
)
def test_values_out_of_range_are_refused(wrong):
    with pytest.raises(RecipeError, match=next(iter(wrong))):
        Sampling(**wrong)
