"""Hold chosen rows while the others learn: frozen where they were, or anchored to it.

Workers share rows without locks, so held rows move for a moment like all others; what the step did to them
is undone, wholly or in part, some thousand tokens later. Each worker does that for the rows that its own
tokens touched, after its last write to them. So a frozen row is bit for bit what it was whenever no worker
runs: at every pause, in every checkpoint, and in the table.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

import numpy as np
from jaxtyping import Float32, Int64, Integer

from rowspace.arrays import END, RowIds, Rows, Stream, Vectors
from rowspace.errors import RecipeError, ShapeError, UnknownKeyError
from rowspace.training.growing.appending import words_of
from rowspace.training.loop import Step
from rowspace.training.run import Prepared
from rowspace.training.spans import TokenSpans
from rowspace.vocabulary import Vocabulary, Words

FROZEN = math.inf  # the strength that leaves a row where it was
PIECE = 8_192  # ids between two pulls, about: in so few, held rows cannot go far

Ids = Int64[np.ndarray, "n"]


@dataclass(frozen=True, eq=False)
class Anchors:
    """Rows of a matrix that are held, where they were, and how firmly.

    After c occurrences a row x goes to x0 + (x - x0) (1 + rate x strength)^-c, x0 being where it was: c
    proximal steps of the penalty strength / 2 |x - x0|^2 at each occurrence. The powers multiply, so many
    short spans pull as one long span does.
    """

    matrix: Vectors  # moved in place
    start: Float32[np.ndarray, "held dim"]  # the held rows as they were
    places: Int64[np.ndarray, "rows"]  # of each row of the matrix in `start`, or -1
    strength: float

    @classmethod
    def of(cls, matrix: Vectors, held: RowIds, strength: float) -> Anchors:
        """Hold these rows where they are now."""
        places = np.full(len(matrix), -1)
        places[held] = np.arange(len(held))
        return cls(matrix, matrix[held], places, strength)

    def pull_(self, rows: Ids, occurrences: Ids, learning_rate: float) -> None:
        """Pull those of the rows that are held; each occurred so often at this rate."""
        held = self.places[rows] >= 0
        rows, occurrences = rows[held], occurrences[held]
        start = self.start[self.places[rows]]
        if self.strength == FROZEN:
            self.matrix[rows] = start
            return
        share = -np.expm1(-occurrences * math.log1p(learning_rate * self.strength))
        self.matrix[rows] += (start - self.matrix[rows]) * share[:, None].astype(np.float32)


@dataclass(frozen=True, eq=False)
class Hold:
    """Anchors, and what tells the rows of their matrix that a span touches and how often."""

    anchors: Anchors
    touched: Callable[[Stream], tuple[Ids, Ids]]


def hold(
    prepared: Prepared, *, frozen: Sequence[str] = (), anchored: Sequence[str] = (), strength: float = 0.0
) -> Prepared:
    """The same training, with the vectors of some keys held where they start.

    Held are center rows: of a key with subwords all its rows, which other keys share. Context rows learn
    on, so that they fit the rows that stay; but where the table is the sum or mean of the two matrices,
    the context rows of held keys are held too. Costs about 0.05 s for each million tokens.

    Raises UnknownKeyError for a key that the vocabulary does not hold, and RecipeError for one that is in
    both lists, or where the recipe does not read tokens.
    """
    if len(frozen) == 0 and len(anchored) == 0:
        return prepared
    if isinstance(frozen, str) or isinstance(anchored, str):
        raise ShapeError("frozen and anchored must be lists of keys, but one is a single string")
    if not isinstance(prepared.stream, TokenSpans):
        raise RecipeError("frozen and anchored need a recipe that trains on tokens, but this one does not")
    both = set(frozen) & set(anchored)
    if both:
        raise RecipeError(f"a key is frozen or anchored, but {min(both)!r} is both; choose one")
    vocabulary, matrices = prepared.vocabulary, prepared.matrices
    firm, loose = _words(vocabulary, frozen), _words(vocabulary, anchored)
    bags = None if isinstance(vocabulary, Words) else vocabulary.bags()
    firm_rows = _rows(firm, bags)
    loose_rows = np.setdiff1d(_rows(loose, bags), firm_rows)  # a part of a frozen key is frozen
    holds = [
        Hold(Anchors.of(matrices.center, firm_rows, FROZEN), partial(_rows_read, bags=bags)),
        Hold(Anchors.of(matrices.center, loose_rows, strength), partial(_rows_read, bags=bags)),
    ]
    if prepared.combine != "center":
        reads = partial(_every_row, num_rows=len(matrices.context))
        holds += [
            Hold(Anchors.of(matrices.context, firm, FROZEN), reads),
            Hold(Anchors.of(matrices.context, loose, strength), reads),
        ]
    holds = [one for one in holds if len(one.anchors.start)]
    conditions = {**prepared.conditions, "held": _digest(holds)}
    return replace(prepared, step=_held(prepared.step, holds), conditions=conditions)


def _words(vocabulary: Vocabulary, keys: Sequence[str]) -> RowIds:
    """The places of some keys; UnknownKeyError names the first that the vocabulary does not hold."""
    places = words_of(vocabulary).find_all(keys)
    if (places < 0).any():
        first = keys[int(np.argmax(places < 0))]
        raise UnknownKeyError(
            f"keys to hold must be in the vocabulary that is trained, but {first!r} is not "
            f"({int((places < 0).sum())} of {len(keys)} are not); leave them out, or pass vocabulary="
        )
    return places


def _rows(words: RowIds, bags: Rows | None) -> Int64[np.ndarray, "rows"]:
    """The distinct rows of some words."""
    if bags is None:
        return words
    rows, _ = _spread(words, np.ones(len(words), np.int64), bags)
    return rows


def _digest(holds: Sequence[Hold]) -> str:
    """What tells these held rows from others: a training that goes on must hold the same ones there."""
    digest = hashlib.blake2b(digest_size=16)
    for one in holds:
        digest.update(repr(one.anchors.strength).encode())
        digest.update(one.anchors.places.data)
        digest.update(one.anchors.start.data)
    return digest.hexdigest()


def _rows_read(ids: Stream, *, bags: Rows | None) -> tuple[Ids, Ids]:
    """The center rows that a span reads, and how often: those of its words."""
    words, counts = np.unique(ids[ids != END], return_counts=True)
    return (words.astype(np.int64), counts) if bags is None else _spread(words, counts, bags)


def _every_row(ids: Stream, *, num_rows: int) -> tuple[Ids, Ids]:
    """Every context row, and how often its word occurred: as noise any of them may have been drawn."""
    return np.arange(num_rows), np.bincount(ids[ids != END], minlength=num_rows)


def _spread(
    words: Integer[np.ndarray, "words"], counts: Int64[np.ndarray, "words"], bags: Rows
) -> tuple[Int64[np.ndarray, "rows"], Int64[np.ndarray, "rows"]]:
    """The distinct rows in the bags of some words, and how often each occurred."""
    starts, sizes = bags.offsets[words], bags.offsets[words + 1] - bags.offsets[words]
    within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    rows, places = np.unique(bags.ids[np.repeat(starts, sizes) + within], return_inverse=True)
    occurrences = np.bincount(places, weights=np.repeat(counts, sizes), minlength=len(rows))
    return rows, occurrences.astype(np.int64)


def _held(step: Step, holds: Sequence[Hold]) -> Step:
    def held(span: Stream, learning_rate: float, seed: int, position: int) -> tuple[float, float]:
        loss = pairs = 0.0
        for start, stop in _pieces(span):
            ids = span[start:stop]
            of_piece = step(ids, learning_rate, seed, position + start)
            loss, pairs = loss + of_piece[0], pairs + of_piece[1]
            if learning_rate > 0:
                for hold in holds:
                    hold.anchors.pull_(*hold.touched(ids), learning_rate)
        return loss, pairs

    return held


def _pieces(span: Stream) -> Iterator[tuple[int, int]]:
    """Cut a span behind the last END of every PIECE ids, or hard where no document ends."""
    cuts = [0]
    while len(span) - cuts[-1] > PIECE:
        ends = np.flatnonzero(span[cuts[-1] : cuts[-1] + PIECE] == END)
        cuts.append(cuts[-1] + (int(ends[-1]) + 1 if len(ends) else PIECE))
    return pairwise([*cuts, len(span)])
