"""Tables with subwords, for the formats that keep them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from rowspace.stores import DenseStore
from rowspace.table import Table
from rowspace.vocabulary import Vocabulary, Words
from rowspace.vocabulary.floret import Floret
from rowspace.vocabulary.ngrams import NGrams
from rowspace.vocabulary.splitters import Splitter
from rowspace.vocabulary.subwords import Subwords

KEYS = ["</s>", "the", "naïve", "日本語", "new_york", "a", "antidisestablishmentarianism"]


@pytest.fixture
def table_of() -> Callable[..., Table]:
    """A table with random rows for a splitter, `dim` 5, context rows one a key, and counts."""

    def made(splitter: Splitter, *, compact: bool = False, dim: int = 5, context: bool = True) -> Table:
        words = Words.from_keys(KEYS, counts=np.array([90, 50, 7, 6, 5, 4, 1]))
        vocabulary: Vocabulary = Subwords(words, splitter)
        if compact:
            vocabulary = Subwords(words, splitter).compacted()
        rng = np.random.default_rng(3)
        rows = rng.standard_normal((vocabulary.num_rows, dim)).astype(np.float32)
        if compact:
            rows[-1] = 0
        outputs = DenseStore(rng.standard_normal((len(KEYS), dim)).astype(np.float32))
        metadata = {"recipe": {"window": 7, "epochs": 3, "negatives": 4, "subsample": 0.5, "model": "cbow"}}
        return Table(vocabulary, DenseStore(rows), metadata, outputs if context else None)

    return made


@pytest.fixture
def ngram_table(table_of) -> Table:
    """Compacted n-grams of 2 to 4 characters in 300 buckets."""
    return table_of(NGrams(2, 4, 300), compact=True)


@pytest.fixture
def floret_table(table_of) -> Table:
    """Words and n-grams together in 40 rows, by two hashes."""
    return table_of(Floret(2, 4, 40, 2))
