"""The Kneser-Ney baseline of the benchmark, on counts that can be made by hand."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from itertools import product
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture(scope="module")
def kneser_ney():
    path = Path(__file__).parents[2] / "benchmarks" / "_kneser_ney.py"
    spec = spec_from_file_location("_kneser_ney", path)
    module = module_from_spec(spec)
    import sys

    sys.modules["_kneser_ney"] = module
    spec.loader.exec_module(module)
    return module.KneserNey


@pytest.fixture(scope="module")
def ids():
    rng = np.random.default_rng(0)
    return np.minimum(rng.geometric(0.3, 600) - 1, 7).astype(np.int64)


@pytest.mark.parametrize("end", [None, 0])
def test_chances_behind_any_context_add_up_to_one(kneser_ney, ids, end):
    model = kneser_ney(ids, 8, order=3, end=end)
    for before in product(range(8), repeat=2):
        chances = [model.probabilities(np.array([*before, each]))[-1] for each in range(8)]
        assert np.isclose(sum(chances), 1), before
        assert min(chances) > 0


def test_bigrams_are_those_of_the_formula(kneser_ney):
    """Chen & Goodman's: (c - D) / total + D's share times the number of words before, interpolated."""
    ids = np.array([1, 2, 1, 2, 1, 3, 1, 2, 4, 1, 4, 2, 1, 1, 1])
    model = kneser_ney(ids, 5, order=2)
    pairs = {}
    for pair in zip([0, *ids[:-1].tolist()], ids.tolist(), strict=True):
        pairs[pair] = pairs.get(pair, 0) + 1

    def discounts(counts):
        n = [max(1, sum(count == k for count in counts)) for k in (1, 2, 3, 4)]
        y = n[0] / (n[0] + 2 * n[1])
        return [0, *(max(0, k - (k + 1) * y * n[k] / n[k - 1]) for k in (1, 2, 3))]

    befores = {word: len({a for a, b in pairs if b == word}) for word in {b for _, b in pairs}}
    low, high = discounts(list(befores.values())), discounts(list(pairs.values()))
    total = sum(befores.values())
    left = sum(low[min(count, 3)] for count in befores.values()) / total

    def unigram(word):
        count = befores.get(word, 0)
        return (count - low[min(count, 3)]) / total + left / 5

    def bigram(before, word):
        counts = {b: count for (a, b), count in pairs.items() if a == before}
        if not counts:
            return unigram(word)
        given = sum(counts.values())
        own = counts.get(word, 0)
        share = sum(high[min(count, 3)] for count in counts.values()) / given
        return (own - high[min(own, 3)]) / given + share * unigram(word)

    text = np.array([1, 2, 4, 4, 0, 3, 3])
    wanted = [bigram(a, b) for a, b in zip([0, *text[:-1].tolist()], text.tolist(), strict=True)]
    np.testing.assert_allclose(model.probabilities(text), wanted)


def test_longer_contexts_help_where_they_matter(kneser_ney):
    ids = np.tile(np.array([1, 2, 3, 1, 4, 2, 2, 4]), 50)
    perplexities = [kneser_ney(ids, 5, order=order).perplexity(ids) for order in (1, 2, 4)]
    assert perplexities[0] > perplexities[1] > perplexities[2]
    assert perplexities[2] < 1.2


def test_contexts_end_with_their_sentence(kneser_ney):
    ids = np.array([1, 2, 0, 3, 1, 0] * 20)
    model = kneser_ney(ids, 4, order=3, end=0)
    after_end = [model.probabilities(np.array([before, 0, 1]))[-1] for before in (1, 2, 3)]
    assert after_end[0] == after_end[1] == after_end[2]


def test_ids_that_do_not_fit_are_refused(kneser_ney):
    with pytest.raises(ValueError, match="63"):
        kneser_ney(np.array([1]), 1 << 20, order=4)
