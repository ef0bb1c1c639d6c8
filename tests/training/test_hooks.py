"""Hooks: all are told, and an error of theirs costs no rows."""

from __future__ import annotations

import pytest

from rowspace.table import Table
from rowspace.training.hooks import HookFailedWarning, Moment, tell


@pytest.fixture
def moment(table: Table) -> Moment:
    return Moment(3, 1.5, 2.0, None, 0.01, 1e6, table)


def test_hooks_that_return_nothing_let_training_go_on(moment):
    heard = []
    assert tell([heard.append, lambda moment: False], moment) is None
    assert heard == [moment]


def test_one_that_returns_true_ends_it_after_all_are_told(moment):
    heard = []

    def enough(moment: Moment) -> bool:
        return moment.epoch > 1

    assert tell([enough, heard.append], moment) == "hook enough"
    assert heard == [moment]


def test_one_that_raises_ends_it_with_a_warning(moment):
    def broken(moment: Moment) -> None:
        raise ZeroDivisionError("by mistake")

    with pytest.warns(HookFailedWarning, match="hook broken raised ZeroDivisionError: by mistake"):
        assert tell([broken], moment) == "hook broken raised ZeroDivisionError"


def test_ctrl_c_in_a_hook_is_ctrl_c(moment):
    def interrupted(moment: Moment) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tell([interrupted], moment)
