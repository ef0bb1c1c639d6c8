"""What was measured at each dim, the dim that is recommended, and what the usual rules would have said."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float64

from rowspace.errors import EvaluationError, ShapeError
from rowspace.maps.canvas import COLORS, INK, MARKERS, PALE, PAPER, Figure, blank, head_, style_
from rowspace.maps.lettering import one_line, set_letters_

COLUMN_OF = 4  # measures; more of them stand in two columns
BAND = "#cfe3d8"
CLOSE = 1.2  # ticks whose dims differ by less than this factor would run into each other

Values = Float64[np.ndarray, "dims"]


@runtime_checkable
class Measured(Protocol):
    """What a sweep over dims must know of itself, as `selection.choose_dim` returns it."""

    @property
    def dims(self) -> list[int]:
        """The dims, rising."""
        ...

    @property
    def measures(self) -> dict[str, list[float | None]]:
        """A value for each dim by name; None where it was not measured."""
        ...

    @property
    def recommended(self) -> int:
        """The dim to take."""
        ...

    @property
    def flat(self) -> tuple[int, int]:
        """The least and the largest dim between which nothing is to be gained."""
        ...

    @property
    def reason(self) -> str:
        """Why."""
        ...

    @property
    def rules(self) -> dict[str, int]:
        """The dims of the usual rules, by name."""
        ...

    @property
    def warnings(self) -> list[str]:
        """What is doubtful."""
        ...


def dimension_curve(curve: Measured) -> Figure:
    """Draw every measure over the dim (a logarithmic axis), with the recommended dim and the flat region.

    Each measure has its own panel and scale, since losses and correlations have nothing in common. Dims
    that were not measured have no point. Below the panels, the dims that the usual rules give.

    Raises EvaluationError for a curve without a dim or a measure, ShapeError for a measure that has not one
    value for each dim, and MissingExtraError without matplotlib.

    >>> from types import SimpleNamespace
    >>> curve = SimpleNamespace(
    ...     dims=[4, 8], measures={"loss": [2.0, 1.5]}, recommended=8, flat=(8, 8), reason="8 is the best",
    ...     rules={"fourth root": 6}, warnings=["still better at 8: try larger dims"],
    ... )
    >>> [text.get_text() for text in dimension_curve(curve).texts]
    ['Dimension: 8 is recommended', '8 is the best', 'Note: still better at 8: try larger dims']
    """
    _check(curve)
    measures = list(curve.measures.items())
    columns = 1 if len(measures) <= COLUMN_OF else 2
    lines, ruled = -(-len(measures) // columns), 0.25 * len(curve.rules) + 0.1
    figure = blank(8.5 * columns**0.6, 0.5 + 1.8 * lines + ruled)
    grid = figure.add_gridspec(lines + 1, columns, height_ratios=[1.8] * lines + [ruled])
    styles = zip(measures, cycle(COLORS), cycle(MARKERS), strict=False)
    for place, ((name, values), color, marker) in enumerate(styles):
        axes = figure.add_subplot(grid[place % lines, place // lines])
        is_last = place % lines == lines - 1 or place == len(measures) - 1
        style_(axes, x="dim" if is_last else "", y="")
        axes.set_title(one_line(name.replace("_", " "), 60), loc="left", fontsize=10, color=INK, pad=4)
        _draw_measure(axes, curve, _numbers(values), color, marker)
        _scale_(axes, curve, labeled=is_last)
    for column in range(columns if curve.rules else 0):
        _draw_rules(figure.add_subplot(grid[lines, column]), curve)
    low, high = curve.flat
    notes = [
        _sentence(curve.reason),
        f"Shaded: dim {low} to {high}, where the measure that decides is flat." if high > low else "",
    ]
    notes += [f"Note: {warning}" for warning in curve.warnings]
    head_(figure, f"Dimension: {curve.recommended} is recommended", *filter(None, notes))
    set_letters_(figure)
    return figure


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _check(curve: Measured) -> None:
    if not curve.dims or not curve.measures:
        raise EvaluationError(
            f"a curve needs at least one dim and one measure, but has {len(curve.dims)} and "
            f"{len(curve.measures)}; run choose_dim"
        )
    if min(curve.dims) < 1 or sorted(set(curve.dims)) != curve.dims:
        raise ShapeError(f"dims must be whole numbers from 1 on that rise, but are {curve.dims}")
    for name, values in curve.measures.items():
        if len(values) != len(curve.dims):
            raise ShapeError(
                f"a measure must have a value or None for each of {len(curve.dims)} dims, but {name!r} has "
                f"{len(values)}"
            )


def _numbers(values: Sequence[float | None]) -> Values:
    """The measured values, NaN where there is none."""
    numbers: Values = np.array([np.nan if value is None else value for value in values], np.float64)
    return np.where(np.isfinite(numbers), numbers, np.nan)


def _draw_measure(axes: Any, curve: Measured, values: Values, color: str, marker: str) -> None:
    """The measured points, joined over gaps, with the flat region and the recommended dim behind them."""
    low, high = curve.flat
    axes.axvspan(low / 1.02, high * 1.02, color=BAND, linewidth=0, zorder=0)
    axes.axvline(curve.recommended, color=INK, linewidth=1, linestyle="--", zorder=1)
    dims, measured = np.array(curve.dims), np.isfinite(values)
    if not measured.any():
        axes.set_yticks([])
        axes.text(0.5, 0.5, "not measured", transform=axes.transAxes, ha="center", va="center", color=PALE)
    axes.plot(dims[measured], values[measured], color=color, marker=marker, markersize=5, linewidth=1.6)
    axes.margins(y=0.14)


def _scale_(axes: Any, curve: Measured, *, labeled: bool) -> None:
    """A logarithmic axis with a tick at each dim, numbered where the numbers have room."""
    axes.set_xscale("log")
    axes.set_xlim(*_limits(curve))
    ticks = _apart(curve.dims, first=curve.recommended)
    axes.set_xticks(ticks, [str(dim) for dim in ticks] if labeled else [""] * len(ticks))
    axes.set_xticks([dim for dim in curve.dims if dim not in ticks], [], minor=True)
    if curve.recommended in ticks and labeled:
        axes.get_xticklabels()[ticks.index(curve.recommended)].set_fontweight("bold")


def _apart(dims: Sequence[int], *, first: int) -> list[int]:
    """Those dims, and `first` above all, that differ enough for numbers below them not to touch."""
    kept = [first]
    for dim in reversed(dims):
        if all(max(dim, other) >= CLOSE * min(dim, other) for other in kept):
            kept.append(dim)
    return sorted(kept)


def _limits(curve: Measured) -> tuple[float, float]:
    """Where the axis of dims begins and ends: all dims, what is recommended and the rules, with some room."""
    every = [*curve.dims, curve.recommended, *curve.flat, *curve.rules.values()]
    return min(every) / 1.15, max(every) * 1.15


def _draw_rules(axes: Any, curve: Measured) -> None:
    """A line of its own for each rule: a mark at its dim, and its name on the side that has room."""
    left, right = _limits(curve)
    axes.set_xscale("log")
    axes.set_xlim(left, right)
    axes.set_ylim(len(curve.rules) - 0.4, -0.6)
    axes.set_axis_off()
    axes.axvline(curve.recommended, color=INK, linewidth=1, linestyle="--")
    for line, (name, dim) in enumerate(sorted(curve.rules.items(), key=lambda rule: rule[1])):
        is_right = dim > (left * right) ** 0.5
        axes.plot(dim, line, marker="^", markersize=7, color=PALE)
        side = {"xytext": (-8 if is_right else 8, 0), "ha": "right" if is_right else "left", "va": "center"}
        axes.annotate(
            f"rule {one_line(name.replace('_', ' '), 60)}: {dim}", (dim, line), textcoords="offset points",
            fontsize=9, color=INK, backgroundcolor=PAPER, **side,
        )  # fmt: skip
