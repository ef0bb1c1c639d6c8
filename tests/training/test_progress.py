"""The bar shows what matters after a second, and nothing otherwise."""

from __future__ import annotations

import pytest

from rowspace.training import progress
from rowspace.training.loop import State
from rowspace.training.progress import Progress

STATE = State(epoch=1, span=3, losses=(3.0,), loss_sum=5.0, pairs=2.0)


def test_the_bar_tells_epoch_words_loss_and_time(capsys, monkeypatch):
    monkeypatch.setattr(progress, "SHOW_AFTER_SECONDS", 0.0)
    with Progress(True, num_ids=1_100, num_tokens=2_000, epochs=5) as bar:
        bar.report(STATE, 1_375)
    out, err = capsys.readouterr()
    assert out == ""
    for part in ("epoch 2/5", "2.50k/10.0k", "words/s", "loss=2.5000"):
        assert part in err


def test_between_epochs_the_last_loss_stands(capsys, monkeypatch):
    monkeypatch.setattr(progress, "SHOW_AFTER_SECONDS", 0.0)
    with Progress(True, num_ids=10, num_tokens=10, epochs=2) as bar:
        bar.report(State(epoch=2, losses=(3.0, 1.25)), 20)
    assert "epoch 2/2" in (err := capsys.readouterr().err) and "loss=1.2500" in err


@pytest.mark.parametrize("show", [True, False])
def test_a_short_training_is_silent(capsys, show):
    with Progress(show, num_ids=10, num_tokens=10, epochs=2) as bar:
        bar.report(STATE, 15)
    assert capsys.readouterr().err == ""


def test_a_resumed_bar_starts_where_training_was(capsys, monkeypatch):
    monkeypatch.setattr(progress, "SHOW_AFTER_SECONDS", 0.0)
    with Progress(True, num_ids=100, num_tokens=100, epochs=2, done=120):
        pass
    assert "120/200" in capsys.readouterr().err
