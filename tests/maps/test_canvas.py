"""The empty figure and what all pictures share."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from rowspace.errors import MissingExtraError
from rowspace.maps.canvas import COLORS, PAPER, blank, check_extra, head_, settle_, style_

pytest.importorskip("matplotlib")


def contrast(color: str, paper: str = PAPER) -> float:
    """The contrast ratio of WCAG 2."""

    def luminance(name: str) -> float:
        parts = np.array([int(name[place : place + 2], 16) for place in (1, 3, 5)]) / 255
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return float(linear @ (0.2126, 0.7152, 0.0722))

    return (luminance(paper) + 0.05) / (luminance(color) + 0.05)


def seen(color: str, blindness: np.ndarray) -> np.ndarray:
    """A color as a dichromat sees it, in linear RGB (Machado et al. 2009, full severity)."""
    parts = np.array([int(color[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    return blindness @ np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


DEUTAN = np.array(
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
)
PROTAN = np.array(
    [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
)


@pytest.mark.parametrize("blindness", [DEUTAN, PROTAN], ids=["deutan", "protan"])
def test_the_first_colors_differ_for_the_color_blind(blindness):
    first = [seen(color, blindness) for color in COLORS[:6]]
    gaps = [np.linalg.norm(a - b) for place, a in enumerate(first) for b in first[:place]]
    assert min(gaps) > 0.08


def test_colors_stand_out_from_the_paper():
    assert all(contrast(color) > 2 for color in COLORS)


def test_a_head_keeps_the_axes_off(render):
    figure = blank(5, 4)
    axes = figure.add_subplot()
    style_(axes, x="x", y="y")
    below = head_(figure, "A title", "a line " * 30, "another")
    assert figure.get_size_inches()[1] * below == pytest.approx(4)  # the head came on top
    settle_(figure)
    top = axes.get_window_extent().y1
    assert len(figure.texts) > 4  # the long line was wrapped
    for text in figure.texts:
        box = text.get_window_extent()
        assert box.y0 > top
        assert box.x1 < figure.bbox.width
    render(figure)


@pytest.mark.parametrize("module", ["matplotlib.backends.backend_agg", "matplotlib.figure"])
def test_without_matplotlib_the_error_gives_the_remedy(monkeypatch, module):
    monkeypatch.setitem(sys.modules, module, None)
    for call in (check_extra, lambda: blank(1, 1)):
        with pytest.raises(MissingExtraError, match=r"pip install 'rowspace\[viz\]'"):
            call()
