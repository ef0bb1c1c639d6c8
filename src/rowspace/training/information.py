"""Pointwise mutual information: how much more often two rows meet than chance would have it."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from jaxtyping import Float64

from rowspace.formats.cooccurrence_file import Cells
from rowspace.training.counting.cooccurrence import Cooccurrences

ROUNDING = 1e-6  # of the counts, which are float32: a smaller information is none

Terms = Float64[np.ndarray, "rows"]


def positive_information(pairs: Cooccurrences, *, smoothing: float, shift: float) -> Iterator[Cells]:
    """The positive cells of the shifted PMI matrix, max(0, log P(w, c) / (P(w) P_s(c)) - log shift).

    P_s(c), the probability of a context, is in proportion to its count to the power of `smoothing`: below 1
    it makes rare contexts look less informative than they are few. Goes through the pairs twice.
    """
    row_term, column_term = _information_terms(pairs, smoothing)
    row_term += math.log(shift)
    for cells in pairs.blocks():
        information = (
            np.log(cells.weights.astype(np.float64)) - row_term[cells.rows] - column_term[cells.columns]
        )
        kept = information > ROUNDING
        yield Cells(cells.rows[kept], cells.columns[kept], information[kept].astype(np.float32))


def _information_terms(pairs: Cooccurrences, smoothing: float) -> tuple[Terms, Terms]:
    """The logs of P(w), times the total, and of P_s(c): so that PMI = log count - row term - column term."""
    rows, columns = np.zeros(pairs.num_rows), np.zeros(pairs.num_rows)
    for cells in pairs.blocks():
        rows += np.bincount(cells.rows, cells.weights, minlength=len(rows))
        columns += np.bincount(cells.columns, cells.weights, minlength=len(columns))
    with np.errstate(divide="ignore"):  # what was never counted is in no cell
        return np.log(rows), smoothing * np.log(columns) - math.log(
            (columns**smoothing)[columns > 0].sum() or 1
        )
