"""Merge two tables: the second one is turned until its shared keys lie as in the first."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float64, Int64

from rowspace.arrays import Counts, RowIds, Vectors
from rowspace.errors import RecipeError, ShapeError
from rowspace.stores import DenseStore, Store
from rowspace.table import Table
from rowspace.training.ranges import check_choice
from rowspace.vocabulary import Words

Conflict = Literal["first", "second", "mean"]
Rotation = Float64[np.ndarray, "dim dim"]

ROWS_A_STEP = 65_536  # bounds the memory for rows in float64


@dataclass(frozen=True)
class MergeReport:
    """What merging found."""

    shared: int  # keys of both tables
    added: int  # keys of the second table alone
    aligned: bool
    cosine_before: float | None  # mean over the shared keys, of their vectors in the two tables
    cosine_after: float | None

    def describe(self) -> str:
        """The report in a line for people."""
        line = f"{self.shared:,} keys shared, {self.added:,} added"
        if self.cosine_before is None or self.cosine_after is None:
            return line
        turned = f" before turning, {self.cosine_after:.3f} after" if self.aligned else ""
        return f"{line}; mean cosine of the shared {self.cosine_before:.3f}{turned}"

    def __str__(self) -> str:
        return self.describe()


@dataclass(frozen=True, eq=False)
class Merged:
    """A table of the keys of both, and how well they fitted."""

    table: Table
    report: MergeReport


@dataclass(frozen=True, eq=False)
class _Match:
    """Where the keys of the second table go."""

    first: Int64[np.ndarray, "shared"]  # the rows there of the shared keys
    second: Int64[np.ndarray, "shared"]  # their rows here
    added: Int64[np.ndarray, "added"]  # the rows of the keys that the first table does not know


def merge(first: Table, second: Table, *, conflict: Conflict = "first", align: bool = True) -> Merged:
    """Join two tables of one dim: the keys of `first` in their order, then the new ones of `second`.

    Args:
        first: Gives the space; its rows are not turned.
        second: Its rows are turned, by the rotation (or reflection) that brings the shared keys nearest
            to the first table: orthogonal Procrustes on unit vectors (Schoenemann 1966; Xing et al.
            2015). Distances and angles within it stay.
        conflict: Which vector a shared key gets: that of the first table, the second, or the mean.
        align: Whether to turn; False for tables that share a space already.

    Counts are added where both tables have them. Context rows are turned with the others, and kept if both
    tables have one for each key; the state of an optimiser is dropped, for its sums belong to directions
    that are no more. Raises ShapeError for unequal dims, and RecipeError for tables with subwords or
    fewer shared keys than dim, which do not fix a rotation.

    >>> keys, rng = [f"k{i}" for i in range(9)], np.random.default_rng(1)
    >>> rows = rng.standard_normal((9, 4)).astype(np.float32)
    >>> turned = rows @ np.linalg.qr(rng.standard_normal((4, 4)))[0].astype(np.float32)
    >>> merged = merge(Table.from_arrays(keys[:6], rows[:6]), Table.from_arrays(keys, turned))
    >>> bool(np.allclose(merged.table["k8"], rows[8], atol=1e-5)), merged.report.describe()
    (True, '6 keys shared, 3 added; mean cosine of the shared ... before turning, 1.000 after')
    """
    check_choice("conflict", conflict, ("first", "second", "mean"))
    words = _plain_words(first, "first"), _plain_words(second, "second")
    if first.dim != second.dim:
        raise ShapeError(
            f"tables to merge must have one dim, but have {first.dim} and {second.dim}; train one anew"
        )
    match = _matched(*words)
    rotation = np.eye(first.dim)
    if align:
        _check_shared(match, first.dim)
        rotation = procrustes(_unit(second.store, match.second), _unit(first.store, match.first))
    report = _report(first, second, match, rotation, align)
    context = None
    if first.context is not None and second.context is not None and _by_key(first) and _by_key(second):
        context = DenseStore(_joined(first.context, second.context, match, rotation, conflict))
    metadata = {
        **{name: first.metadata[name] for name in ("recipe",) if name in first.metadata},
        "merged": {"first": dict(first.metadata), "second": dict(second.metadata), **asdict(report)},
    }
    store = DenseStore(_joined(first.store, second.store, match, rotation, conflict))
    return Merged(Table(_joined_words(*words, match), store, metadata, context), report)


def procrustes(source: Float64[np.ndarray, "n dim"], target: Float64[np.ndarray, "n dim"]) -> Rotation:
    """The orthogonal matrix R for which source @ R is nearest to target (Schoenemann 1966).

    >>> procrustes(np.eye(2), np.array([[0.0, 1.0], [-1.0, 0.0]]))
    array([[ 0.,  1.],
           [-1.,  0.]])
    """
    left, _, right = np.linalg.svd(source.T @ target)
    rotation: Rotation = left @ right
    return rotation


def _plain_words(table: Table, which: str) -> Words:
    if not isinstance(table.vocabulary, Words):
        raise RecipeError(
            f"merging needs tables of plain words, but the {which} has {type(table.vocabulary).__name__}: "
            "rows of parts cannot be matched key by key; merge Table.from_arrays(table.keys, table.vectors)"
        )
    return table.vocabulary


def _matched(first: Words, second: Words) -> _Match:
    found = first.find_all(second.keys)
    shared = np.flatnonzero(found >= 0)
    return _Match(found[shared], shared, np.flatnonzero(found < 0))


def _check_shared(match: _Match, dim: int) -> None:
    if len(match.first) < dim:
        raise RecipeError(
            f"aligning needs at least dim = {dim} keys that both tables know, but they share "
            f"{len(match.first)}; pass align=False if they share a space already"
        )


def _unit(store: Store, rows: RowIds) -> Float64[np.ndarray, "n dim"]:
    """The rows with length one, so that frequent keys with long rows do not decide alone."""
    vectors = store.gather(rows).astype(np.float64)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(lengths > 0, lengths, 1.0)


def _by_key(table: Table) -> bool:
    return table.context is not None and table.context.shape[0] == len(table)


def _report(first: Table, second: Table, match: _Match, rotation: Rotation, align: bool) -> MergeReport:
    before = after = None
    if len(match.first):
        ours, theirs = _unit(first.store, match.first), _unit(second.store, match.second)
        before = float((ours * theirs).sum(axis=1).mean())
        after = float((ours * (theirs @ rotation)).sum(axis=1).mean())
    return MergeReport(len(match.first), len(match.added), align, before, after)


def _joined(first: Store, second: Store, match: _Match, rotation: Rotation, conflict: Conflict) -> Vectors:
    """The rows of the first store, then those added of the second, turned."""
    num_first = first.shape[0]
    joined = np.empty((num_first + len(match.added), first.shape[1]), np.float32)
    joined[:num_first] = first.gather(np.arange(num_first))
    for start in range(0, len(match.added), ROWS_A_STEP):
        rows = match.added[start : start + ROWS_A_STEP]
        joined[num_first + start :][: len(rows)] = second.gather(rows) @ rotation
    if conflict != "first":
        share = 1.0 if conflict == "second" else 0.5
        for start in range(0, len(match.first), ROWS_A_STEP):
            part = slice(start, start + ROWS_A_STEP)
            turned = second.gather(match.second[part]) @ rotation
            joined[match.first[part]] = (1 - share) * joined[match.first[part]] + share * turned
    return joined


def _joined_words(first: Words, second: Words, match: _Match) -> Words:
    counts: Counts | None = None
    if first.counts is not None and second.counts is not None:
        counts = np.concatenate([first.counts, second.counts[match.added]])
        counts[match.first] += second.counts[match.second]
    return Words.from_keys(
        first.keys.followed_by(second.keys.take(match.added)),
        counts=counts,
        unknown_key=first.unknown_key,
        missing=first.missing,
    )
