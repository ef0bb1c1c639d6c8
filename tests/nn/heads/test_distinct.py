"""Distinct: no row twice, in the order of first draws, and expected counts that hold."""

import itertools
import math

import numpy as np
import pytest
import torch

from rowspace.errors import RecipeError
from rowspace.nn.heads import Distinct, LogUniform, Uniform, Unigram

ROUNDS = 2_000


def chances(sampler: Distinct, n: int) -> np.ndarray:
    """How often each row is among the drawn ones."""
    generator = torch.Generator().manual_seed(0)
    drawn = torch.cat([sampler.sample(n, generator=generator) for _ in range(ROUNDS)])
    return torch.bincount(drawn, minlength=sampler.num_rows).numpy() / ROUNDS


def exact_chances(probabilities: np.ndarray, n: int) -> np.ndarray:
    """By going through all ordered draws without replacement."""
    found = np.zeros(len(probabilities))
    for rows in itertools.permutations(range(len(probabilities)), n):
        chance, left = 1.0, 1.0
        for row in rows:
            chance, left = chance * probabilities[row] / left, left - probabilities[row]
        found[list(rows)] += chance
    return found


# Of six rows 2 take fewer draws than there are rows and are drawn by rejection, 5 take more: by a race.
@pytest.mark.parametrize("n", [2, 5])
@pytest.mark.parametrize("sampler", [LogUniform(6), Uniform(6), Unigram([90, 5, 5, 4, 2, 1], 1.0)])
def test_rows_come_as_often_as_in_draws_without_replacement(sampler, n):
    exact = exact_chances(sampler.log_probability(torch.arange(6)).exp().numpy(), n)
    error = np.abs(chances(Distinct(sampler), n) - exact)
    assert (error < 4 * np.sqrt(exact * (1 - exact) / ROUNDS) + 1e-9).all()


def test_both_ways_of_drawing_are_met():
    distinct = Distinct(LogUniform(6))
    assert distinct.expected_draws(2) < 6 < distinct.expected_draws(5)


@pytest.mark.parametrize(("num_rows", "n"), [(20, 5), (50, 10), (1000, 200)])
def test_expected_counts_are_near_the_truth(num_rows, n):
    distinct = Distinct(LogUniform(num_rows))
    expected = distinct.log_expected_count(torch.arange(num_rows), n).exp().numpy()
    error = np.abs(chances(distinct, n) - expected)
    assert (error < 0.02 + 4 * np.sqrt(expected / ROUNDS)).all()


@pytest.mark.parametrize("n", [1, 3, 40, 99])
def test_expected_counts_add_up_to_the_number_drawn(n):
    distinct = Distinct(Unigram(np.arange(1, 101)))
    expected = distinct.log_expected_count(torch.arange(100), n).exp()
    assert expected.sum().item() == pytest.approx(n, rel=1e-6)
    assert (expected <= 1).all()


def test_one_draw_is_a_draw():
    sampler = LogUniform(30)
    rows = torch.arange(30)
    torch.testing.assert_close(
        Distinct(sampler).log_expected_count(rows, 1), sampler.log_probability(rows), rtol=1e-6, atol=1e-6
    )
    torch.testing.assert_close(Distinct(sampler).log_probability(rows), sampler.log_probability(rows))


def test_all_rows_are_expected_once():
    distinct = Distinct(LogUniform(40))
    assert distinct.sample(40, generator=torch.Generator()).sort().values.tolist() == list(range(40))
    assert distinct.log_expected_count(torch.arange(40), 40).tolist() == [0] * 40


def test_rows_that_are_never_drawn_stay_out():
    distinct = Distinct(Unigram([4, 0, 1, 7], floor=0))
    assert distinct.sample(3, generator=torch.Generator()).sort().values.tolist() == [0, 2, 3]
    assert distinct.log_expected_count(torch.arange(4), 3).tolist() == [0, -math.inf, 0, 0]
    assert distinct.log_expected_count(torch.tensor([1]), 2).item() == -math.inf


def test_the_first_row_is_drawn_as_by_the_sampler():
    distinct, generator = Distinct(LogUniform(50)), torch.Generator().manual_seed(0)
    first = [int(distinct.sample(10, generator=generator)[0]) for _ in range(ROUNDS)]
    expected = LogUniform(50).log_probability(torch.tensor([0])).exp().item()
    assert abs(np.mean(np.array(first) == 0) - expected) < 4 * math.sqrt(expected / ROUNDS)


def test_a_large_table_is_sampled_without_repeats():
    distinct = Distinct(LogUniform(1_000_000))
    first = distinct.sample(8192, generator=torch.Generator().manual_seed(1))
    assert len(first.unique()) == 8192
    assert torch.equal(distinct.sample(8192, generator=torch.Generator().manual_seed(1)), first)


@pytest.mark.parametrize("n", [5, -1])
def test_more_rows_than_there_are_is_an_error(n):
    with pytest.raises(RecipeError, match="at most the 4"):
        Distinct(Uniform(4)).sample(n)
