"""A failing verb gives one line and an exit code."""

from __future__ import annotations

import pytest
import typer
from typer.testing import CliRunner

from rowspace.cli.failure import Verbs, describe
from rowspace.errors import FileAccessError, FormatError, UnknownKeyError


def run(error):
    app = typer.Typer(cls=Verbs, pretty_exceptions_enable=False)

    @app.command()
    def fail() -> None:
        raise error

    @app.command()
    def other() -> None: ...

    return CliRunner().invoke(app, ["fail"])


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (UnknownKeyError("no 'zzz'\nhere"), "no 'zzz' here"),
        (FormatError("x.rows", 12, "cut short"), "x.rows: byte 12: cut short"),
        (FileAccessError("x.rows is a folder"), "x.rows is a folder"),
        (PermissionError(13, "Permission denied", "y.txt"), "y.txt: Permission denied"),
        (OSError(28, "No space left on device"), "No space left on device"),
        (OSError("odd"), "odd"),
        (MemoryError("1 TB"), "not enough memory (1 TB)"),
    ],
)
def test_an_expected_error_is_one_line_and_code_two(error, line):
    result = run(error)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(f"rowspace: error: {line}")
    assert result.stderr.count("\n") == 1


def test_interrupt_is_code_130():
    result = run(KeyboardInterrupt())
    assert result.exit_code == 130
    assert result.stderr == "rowspace: interrupted\n"


def test_a_bug_is_not_hidden():
    assert isinstance(run(ZeroDivisionError("bug")).exception, ZeroDivisionError)


def test_describe_never_says_nothing():
    assert describe(OSError()) == "OSError"
