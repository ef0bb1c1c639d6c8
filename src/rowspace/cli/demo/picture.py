"""A picture of groups of neighbouring words, flattened to two dimensions."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle, product
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32

from rowspace.arrays import Vectors
from rowspace.cli.output import shown
from rowspace.errors import MissingExtraError
from rowspace.table import Table

Points = Float32[np.ndarray, "rows 2"]
Box = tuple[float, float, float, float]  # left, bottom, right, top, in pixels

COLORS = ("#1f5fa8", "#c2571a", "#2f7d4f", "#8a3ea3", "#b0263c", "#5b6470", "#8a6d00", "#0f7f8a")
PAPER = "#fbfaf7"
INK = "#2b2b2b"
LONGEST_LABEL = 28  # letters


def draw(table: Table, groups: Mapping[str, Sequence[str]], path: Path, *, title: str) -> None:
    """Write a PNG of `groups` (name -> words), one colour each; MissingExtraError without matplotlib."""
    figure_type, canvas_type = _matplotlib()
    points = project(table.lookup([word for group in groups.values() for word in group]))
    colors = [color for (_, group), color in _colored(groups) for _ in group]
    figure = figure_type(figsize=(11, 8), dpi=130, facecolor=PAPER)
    canvas = canvas_type(figure)
    figure.text(0.04, 0.945, title, fontsize=17, weight="bold", color=INK)
    figure.text(0.04, 0.915, "the two directions in which these words differ most", fontsize=11, color=INK)
    axes = figure.add_axes((0.03, 0.06, 0.94, 0.84), facecolor=PAPER)
    axes.set_axis_off()
    axes.scatter(*points.T, s=26, c=colors, linewidths=0)
    axes.margins(0.09)
    axes.autoscale_view()
    axes.autoscale(False)  # labels are placed in pixels: nothing that is drawn later may move the points
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")  # a letter that the font lacks becomes a box
        _label(axes, canvas, points, groups)
        _legend(axes, groups)
        figure.savefig(path, facecolor=PAPER)


def project(vectors: Vectors) -> Points:
    """Two principal components of the vectors scaled to length one: float32 (rows, 2)."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    centered = vectors / np.maximum(lengths, np.finfo(np.float32).tiny)
    centered -= centered.mean(axis=0)
    left, sizes, _ = np.linalg.svd(centered, full_matrices=False)
    points = np.zeros((len(vectors), 2), np.float32)
    kept = min(2, len(sizes))
    points[:, :kept] = left[:, :kept] * sizes[:kept]
    return points


def _matplotlib() -> tuple[Any, Any]:
    """The figure and canvas classes: no pyplot, so no global state and no window system."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
        from matplotlib.figure import Figure  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError(
            "a picture needs matplotlib, which is not installed; pip install 'rowspace[viz]'"
        ) from error
    return Figure, FigureCanvasAgg


def _label(axes: Any, canvas: Any, points: Points, groups: Mapping[str, Sequence[str]]) -> None:
    """Write each word beside its point, at the nearest place where it covers nothing."""
    renderer, to_data = canvas.get_renderer(), axes.transData.inverted()
    frame = (float(canvas.figure.bbox.width), float(canvas.figure.bbox.height))
    pixels = axes.transData.transform(points).tolist()
    taken: list[Box] = [(x - 5, y - 5, x + 5, y + 5) for x, y in pixels]
    labels = [(word, word == name, color) for (name, group), color in _colored(groups) for word in group]
    # the names of the groups are placed first: they get the best places
    for (x, y), (word, is_name, color) in sorted(
        zip(pixels, labels, strict=True), key=lambda pair: not pair[1][1]
    ):
        style = {"size": 11, "color": color, "weight": "bold" if is_name else "normal"}
        text = axes.text(0, 0, _label_of(word), va="bottom", parse_math=False, **style)
        extent = text.get_window_extent(renderer)
        box = _free_place(x, y, float(extent.width), float(extent.height), taken, frame)
        taken.append(box)
        text.set_position(to_data.transform((box[0] + 4, box[1] + 1)))
        end = (min(max(x, box[0]), box[2]), min(max(y, box[1]), box[3]))
        if math.hypot(end[0] - x, end[1] - y) > 15:
            axes.plot(*to_data.transform([(x, y), end]).T, color=color, linewidth=0.6, alpha=0.6)


def _label_of(word: str) -> str:
    text = shown(word)
    return text if len(text) <= LONGEST_LABEL else f"{text[:LONGEST_LABEL]}…"


def _colored(groups: Mapping[str, Sequence[str]]) -> Iterator[tuple[tuple[str, Sequence[str]], str]]:
    yield from zip(groups.items(), cycle(COLORS), strict=False)


def _free_place(
    x: float, y: float, width: float, height: float, taken: Sequence[Box], frame: tuple[float, float]
) -> Box:
    """The first box of this size near (x, y) inside (0, 0, *frame) and off `taken`, else the first of all."""
    first: Box | None = None
    for left, bottom in _places_around(x, y, width, height):
        box = (left - 4, bottom - 1, left + width + 4, bottom + height + 1)
        first = first or box
        inside = box[0] > 0 and box[1] > 0 and box[2] < frame[0] and box[3] < frame[1]
        if inside and not any(_overlap(box, other) for other in taken):
            return box
    return first or (x, y, x, y)


def _places_around(x: float, y: float, width: float, height: float) -> Iterator[tuple[float, float]]:
    """Lower left corners in widening rings, right and left of the point before above and below."""
    turns = (0, 8, 1, 15, 7, 9, 2, 14, 6, 10, 4, 12, 3, 13, 5, 11)  # sixteenths of a circle
    for distance, turn in product(range(9, 150, 8), turns):
        angle = math.tau * turn / 16
        across, up = math.cos(angle), math.sin(angle)
        yield (
            x + distance * across + (across - 1) * width / 2,
            y + distance * up + (up - 1) * height / 2,
        )


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _legend(axes: Any, groups: Mapping[str, Sequence[str]]) -> None:
    """Name each group in its colour along the foot of the picture."""
    handles = [
        axes.scatter([], [], s=40, color=color, linewidths=0, label=f"near “{_label_of(name)}”")
        for (name, _), color in _colored(groups)
    ]
    legend = axes.legend(
        handles=handles, loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=len(groups), frameon=False
    )
    for text in legend.get_texts():
        text.set_parse_math(False)
