"""The spectrum of a table: how much its vectors differ along each of their principal directions."""

from __future__ import annotations

from itertools import cycle
from typing import Any, NamedTuple

import numpy as np

from rowspace.errors import EvaluationError
from rowspace.evaluation.geometry.scan import scan_rows
from rowspace.evaluation.geometry.spectrum import Variances, component_variances, dims_for, effective_rank
from rowspace.maps.canvas import COLORS, INK, MARKERS, PALE, Figure, blank, head_, legend_, style_
from rowspace.maps.lettering import set_letters_
from rowspace.maps.named_tables import Tables, named
from rowspace.search import ExactIndex
from rowspace.search.neighbors import key_store
from rowspace.table import Table

MARKED_DIMS = 40
MUCH = 0.9  # of the variance


class Spectrum(NamedTuple):
    """How much finite vectors differ from their mean along each principal direction, falling."""

    variances: Variances
    rows: int
    left_out: int  # vectors with NaN or infinite values


def spectrum(tables: Tables, *, limit: int | None = None) -> Figure:
    """Draw the singular values of the centered vectors of the keys, and the variance that they add up to.

    One table, a sequence, or tables by name. Values are divided by the largest; the legend gives the
    effective rank, as `evaluation.geometry` does. A table with a few strong directions falls steeply;
    directions that it does not use are not drawn. Takes the first `limit` keys (default: all), leaves out
    vectors with NaN or infinite values and says so. Costs rows x dim^2 multiply-adds and memory for dim^2
    numbers.

    Raises EvaluationError for a table without two finite vectors that differ, and MissingExtraError
    without matplotlib.

    >>> table = Table.from_arrays(["a", "b", "c"], np.array([[3, 0], [-3, 1], [0, -1]], np.float32))
    >>> [text.get_text() for text in spectrum(table).axes[0].get_legend().get_texts()]
    ['table of dim 2: effective rank 1.69']
    """
    by_name = {name: spectrum_of(table, limit=limit) for name, table in named(tables).items()}
    figure = blank(10, 4.2)
    left, right = figure.subplots(1, 2)
    style_(left, x="principal direction", y="singular value (1 = the largest)")
    style_(right, x="number of principal directions", y="variance in them together (%)")
    for (name, found), color, marker in zip(by_name.items(), cycle(COLORS), cycle(MARKERS), strict=False):
        rank = effective_rank(np.sqrt(found.variances)) or 0.0
        label = f"{name}: effective rank {rank:.3g}"
        _draw((left, right), found, label, color, marker)
    smallest = [found.variances[found.variances > 0][-1] / found.variances[0] for found in by_name.values()]
    _dress(left, right, float(np.sqrt(min(smallest))))
    notes = [_note(name if len(by_name) > 1 else "", found) for name, found in by_name.items()]
    names = " and ".join(by_name) if len(by_name) <= 2 else f"{len(by_name)} tables"
    head_(figure, f"Spectrum of {names}", *notes)
    set_letters_(figure)
    return figure


def spectrum_of(table: Table, *, limit: int | None = None) -> Spectrum:
    """The variances of the first `limit` vectors; EvaluationError where there is nothing that differs."""
    scan = scan_rows(ExactIndex(key_store(table), limit=limit))
    variances, rows = component_variances(scan), int(scan.finite.sum())
    if not variances.sum() > 0:
        alike = (
            f"all {rows} are equal" if rows > 1 else f"{rows} of its {len(scan.finite)} vectors are finite"
        )
        raise EvaluationError(
            f"a spectrum needs a table with at least two finite vectors that differ, but {alike}; give a "
            "trained table"
        )
    return Spectrum(variances, rows, len(scan.finite) - rows)


def _draw(axes: tuple[Any, Any], found: Spectrum, label: str, color: str, marker: str) -> None:
    """One table: its values on the left axes, falling, and its summed variances on the right, rising."""
    left, right = axes
    directions = np.arange(1, len(found.variances) + 1)
    marked = marker if len(directions) <= MARKED_DIMS else None
    look = {"color": color, "linewidth": 1.6, "markersize": 4, "marker": marked}
    values = np.sqrt(found.variances / found.variances[0])
    left.plot(directions, np.where(values > 0, values, np.nan), label=label, **look)
    held = 100 * np.cumsum(found.variances) / found.variances.sum()
    right.plot([0, *directions], [0, *held], **look)
    enough = dims_for(found.variances, MUCH) or 1
    right.scatter(enough, held[enough - 1], s=60, facecolors="none", edgecolors=INK, zorder=3)


def _dress(left: Any, right: Any, lowest: float) -> None:
    """Scales, limits and the legend."""
    left.set_yscale("log")
    left.set_ylim(lowest / 1.3, 1.15)
    ticks = _round_numbers(lowest)
    left.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    left.set_yticks([], [], minor=True)
    legend_(left, loc="lower left")
    right.set_ylim(0, 103)
    right.axhline(100 * MUCH, color=PALE, linewidth=1, linestyle=":")
    for axes in (left, right):
        axes.locator_params(axis="x", integer=True)


def _round_numbers(lowest: float) -> list[float]:
    """The numbers on a logarithmic axis from `lowest` to 1: 1, 2, 5 of each decade, or only 1."""
    decades = range(-int(np.ceil(-np.log10(lowest))) - 1, 1)
    steps = (1, 2, 5) if lowest > 0.005 else (1,)
    return [
        number for decade in decades for step in steps if lowest / 1.3 <= (number := step * 10.0**decade) <= 1
    ]


def _note(name: str, found: Spectrum) -> str:
    """How many vectors, how many directions hold most of the variance, and what was left out."""
    enough = dims_for(found.variances, MUCH)
    unused = int((found.variances == 0).sum())
    parts = [
        f"{found.rows:,} vectors",
        f"{enough} of {len(found.variances)} directions hold {MUCH:.0%} of the variance (ring)",
        *([f"{unused} are not used"] if unused else []),
        *([f"{found.left_out:,} vectors with NaN or infinity left out"] if found.left_out else []),
    ]
    return f"{name}: {', '.join(parts)}" if name else ", ".join(parts)
