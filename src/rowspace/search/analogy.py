"""Analogies: a is to b as c is to ?, by 3CosAdd or 3CosMul (Levy & Goldberg 2014)."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from jaxtyping import Float, Float64

from rowspace.arrays import Vectors
from rowspace.errors import RecipeError, ShapeError
from rowspace.search.exact import ExactIndex, Hits, at_least_one
from rowspace.search.neighbors import Neighbors, key_store, name_hits, vectors_of
from rowspace.table import Table

Method = Literal["add", "mul"]
Wide = Float64[np.ndarray, "rows dim"]
Cosines = Float[np.ndarray, "*shape"]
MUL_EPSILON = 1e-6  # keeps the denominator from zero; the paper's is .001, gensim's this


def analogy(
    table: Table, a: str, b: str, c: str, k: int = 10, *, method: Method = "add", limit: int | None = None
) -> Neighbors:
    """The k keys that are to `c` as `b` is to `a`; these three themselves are left out.

    "add" ranks by the cosine with b - a + c of unit vectors; "mul" by cos(x, b) cos(x, c) / cos(x, a)
    with cosines shifted to [0, 1], which one large term cannot dominate. Only the first `limit` keys
    are candidates. Raises UnknownKeyError.

    >>> keys = ["man", "woman", "king", "queen"]
    >>> table = Table.from_arrays(keys, np.array([[1, 0], [1, 1], [5, 0.1], [5, 5]], np.float32))
    >>> analogy(table, "man", "king", "woman", k=1).keys
    ['queen']
    """
    check_method(method)
    units = unit(vectors_of(table, [a, b, c]))
    if not np.isfinite(units).all():
        raise ShapeError(
            f"an analogy needs finite vectors, but one of {a!r}, {b!r}, {c!r} holds NaN or infinity"
        )
    index = ExactIndex(key_store(table), limit=limit)
    wanted = at_least_one(k, "k") + 3
    if method == "add":
        hits = index.search((units[1:2] - units[:1] + units[2:]).astype(np.float32), wanted)
    else:
        hits = _best_products(index, units, wanted)
    return name_hits(table, hits, k, [{a, b, c}])[0]


def check_method(method: str) -> None:
    """Raise RecipeError unless `method` is one of Method."""
    if method not in get_args(Method):
        raise RecipeError(f"method must be one of {', '.join(get_args(Method))}, but is {method!r}")


def unit(vectors: Vectors) -> Wide:
    """Each row at length one in float64; a zero row stays zero, one with NaN or infinity becomes NaN."""
    wide: Wide = vectors.astype(np.float64)
    lengths = np.sqrt(np.einsum("rd,rd->r", wide, wide))[:, None]
    with np.errstate(invalid="ignore"):
        np.divide(wide, lengths, out=wide, where=lengths != 0)
    return wide


def mul_scores(to_a: Cosines, to_b: Cosines, to_c: Cosines) -> Cosines:
    """3CosMul (equation 4) from cosines, shifted to [0, 1] as in the paper's footnote 7."""
    scores: Cosines = (1 + to_b) * (1 + to_c) / (2 * (1 + to_a) + 4 * MUL_EPSILON)
    return scores


def _best_products(index: ExactIndex, units: Wide, wanted: int) -> Hits:
    """The rows with the highest 3CosMul score, equal ones by id; one pass over the index in float64."""
    scores = np.empty(index.num_rows, np.float32)
    for start, block in index.blocks():
        cosines = np.einsum("rd,qd->qr", unit(block), units)
        scores[start : start + len(block)] = mul_scores(*cosines)
    scores[~np.isfinite(scores)] = -np.inf
    wanted = min(wanted, len(scores))
    last = np.partition(scores, len(scores) - wanted)[len(scores) - wanted] if wanted else np.inf
    ids = np.flatnonzero((scores >= last) & (scores > -np.inf))
    best = ids[np.lexsort((ids, -scores[ids]))[:wanted]]
    return Hits(best[None], scores[best][None])
