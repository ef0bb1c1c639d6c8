"""Samplers: probabilities that add up, and draws that follow them."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import chisquare

from rowspace.errors import RecipeError, ShapeError
from rowspace.nn.heads import LogUniform, Uniform, Unigram

SAMPLERS = {
    "uniform": lambda: Uniform(30),
    "log-uniform": lambda: LogUniform(30),
    "unigram": lambda: Unigram(np.arange(60, 0, -2), 0.75),
    "unigram with zeros": lambda: Unigram([5, 0, 0, 1, 9, 0], 1.0, floor=0),
}


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture(params=SAMPLERS)
def sampler(request):
    return SAMPLERS[request.param]()


def test_probabilities_add_up_to_one(sampler):
    rows = torch.arange(sampler.num_rows)
    assert sampler.log_probability(rows).exp().sum().item() == pytest.approx(1, abs=1e-12)


def test_draws_follow_the_probabilities(sampler):
    drawn = torch.bincount(sampler.sample(100_000, generator=seeded()), minlength=sampler.num_rows)
    expected = 100_000 * sampler.log_probability(torch.arange(sampler.num_rows)).exp()
    possible = expected > 0
    assert drawn[~possible].sum() == 0
    assert chisquare(drawn[possible].numpy(), expected[possible].numpy()).pvalue > 0.01


def test_the_expected_count_is_that_of_independent_draws(sampler):
    ids = torch.tensor([[0, 3], [4, 4]], dtype=torch.uint8)
    expected = sampler.log_probability(ids) + math.log(200)
    torch.testing.assert_close(sampler.log_expected_count(ids, 200), expected)


def test_the_generator_alone_decides(sampler):
    before = torch.get_rng_state()
    first, again, other = (sampler.sample(64, generator=seeded(seed)) for seed in (5, 5, 6))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(torch.get_rng_state(), before)


def test_without_a_generator_torch_s_own_decides(sampler):
    with torch.random.fork_rng():
        torch.manual_seed(3)
        first = sampler.sample(64)
        torch.manual_seed(3)
        assert torch.equal(sampler.sample(64), first)


def test_no_draw_is_no_row(sampler):
    ids = sampler.sample(0)
    assert ids.shape == (0,)
    assert ids.dtype == torch.int64


def test_log_uniform_is_zipf_s_law_as_tensorflow_has_it():
    ranks = np.arange(1000)
    expected = np.log((ranks + 2) / (ranks + 1)) / np.log(1001)
    found = LogUniform(1000).log_probability(torch.arange(1000)).exp().numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_log_uniform_draws_the_last_of_many_rows():
    ids = LogUniform(4).sample(10_000, generator=seeded())
    assert ids.unique().tolist() == [0, 1, 2, 3]


def test_log_uniform_keeps_its_digits_at_high_ranks():
    sampler = LogUniform(10**9)
    found = sampler.log_probability(torch.tensor([10**9 - 1])).exp().item()
    assert found == pytest.approx(1e-9 / math.log1p(10**9), rel=1e-8)


@pytest.mark.parametrize("power", [0.0, 0.75, 1.0])
def test_unigram_raises_counts_to_the_power(power):
    counts = np.array([81.0, 16.0, 1.0])
    expected = counts**power / (counts**power).sum()
    found = Unigram(counts, power).log_probability(torch.arange(3)).exp().numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_unigram_draws_rows_without_counts_as_those_with_one():
    sampler = Unigram(torch.tensor([8, 0, 1]))
    _, never, once = sampler.log_probability(torch.arange(3)).tolist()
    assert never == once


def test_unigram_leaves_the_counts_as_they_are():
    counts = np.array([4.0, 0.0])
    Unigram(counts)
    assert counts.tolist() == [4, 0]


def test_unigram_over_a_million_rows():
    counts = np.random.default_rng(0).zipf(1.5, 1_000_000).clip(max=10**9)
    sampler = Unigram(counts)
    ids = sampler.sample(20_000, generator=seeded())
    often = counts >= 10
    expected = sampler.log_probability(torch.from_numpy(np.flatnonzero(often))).exp().sum().item()
    assert abs(often[ids.numpy()].mean() - expected) < 4 * math.sqrt(expected * (1 - expected) / 20_000)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Uniform(0), RecipeError, "at least 1 row"),
        (lambda: LogUniform(-3), RecipeError, "at least 1 row"),
        (lambda: Unigram([]), RecipeError, "at least 1 row"),
        (lambda: Unigram([3, -1]), RecipeError, "row 1 has -1"),
        (lambda: Unigram([3, math.nan]), RecipeError, "row 1 has nan"),
        (lambda: Unigram([0, 0], floor=0), RecipeError, "add up to"),
        (lambda: Unigram([1e9, 1], power=100), RecipeError, "nearer to 0"),
        (lambda: Unigram([1, 2], floor=-1), RecipeError, "not negative"),
        (lambda: Unigram(np.ones((2, 2))), ShapeError, r"shape \(2, 2\)"),
    ],
)
def test_errors_say_what_is_wrong(make, error, message):
    with pytest.raises(error, match=message):
        make()
