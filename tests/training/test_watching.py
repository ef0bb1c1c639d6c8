"""Validation, patience and hooks, as a user of `fit` meets them."""

from __future__ import annotations

import io
import sys

import numpy as np
import pytest

from rowspace.errors import RecipeError
from rowspace.training import Word2Vec, loop
from rowspace.training.held_out import HeldOut
from rowspace.training.hooks import HookFailedWarning

RECIPE = Word2Vec(dim=20, window=3, epochs=6, min_count=1, subsample=0)


@pytest.fixture
def scripted(monkeypatch):
    """Held-out losses as the test wants them, one an epoch."""

    def script(*losses: float) -> None:
        told = iter(losses)
        monkeypatch.setattr(HeldOut, "loss", lambda self, step: next(told))

    return script


def test_patience_ends_the_training_and_returns_the_best_rows(topics, scripted):
    scripted(3.0, 2.0, 2.5, 2.2)
    best = []
    table = RECIPE.fit(
        topics,
        threads=1,
        validation=topics,
        patience=2,
        context=True,
        hooks=[lambda moment: best.append(moment.table.vectors.copy())],
    )
    assert table.metadata["held_out_losses"] == [3.0, 2.0, 2.5, 2.2]
    assert table.metadata["best_epoch"] == 2 and len(table.metadata["losses"]) == 4
    assert table.metadata["ended_early"] == "the held-out loss has not improved for 2 epochs"
    np.testing.assert_array_equal(table.vectors, best[1])
    assert table.state == {} and table.context is not None


def test_patience_that_is_not_used_up_returns_the_best_rows_too(topics, scripted):
    scripted(3.0, 2.0, 2.5, 2.2, 2.1, 2.4)
    table = RECIPE.fit(topics, threads=1, validation=topics, patience=9)
    assert table.metadata["best_epoch"] == 2 and table.metadata["ended_early"] is None
    assert table.metadata["epochs_done"] == 6


def test_without_patience_all_epochs_run(topics, scripted):
    scripted(1.0, 2.0, 3.0, 4.0, 5.0, 6.0)
    table = RECIPE.fit(topics, threads=1, validation=topics)
    assert table.metadata["best_epoch"] is None and len(table.metadata["losses"]) == 6


def test_patience_needs_a_text(topics):
    with pytest.raises(RecipeError, match="validation is None"):
        RECIPE.fit(topics, patience=1)
    with pytest.raises(RecipeError, match="patience must be a whole number"):
        RECIPE.fit(topics, patience=0, validation=topics)


def test_a_training_that_ended_early_resumes_to_the_same_rows(topics, scripted, tmp_path):
    scripted(3.0, 2.0, 2.5)
    path = tmp_path / "run.rows"
    options = {"threads": 1, "validation": topics, "patience": 1, "checkpoint": path}
    first = RECIPE.fit(topics, **options)
    again = RECIPE.fit(topics, **options, resume=True)
    np.testing.assert_array_equal(first.vectors, again.vectors)
    assert again.metadata["best_epoch"] == 2 and len(again.metadata["losses"]) == 3
    with pytest.raises(RecipeError, match=r"conditions, but differs .* in early_stopping"):
        RECIPE.fit(topics, threads=1, validation=topics, checkpoint=path, resume=True)
    with pytest.raises(RecipeError, match=r"conditions, but differs .* in validation"):
        RECIPE.fit(topics, **{**options, "validation": topics[:9]}, resume=True)


def test_a_training_broken_off_goes_on_to_the_best_rows_of_an_unbroken_one(topics, scripted, tmp_path):
    losses = [3.0, 2.0, 2.5, 2.4, 2.3, 2.2]
    scripted(*losses)
    whole = RECIPE.fit(topics, threads=1, validation=topics, patience=9)

    def crash(moment):
        if moment.epoch == 4:
            raise KeyboardInterrupt  # leaves as Ctrl-C does: with a checkpoint

    path = tmp_path / "run.rows"
    options = {"threads": 1, "validation": topics, "patience": 9, "checkpoint": path}
    scripted(*losses)
    with pytest.warns(match="Ctrl-C ended the training after 4"):
        RECIPE.fit(topics, **options, hooks=[crash])
    scripted(*losses[4:])
    resumed = RECIPE.fit(topics, **options, resume=True)
    assert resumed.metadata["held_out_losses"] == losses and resumed.metadata["best_epoch"] == 2
    np.testing.assert_array_equal(resumed.vectors, whole.vectors)


def test_hooks_hear_every_epoch_and_see_the_rows(topics):
    moments, rows = [], []

    def note(moment):
        moments.append(moment)
        rows.append(moment.table["cat"])

    table = RECIPE.fit(topics, threads=1, validation=topics[:50], hooks=[note])
    assert [moment.epoch for moment in moments] == [1, 2, 3, 4, 5, 6]
    assert [moment.loss for moment in moments] == table.metadata["losses"]
    assert [moment.held_out_loss for moment in moments] == table.metadata["held_out_losses"]
    rates = [moment.learning_rate for moment in moments]
    assert rates == sorted(rates, reverse=True) and rates[-1] == pytest.approx(RECIPE.final_learning_rate)
    assert all(moment.words_per_second > 0 for moment in moments)
    assert moments[1].step == 2 * moments[0].step
    np.testing.assert_array_equal(rows[-1], table["cat"])
    assert (rows[0] != rows[-1]).any()


def test_hooks_are_told_at_pauses_too(topics, monkeypatch):
    monkeypatch.setattr(loop, "PAUSE_SHARE", 0)
    monkeypatch.setattr("rowspace.training.run.PAUSE_SECONDS", 0.0)
    epochs = []
    RECIPE.fit(topics, threads=1, hooks=[lambda moment: epochs.append(moment.epoch)])
    assert len(epochs) > 6 and epochs == sorted(epochs) and epochs[-1] == 6


def test_a_hook_ends_the_training_with_its_rows(topics):
    def enough(moment):
        return moment.epoch >= 2

    table = RECIPE.fit(topics, threads=2, hooks=[enough])
    assert table.metadata["epochs_done"] == 2 and table.metadata["ended_early"] == "hook enough"
    assert table.metadata["interrupted"] is False


def test_a_hook_that_raises_costs_no_rows(topics, tmp_path):
    def broken(moment):
        raise ValueError("no logger")

    plain = Word2Vec(dim=20, window=3, epochs=6, min_count=1, subsample=0)
    path = tmp_path / "run.rows"
    with pytest.warns(HookFailedWarning, match="broken raised ValueError: no logger"):
        table = plain.fit(topics, threads=1, hooks=[broken], checkpoint=path)
    assert table.metadata["epochs_done"] == 1 and np.isfinite(table.vectors).all()
    whole = plain.fit(topics, threads=1)
    resumed = plain.fit(topics, threads=1, checkpoint=path, resume=True)
    np.testing.assert_array_equal(resumed.vectors, whole.vectors)


def test_the_bar_shows_the_held_out_loss(topics, monkeypatch):
    shown = io.StringIO()
    monkeypatch.setattr(sys, "stderr", shown)
    monkeypatch.setattr("rowspace.training.progress.SHOW_AFTER_SECONDS", 0.0)
    RECIPE.fit(topics, threads=1, validation=topics[:50], progress=True)
    assert "held_out=" in shown.getvalue()
