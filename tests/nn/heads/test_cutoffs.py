"""Cutoffs: the cheapest by the stated model, and sensible for what they are for."""

import itertools

import numpy as np
import pytest

from rowspace.nn.heads import choose_cutoffs, cutoffs
from rowspace.nn.heads.cutoffs import width_of_tail


def zipf(num_rows: int) -> np.ndarray:
    return 10**9 // np.arange(1, num_rows + 1)


def cost(counts, ends, dim, batch_size, div_value):
    """The model, written out for one choice."""
    shares = counts / counts.sum()
    head = ends[0] + len(ends)
    total = head * (batch_size * (dim + cutoffs.COST_OF_LOGIT) + dim * cutoffs.COST_OF_WEIGHT)
    for number, (first, last) in enumerate(itertools.pairwise([*ends, len(counts)]), start=1):
        width, rows = width_of_tail(dim, div_value, number), last - first
        positions = batch_size * shares[first:last].sum()
        total += cutoffs.COST_OF_CLUSTER + rows * positions * (width + cutoffs.COST_OF_LOGIT)
        total += rows * width * cutoffs.COST_OF_WEIGHT + positions * dim * width
    return total


def test_no_choice_is_cheaper(monkeypatch):
    """All choices of up to three cutoffs among all rows are tried."""
    monkeypatch.setattr(cutoffs, "COST_OF_CLUSTER", 5e4)
    monkeypatch.setattr(cutoffs, "CANDIDATES", 1_000)
    counts, options = zipf(24), (8, 64, 2.0)
    choices = itertools.chain.from_iterable(
        itertools.combinations(range(1, 24), tails) for tails in (1, 2, 3)
    )
    best = min(cost(counts, ends, *options) for ends in choices)
    chosen = choose_cutoffs(counts, 8, batch_size=64, div_value=2.0, max_tails=3)
    assert chosen
    assert cost(counts, chosen, *options) == pytest.approx(best, rel=1e-12)


@pytest.mark.parametrize("num_rows", [1, 2, 50])
def test_few_rows_need_no_tail(num_rows):
    assert choose_cutoffs(zipf(num_rows), 64) == []


def test_cutoffs_rise_within_the_rows():
    chosen = choose_cutoffs(zipf(300_000), 128)
    assert chosen == sorted(set(chosen))
    assert chosen[0] > 0
    assert chosen[-1] < 300_000


def test_the_number_of_tails_is_bounded():
    assert len(choose_cutoffs(zipf(300_000), 128, max_tails=2)) == 2
    assert choose_cutoffs(zipf(300_000), 128, max_tails=0) == []


def test_even_counts_make_a_larger_head_than_zipf_s():
    even = choose_cutoffs(np.ones(50_000), 128, max_tails=1, div_value=1.0)
    steep = choose_cutoffs(zipf(50_000), 128, max_tails=1, div_value=1.0)
    assert even[0] > 5 * steep[0]


def test_counts_of_nothing():
    assert isinstance(choose_cutoffs(np.zeros(5_000, np.int64), 16), list)
