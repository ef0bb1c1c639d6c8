"""Where rows start, in Numba: the reference of this name says what it computes.

A row costs its texts and the labels that they have, however many labels there are.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from rowspace.arrays import Offsets, Vector, Vectors
from rowspace.kernels.reference.naive_bayes import Directions, Shares
from rowspace.kernels.reference.text_classifier import LabelIds
from rowspace.kernels.reference.text_features import EntryRows


def add_evidence_(
    vectors: Vectors,
    rows: EntryRows,
    offsets: Offsets,
    label_ids: LabelIds,
    label_offsets: Offsets,
    directions: Directions,
    shares: Shares,
    *,
    first_row: int,
    last_row: int,
    evidence: float,
) -> None:
    """Add `evidence` times the word of each row on each label times its direction, in place.

    Text t has the distinct rows rows[offsets[t]:offsets[t + 1]]. Rows from `first_row` to before `last_row`
    move; `directions` is (labels, dim).
    """
    starts = np.zeros(last_row + 1, np.int64)
    np.cumsum(np.bincount(rows, minlength=last_row)[:last_row], out=starts[1:])
    texts = np.empty(starts[-1], np.int32)
    _group(rows, offsets, last_row, starts, texts)
    everything = directions.sum(axis=0)
    _add(
        vectors, starts, texts, label_ids, label_offsets, directions, everything, shares,
        first_row, np.float32(evidence),
    )  # fmt: skip


@njit(nogil=True, cache=True)
def _group(rows: EntryRows, offsets: Offsets, last_row: int, starts: Offsets, texts: EntryRows) -> None:
    """Write the texts of each row; starts[r] moves to where those of r end and those of r + 1 begin."""
    for text in range(len(offsets) - 1):
        for entry in range(offsets[text], offsets[text + 1]):
            row = rows[entry]
            if row < last_row:
                texts[starts[row]] = text
                starts[row] += 1


@njit(nogil=True, cache=True)
def _add(
    vectors: Vectors, ends: Offsets, texts: EntryRows, label_ids: LabelIds, label_offsets: Offsets,
    directions: Directions, everything: Vector, shares: Shares, first_row: int, evidence: np.float32,
) -> None:  # fmt: skip
    counts = np.zeros(len(shares), np.float32)
    seen = np.empty(len(shares), np.int64)
    for row in range(first_row, len(ends) - 1):
        num_seen, begin = 0, ends[row - 1] if row > 0 else 0
        for entry in range(begin, ends[row]):
            for own in range(label_offsets[texts[entry]], label_offsets[texts[entry] + 1]):
                label = label_ids[own]
                if counts[label] == 0:
                    seen[num_seen] = label
                    num_seen += 1
                counts[label] += np.float32(1)
        vector = vectors[row]
        against = evidence * np.float32(math.log1p(ends[row] - begin))
        for d in range(len(vector)):
            vector[d] -= against * everything[d]
        for label in seen[:num_seen]:
            step = evidence * np.float32(math.log1p(counts[label] / shares[label]))
            for d in range(len(vector)):
                vector[d] += step * directions[label, d]
            counts[label] = np.float32(0)
