"""Loss curves from what trainings record, and from what they do not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rowspace.errors import EvaluationError
from rowspace.maps.loss_curve import history_of, loss_curve
from rowspace.table import Table
from rowspace.training import Word2Vec

pytest.importorskip("matplotlib")
TEXT = [["a", "rose", "is", "a", "rose"]] * 20


def recorded(losses: Any = (3.0, 2.0, 1.5), recipe: str = "Word2Vec", **metadata: Any) -> Table:
    """A table whose training left these losses."""
    table = Table.from_arrays(["a"], np.ones((1, 4), np.float32))
    losses = list(losses) if isinstance(losses, tuple) else losses
    return Table(table.vocabulary, table.store, {"losses": losses, "recipe": {"name": recipe}, **metadata})


def curves(figure) -> dict[str, list[float]]:
    return {line.get_label(): line.get_ydata().tolist() for axes in figure.axes for line in axes.lines}


def test_the_curves_are_the_recorded_losses(render):
    table = Word2Vec(dim=4, min_count=1, epochs=3).fit(TEXT, validation=TEXT, threads=1)
    figure = loss_curve(table)
    assert curves(figure) == {
        "training": table.metadata["losses"],
        "held-out text": table.metadata["held_out_losses"],
    }
    assert figure.axes[0].lines[0].get_xdata().tolist() == [1, 2, 3]
    assert "nats" in figure.axes[0].get_ylabel()
    render(figure, "svg", "pdf")


def test_a_ring_marks_the_least_held_out_loss():
    figure = loss_curve(recorded(held_out_losses=[3.5, None, 2.5, 2.9], best_epoch=3))
    (ring,) = figure.axes[0].collections
    assert ring.get_offsets().tolist() == [[3, 2.5]]
    assert "after epoch 3, whose rows were kept" in figure.texts[1].get_text()


def test_tables_by_name_and_in_a_row(render):
    figure = loss_curve({"first": recorded(), "$second$": recorded((2.5,), held_out_losses=[2.7])})
    assert list(curves(figure)) == ["first, training", "$second$, training", "$second$, held-out text"]
    render(figure)
    assert len(curves(loss_curve([recorded()] * 12))) == 12


def test_losses_of_another_unit_get_a_panel_of_their_own(render):
    figure = loss_curve([recorded(recipe="GloVe"), recorded(), recorded()])
    assert [axes.get_ylabel() for axes in figure.axes] == [
        "mean weighted squared error", "mean loss per pair (nats)",
    ]  # fmt: skip
    assert [len(axes.lines) for axes in figure.axes] == [1, 2]
    render(figure)


def test_one_epoch_and_gaps(render):
    render(loss_curve(recorded((2.0,))))
    figure = loss_curve(recorded((2.0, None, float("inf"), 1.0), held_out_losses=[None, None]))
    np.testing.assert_array_equal(curves(figure)["training"], [2, np.nan, np.nan, 1])
    assert "no text was held out" in figure.texts[1].get_text()
    render(figure)


@pytest.mark.parametrize("losses", [None, "3.0", [True], ["3.0"], {"1": 3.0}])
def test_a_table_from_elsewhere_has_no_losses(losses):
    with pytest.raises(EvaluationError, match="not trained by rowspace"):
        loss_curve(recorded(losses))
    with pytest.raises(EvaluationError, match="not trained by rowspace"):
        loss_curve(Table.from_arrays([], np.empty((0, 2), np.float32)))


def test_recipes_without_epochs_and_trainings_cut_short():
    with pytest.raises(EvaluationError, match="no epochs; draw its spectrum"):
        loss_curve(recorded((), "PPMI", interrupted=False))
    with pytest.raises(EvaluationError, match="no epoch was finished"):
        loss_curve(recorded((), interrupted=True))


def test_damaged_held_out_losses_are_left_out():
    history = history_of(recorded(held_out_losses="2.0", best_epoch="3"))
    assert len(history.held_out) == 0
    assert history.kept is None
