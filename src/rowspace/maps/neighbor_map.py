"""A map of keys and their neighbors, flattened to two dimensions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle
from typing import Any

import numpy as np

from rowspace.errors import EvaluationError
from rowspace.maps.canvas import COLORS, INK, MARKERS, PAPER, Figure, blank, head_
from rowspace.maps.label_places import Box, place_labels_
from rowspace.maps.lettering import one_line, set_letters_
from rowspace.maps.projection import Points, flatten
from rowspace.search import Metric, nearest
from rowspace.table import Table

CROWD = 70  # labels; more of them are written smaller
ROOM = 1.18  # of the width that the points need

Groups = Mapping[str, Sequence[str]]  # a key -> the keys near it


def neighbor_map(
    table: Table,
    keys: str | Sequence[str],
    k: int = 10,
    *,
    metric: Metric = "cosine",
    limit: int | None = None,
) -> Figure:
    """Draw keys and the k nearest neighbors of each, in the two directions in which these differ most.

    A line joins each key with its neighbors. Two dimensions show a part of what sets keys apart: how much
    is said below the title, and distances on the map are no more exact than that. `limit` and `metric` are
    those of `nearest`. Raises UnknownKeyError, EvaluationError for no key or a key whose vector is not
    finite, and MissingExtraError without matplotlib.

    >>> table = Table.from_arrays(["a", "b", "c"], np.array([[1, 0], [1, 1], [0, 1]], np.float32))
    >>> figure = neighbor_map(table, "a", k=2)
    >>> sorted(text.get_text() for text in figure.axes[0].texts)
    ['a', 'b', 'c']
    """
    asked = list(dict.fromkeys([keys] if isinstance(keys, str) else keys))
    if not asked:
        raise EvaluationError(
            "a map needs at least one key, but none was given; name the keys to look around"
        )
    _check_finite(table, asked)
    found = nearest(table, asked, k=k, metric=metric, limit=limit)
    groups = {key: near.keys for key, near in zip(asked, found, strict=True)}
    names = ", ".join(one_line(key) for key in asked[:4]) + (", …" if len(asked) > 4 else "")
    return draw_groups(table, groups, title=f"Nearest neighbors of {names}", metric=metric)


def draw_groups(table: Table, groups: Groups, *, title: str, metric: Metric = "cosine") -> Figure:
    """Draw groups of keys (a name, which is a key too -> keys near it), one color and shape each."""
    places = _places(groups)
    points, share = flatten(table.lookup(list(places), missing="raise"), to_length_one=metric == "cosine")
    figure = blank(11, 7.4, layout=None)
    top = head_(figure, title, _note(len(places), share, metric))
    axes = figure.add_axes((0.03, 0.07, 0.94, top - 0.07), facecolor=PAPER)
    axes.set_axis_off()
    _draw_points(axes, points, groups, places)
    _scale_(axes, points)
    order = sorted(places, key=lambda key: key not in groups)  # names choose the best places for their labels
    size = 11 if len(order) <= CROWD else 9
    labels = [_label(axes, key, size, is_name=key in groups) for key in order]
    if len(groups) > 1:
        _legend(axes, groups)
    set_letters_(figure)
    place_labels_(figure, axes, points[[places[key] for key in order]], labels, frame=_frame(figure, top))
    return figure


def _check_finite(table: Table, keys: Sequence[str]) -> None:
    known = [key for key in keys if key in table]  # the search names those that are not
    finite = np.isfinite(table.lookup(known, missing="raise")).all(axis=1)
    for key, is_finite in zip(known, finite, strict=True):
        if not is_finite:
            raise EvaluationError(
                f"a key on a map needs a finite vector, but that of {key!r} is not; leave it out"
            )


def _places(groups: Groups) -> dict[str, int]:
    """The place of each key among the points: names first, a key that is in two groups once."""
    every = [*groups, *(key for near in groups.values() for key in near)]
    return {key: place for place, key in enumerate(dict.fromkeys(every))}


def _note(keys: int, share: float, metric: Metric) -> str:
    scaled = " scaled to length one" if metric == "cosine" else ""
    return (
        f"the two directions in which these {keys} vectors{scaled} differ most: {share:.0%} of their variance"
    )


def _styled(groups: Groups) -> Iterator[tuple[str, Sequence[str], str, str]]:
    """Each group with its color and marker."""
    for (name, near), color, marker in zip(groups.items(), cycle(COLORS), cycle(MARKERS), strict=False):
        yield name, near, color, marker


def _draw_points(axes: Any, points: Points, groups: Groups, places: Mapping[str, int]) -> None:
    drawn: set[str] = set(groups)
    for name, near, color, marker in _styled(groups):
        start = points[places[name]]
        for key in near:
            axes.plot(*zip(start, points[places[key]], strict=True), color=color, linewidth=0.8, alpha=0.25)
        own = [places[key] for key in near if key not in drawn]
        drawn.update(near)
        axes.scatter(*points[own].T, s=26, color=color, marker=marker, linewidths=0, zorder=3)
        axes.scatter(*start, s=60, color=color, marker=marker, linewidths=1.2, edgecolors=INK, zorder=4)


def _scale_(axes: Any, points: Points) -> None:
    """Show all points with some room, and both directions at one scale."""
    box = axes.get_window_extent()
    low, high = points.min(axis=0), points.max(axis=0)
    per_pixel = ROOM * float(((high - low) / (box.width, box.height)).max()) or 1.0
    (x, y), (width, height) = (low + high) / 2, np.array((box.width, box.height)) * per_pixel / 2
    axes.set_xlim(x - width, x + width)
    axes.set_ylim(y - height, y + height)


def _label(axes: Any, key: str, size: int, *, is_name: bool) -> Any:
    weight = "bold" if is_name else "normal"
    return axes.text(0, 0, one_line(key), va="bottom", size=size, color=INK, weight=weight, zorder=5)


def _frame(figure: Figure, top: float) -> Box:
    """The part of the picture between the head and the legend, in pixels."""
    width, height = float(figure.bbox.width), float(figure.bbox.height)
    return 0.0, 0.05 * height, width, top * height


def _legend(axes: Any, groups: Groups) -> None:
    """Name each group in its color along the foot of the picture."""
    handles = [
        axes.scatter([], [], s=40, color=color, marker=marker, linewidths=0, label=f"near “{one_line(name)}”")
        for name, _, color, marker in _styled(groups)
    ]
    axes.legend(
        handles=handles, loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=4, frameon=False, labelcolor=INK
    )
