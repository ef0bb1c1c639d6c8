"""The curve of a sweep: its measures, its recommendation, and the usual rules."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from rowspace.errors import EvaluationError, ShapeError
from rowspace.maps.dimension_curve import dimension_curve

pytest.importorskip("matplotlib")


@dataclass(frozen=True)
class Sweep:
    """What a sweep leaves."""

    dims: list[int] = field(default_factory=lambda: [4, 8, 16, 32])
    measures: dict[str, list[float | None]] = field(
        default_factory=lambda: {"held_out_loss": [3.0, 2.0, 1.5, None], "similarity": [0.1, 0.2, 0.3, 0.3]}
    )
    recommended: int = 16
    flat: tuple[int, int] = (8, 16)
    reason: str = "it is the smallest dim within one standard error of the best"
    rules: dict[str, int] = field(default_factory=lambda: {"fourth root": 12, "min(600, 1.6 n^0.56)": 410})
    warnings: list[str] = field(default_factory=lambda: ["still better at 32: try larger dims"])


def panels(figure) -> dict[str, list[list[float]]]:
    """The points of each measure, by the name of its panel."""
    drawn = {axes.get_title(loc="left"): axes for axes in figure.axes}
    return {
        name: next(line for line in axes.lines if line.get_marker() != "None").get_xydata().tolist()
        for name, axes in drawn.items()
        if name
    }


def test_each_measure_has_a_panel_with_its_points(render):
    figure = dimension_curve(Sweep())
    assert panels(figure) == {
        "held out loss": [[4, 3.0], [8, 2.0], [16, 1.5]],
        "similarity": [[4, 0.1], [8, 0.2], [16, 0.3], [32, 0.3]],
    }
    assert all(axes.get_xscale() == "log" for axes in figure.axes)
    render(figure, "svg", "pdf")


def test_the_head_recommends_and_says_why():
    texts = " ".join(text.get_text() for text in dimension_curve(Sweep()).texts)
    assert "16 is recommended" in texts
    assert "It is the smallest dim within one standard error" in texts
    assert "dim 8 to 16" in texts
    assert "try larger dims" in texts


def test_the_flat_region_and_the_recommended_dim_are_marked():
    axes = dimension_curve(Sweep()).axes[0]
    (band,) = axes.patches
    assert band.get_x() < 8
    assert band.get_x() + band.get_width() > 16
    assert [16, 16] in [list(line.get_xdata()) for line in axes.lines]


@pytest.mark.parametrize("rules", [{}, {"one": 8}, {f"rule {number}": 100 + number for number in range(6)}])
def test_rules_are_marked_at_their_dims_and_their_names_apart(rules, overlaps, render):
    figure = dimension_curve(replace(Sweep(), rules=rules))
    texts = [text for axes in figure.axes for text in axes.texts]
    assert sorted(text.get_text() for text in texts) == sorted(f"rule {n}: {dim}" for n, dim in rules.items())
    assert overlaps(figure, texts) == []
    for axes in figure.axes:
        left, right = axes.get_xlim()
        assert all(left < dim < right for dim in (*rules.values(), 4, 32))
    render(figure)


@pytest.mark.parametrize("dims", [list(range(50, 300, 10)), [1], [1, 2, 3], [2, 1000]])
def test_numbers_below_the_axis_do_not_touch(dims, overlaps, render):
    sweep = replace(
        Sweep(),
        dims=dims,
        measures={"loss": [1.0] * len(dims)},
        recommended=dims[0],
        flat=(dims[0], dims[-1]),
    )
    figure = dimension_curve(sweep)
    numbers = figure.axes[0].get_xticklabels()
    assert str(dims[0]) in [number.get_text() for number in numbers]
    assert overlaps(figure, list(numbers)) == []
    render(figure)


@pytest.mark.parametrize("number", [1, 4, 5, 9])
def test_any_number_of_measures(number, overlaps, render):
    measures = {f"measure {place}": [1.0, 2.0, float("nan"), 3.0] for place in range(number)}
    figure = dimension_curve(replace(Sweep(), measures=measures))
    assert len(panels(figure)) == number
    titles = [axes.title for axes in figure.axes] + [axes._left_title for axes in figure.axes]
    assert overlaps(figure, [*titles, *figure.texts]) == []
    render(figure)


def test_a_measure_without_values(render):
    figure = dimension_curve(replace(Sweep(), measures={"loss": [None] * 4}))
    assert "not measured" in [text.get_text() for text in figure.axes[0].texts]
    render(figure)


def test_wrong_curves():
    with pytest.raises(EvaluationError, match="at least one dim"):
        dimension_curve(replace(Sweep(), dims=[], measures={}))
    with pytest.raises(EvaluationError, match="one measure"):
        dimension_curve(replace(Sweep(), measures={}))
    with pytest.raises(ShapeError, match="'loss' has 1"):
        dimension_curve(replace(Sweep(), measures={"loss": [1.0]}))
    for dims in ([0, 4, 8, 16], [8, 4, 16, 32], [4, 4, 8, 16]):
        with pytest.raises(ShapeError, match="rise"):
            dimension_curve(replace(Sweep(), dims=dims))


def test_values_keep_their_scale():
    """A wide range and a narrow one do not share an axis."""
    measures = {"wide": [1e6, 1e5, 1e4, 1e3], "narrow": [0.1, 0.11, 0.12, 0.13]}
    first, second, *_ = dimension_curve(replace(Sweep(), measures=measures)).axes
    assert np.diff(first.get_ylim()) > 1e5
    assert np.diff(second.get_ylim()) < 1
