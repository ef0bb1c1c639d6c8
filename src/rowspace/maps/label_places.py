"""Where labels go: beside their points, over neither each other nor the points, in the picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
from jaxtyping import Bool, Float64

from rowspace.maps.canvas import PALE, Figure

Points = Float64[np.ndarray, "_ 2"]
Boxes = Float64[np.ndarray, "_ 4"]  # left, bottom, right, top, in pixels
Box = tuple[float, float, float, float]

POINT = 7.0  # pixels around a point that stay free
ROOM = np.array([-4.0, -1.0, 4.0, 1.0])  # pixels around a label
FAR = 11.0  # pixels from which a line leads from the label to its point
RING_STEP = 8  # pixels between the rings of places around a point
OVER_TEXT, OVER_POINTS = 10, 4  # so many rings further out a label may go for a line that crosses neither
LINE_STEP = 6.0  # pixels between the places at which such a line is looked at


def place_labels_(
    figure: Figure,
    axes: Any,
    points: Points,
    labels: Sequence[Any],
    *,
    others: Points | None = None,
    frame: Box | None = None,
) -> None:
    """Move each label (a Text of `axes`) to a free place near its point; the first labels choose first.

    Points are in data coordinates, and the limits of the axes are fixed from here on. No label covers a
    point of `points` or `others`. `frame`, by default the figure, is what the labels stay in, in pixels.
    """
    axes.autoscale(False)  # labels are placed in pixels: nothing that is drawn later may move the points
    to_pixels, to_data = axes.transData, axes.transData.inverted()
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]  # an Agg canvas, made by blank
    frame = frame or (0.0, 0.0, float(figure.bbox.width), float(figure.bbox.height))
    drawn = to_pixels.transform(points if others is None else np.concatenate([points, others]))
    marks, written = _around(drawn, POINT), np.empty((0, 4))
    for point, text in zip(to_pixels.transform(points), labels, strict=True):
        extent = text.get_window_extent(renderer)
        box = free_place(point, (float(extent.width), float(extent.height)), marks, written, frame)
        text.set_position(to_data.transform(box[:2] - ROOM[:2]))
        line = _line(point, box)
        written = np.concatenate([written, box[None], _around(line, 1)])
        if len(line):
            axes.plot(*to_data.transform(line[[0, -1]]).T, color=PALE, linewidth=0.6)


def free_place(
    point: Float64[np.ndarray, "2"], size: tuple[float, float], marks: Boxes, written: Boxes, frame: Box
) -> Float64[np.ndarray, "4"]:
    """The nearest box of this size that is in `frame` and off `marks` and `written`, else the nearest of all.

    A box whose line to its point crosses nothing goes before somewhat nearer ones.

    >>> nothing = np.empty((0, 4))
    >>> free_place(np.array([50.0, 50.0]), (20.0, 10.0), nothing, nothing, (0, 0, 100, 100))
    array([57., 44., 85., 56.])
    """
    boxes: Boxes = _places_around(point, size)
    inside = (boxes[:, :2] > frame[:2]).all(axis=1) & (boxes[:, 2:] < frame[2:]).all(axis=1)
    free: Boxes = boxes[inside & ~_overlapping(boxes, np.concatenate([marks, written])).any(axis=1)]
    beside = marks[~_overlapping(np.concatenate([point, point])[None], marks)[0]]  # not the point's own
    away = (np.linalg.norm(np.clip(point, free[:, :2], free[:, 2:]) - point, axis=1) / RING_STEP).astype(int)
    best: Float64[np.ndarray, "4"] = boxes[0]
    least = 1 << 30
    for box, rings in zip(free, away.tolist(), strict=True):
        if rings < least and (cost := rings + _cost(_line(point, box), written, beside)) < least:
            best, least = box, cost
    return best


def _cost(line: Points, written: Boxes, marks: Boxes) -> int:
    """The rings that a label may go further out for a line that crosses less."""
    steps = _around(line, 0)
    over_text, over_points = _overlapping(steps, written).any(), _overlapping(steps, marks).any()
    return OVER_TEXT * int(over_text) + OVER_POINTS * int(over_points)


def _line(point: Float64[np.ndarray, "2"], box: Float64[np.ndarray, "4"]) -> Points:
    """Places on the line from a point to the nearest of its label's box; none where they are close."""
    gap = np.clip(point, box[:2], box[2:]) - point
    length = float(np.hypot(*gap))
    steps = np.linspace(0, 1, 2 + int(length / LINE_STEP)) if length > FAR else np.empty(0)
    line: Points = point + steps[:, None] * gap
    return line


def _around(points: Points, distance: float) -> Boxes:
    """The squares around points."""
    return np.concatenate([points - distance, points + distance], axis=1)


def _overlapping(first: Boxes, second: Boxes) -> Bool[np.ndarray, "_ _"]:
    """Which boxes of the first share more than an edge with which of the second."""
    a, b = first[:, None], second[None]
    apart = (a[..., :2] >= b[..., 2:]) | (b[..., :2] >= a[..., 2:])
    return np.asarray(~apart.any(axis=-1))


def _places_around(point: Float64[np.ndarray, "2"], size: tuple[float, float]) -> Boxes:
    """Boxes for a label in widening rings, right and left of the point before above and below."""
    turns = (0, 8, 1, 15, 7, 9, 2, 14, 6, 10, 4, 12, 3, 13, 5, 11)  # sixteenths of a circle
    rings = np.array([*product(range(11, 200, RING_STEP), turns)], np.float64)
    angles = rings[:, 1] * (math.tau / 16)
    across = np.stack([np.cos(angles), np.sin(angles)], axis=1).round(12)
    corners = point + rings[:, :1] * across + (across - 1) * np.array(size) / 2
    boxes: Boxes = np.concatenate([corners, corners + size], axis=1) + ROOM
    return boxes
