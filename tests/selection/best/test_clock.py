"""A budget that runs down."""

from __future__ import annotations

import pytest

from rowspace.errors import RecipeError
from rowspace.selection.best.clock import Clock


def test_time_is_spent():
    with Clock(1, progress=False) as clock:
        spent = clock.spent
        assert clock.spent > spent >= 0
        assert clock.left == pytest.approx(60, abs=5)
        clock.show("waiting")


def test_a_spent_budget_is_over():
    with Clock(1e-9, progress=False) as clock:
        assert clock.is_over and clock.left < 0


@pytest.mark.parametrize("minutes", [0, -1, float("nan"), float("inf"), "ten", True])
@pytest.mark.unchecked
def test_a_budget_is_a_time(minutes):
    with pytest.raises(RecipeError, match="budget"):
        Clock(minutes, progress=False)


def test_the_bar_says_what_is_done_and_what_is_left(capsys):
    with Clock(10, progress=True) as clock:
        clock._bar.delay = 0
        clock._bar.start_t -= 5
        clock.show("training")
        clock._bar.refresh()
    error = capsys.readouterr().err
    assert "training" in error and "min left" in error
