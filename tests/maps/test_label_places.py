"""Labels cover neither each other nor points."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.maps.canvas import blank
from rowspace.maps.label_places import free_place, place_labels_

pytest.importorskip("matplotlib")
FRAME = (0.0, 0.0, 1000.0, 1000.0)
NOTHING = np.empty((0, 4))


def overlap(one: np.ndarray, other: np.ndarray) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def test_labels_take_free_places():
    taken = NOTHING
    for _ in range(12):  # twelve words on one spot
        box = free_place(np.array([500.0, 500.0]), (60.0, 14.0), NOTHING, taken, FRAME)
        assert not any(overlap(box, other) for other in taken)
        taken = np.concatenate([taken, box[None]])


@pytest.mark.parametrize("point", [(995.0, 995.0), (2.0, 2.0), (995.0, 2.0), (2.0, 995.0)])
def test_labels_stay_in_the_frame(point):
    left, bottom, right, top = free_place(np.array(point), (60.0, 14.0), NOTHING, NOTHING, FRAME)
    assert left > 0
    assert bottom > 0
    assert right < 1000
    assert top < 1000


def test_without_any_free_place_the_nearest_is_taken():
    box = free_place(np.array([50.0, 50.0]), (200.0, 14.0), NOTHING, NOTHING, (0.0, 0.0, 100.0, 100.0))
    assert box[0] < 70


def test_a_line_to_a_label_goes_round_other_labels():
    """A wall on the right leaves places behind it free, but the line to them would cross the wall."""
    wall = np.array([[512.0, 400.0, 514.0, 600.0]])
    behind = free_place(np.array([500.0, 500.0]), (4.0, 4.0), NOTHING, wall, FRAME)
    assert behind[2] <= 512
    around = np.array([[0.0, 0.0, 494.0, 1000.0], [494.0, 506.0, 512.0, 1000.0], [494.0, 0.0, 512.0, 494.0]])
    only = free_place(np.array([500.0, 500.0]), (4.0, 4.0), around, wall, FRAME)
    assert only[0] >= 512  # better a crossed line than a covered label


def test_placed_labels_cover_no_label_and_no_point(overlaps, render):
    rng = np.random.default_rng(2)
    points, others = rng.random((30, 2)), rng.random((20, 2))
    figure = blank(8, 6, layout=None)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.scatter(*np.concatenate([points, others]).T)
    texts = [axes.text(0, 0, f"label {number}", va="bottom") for number in range(30)]
    place_labels_(figure, axes, points, texts, others=others)
    assert overlaps(figure, texts) == []
    pixels = axes.transData.transform(np.concatenate([points, others]))
    for text in texts:
        box = text.get_window_extent()
        assert not any(box.contains(*pixel) for pixel in pixels)
    render(figure)
