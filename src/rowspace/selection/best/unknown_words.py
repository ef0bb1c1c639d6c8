"""Rows for the n-grams of one model in the space that several were combined to."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32

from rowspace.arrays import Vectors
from rowspace.stores import DenseStore
from rowspace.table import Table
from rowspace.vocabulary.subwords import Subwords

Means = Float32[np.ndarray, "rows model_dim"]
Matrix = Float32[np.ndarray, "model_dim dim"]

RIDGE = 1e-3  # of the mean eigenvalue: n-grams that always come together would else have no one solution


def with_subwords(wanted: Vectors, model: Table) -> Table:
    """A table whose keys have the `wanted` vectors, and whose unknown words their n-grams' mapped rows.

    The n-gram rows of `model` are mapped by the linear map that, over all keys, brings the mean of a key's
    n-grams nearest to its wanted vector. A key's own row is then what its bag lacks: own = n * wanted - the
    sum of its n-grams; so the mean over the bag is the wanted vector up to float32 rounding.

    Args:
        wanted: float32 (keys, dim), a vector for each key of the model.
        model: A table with subwords and rows of its keys' own.
    """
    vocabulary = model.vocabulary
    if not isinstance(vocabulary, Subwords) or not vocabulary.num_own_rows:
        return Table(vocabulary, DenseStore(wanted))
    bags, own = vocabulary.splitter.bags(vocabulary.keys), vocabulary.num_own_rows
    ngrams = model.store.gather(np.arange(own, vocabulary.num_rows))
    mapped = ngrams @ _nearest_map(DenseStore(ngrams).pool(bags), wanted)
    sizes = np.diff(bags.offsets).astype(np.float32)[:, None]
    own_rows = wanted + sizes * (wanted - DenseStore(mapped).pool(bags))
    return Table(vocabulary, DenseStore(np.concatenate([own_rows, mapped])))


def largest_error(table: Table, wanted: Vectors) -> float:
    """The largest difference between a table's vectors and the wanted ones, in lengths of the longest."""
    longest = float(np.sqrt(np.square(wanted).sum(axis=1)).max(initial=0)) or 1.0
    return float(np.abs(table.vectors - wanted).max(initial=0)) / longest


def _nearest_map(means: Means, wanted: Vectors) -> Matrix:
    """The matrix that maps `means` nearest to `wanted`, by ridge regression: float32 (model dim, dim)."""
    wide = means.astype(np.float64)
    squares = wide.T @ wide
    ridge = RIDGE * np.trace(squares) / len(squares) or 1.0
    found: Matrix = np.linalg.solve(squares + ridge * np.eye(len(squares)), wide.T @ wanted).astype(
        np.float32
    )
    return found
