"""How a training is run: threads, and switches that contradict each other."""

from __future__ import annotations

from dataclasses import fields
from typing import get_type_hints

import pytest

from rowspace.errors import RecipeError
from rowspace.training.settings import FitOptions, Settings, usable_cores


def test_by_default_every_core_works():
    assert Settings().workers == Settings().readers == usable_cores() >= 1


def test_a_deterministic_run_trains_with_one_worker_but_counts_with_all():
    settings = Settings(threads=6, deterministic=True)
    assert (settings.readers, settings.workers) == (6, 1)


@pytest.mark.unchecked
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"threads": 0}, "threads must be a whole number from 1"),
        ({"threads": 2.0}, "threads must be a whole number"),
        ({"checkpoint_minutes": 0}, "checkpoint_minutes must be a number above 0"),
        ({"resume": True}, "resume=True needs a file"),
    ],
)
def test_settings_out_of_range_are_refused(options, message):
    with pytest.raises(RecipeError, match=message):
        Settings(**options)


@pytest.mark.parametrize("wanted", [True, False])
def test_progress_is_shown_where_asked_for(wanted):
    assert Settings(progress=wanted).shows_progress is wanted


@pytest.mark.parametrize("terminal", [True, False])
def test_by_default_progress_is_for_terminals(monkeypatch, terminal):
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal)
    assert Settings().shows_progress is terminal


def test_no_checkpoint_is_opened_unasked():
    assert Settings().open_checkpoint() is None


def test_the_options_of_fit_are_those_that_are_checked():
    assert set(get_type_hints(FitOptions)) == {entry.name for entry in fields(Settings)}
