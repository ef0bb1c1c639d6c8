from __future__ import annotations

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from rowspace.cli import app
from rowspace.cli.verbs import SUMMARIES, Commands, made


@pytest.mark.parametrize("name", SUMMARIES)
def test_a_summary_is_the_first_sentence_of_the_verbs_help(name: str) -> None:
    command = made("rowspace.cli", name)
    assert command.name == name
    assert " ".join(command.help.split("\n\n")[0].split()) == SUMMARIES[name]


def test_commands_are_made_once_and_only_those_that_there_are() -> None:
    commands = Commands("rowspace.cli", SUMMARIES)
    assert list(commands) == list(SUMMARIES)
    assert len(commands) == len(SUMMARIES)
    assert commands["info"] is commands["info"]
    assert commands.get("fly") is None


def test_help_lists_every_verb_and_imports_none() -> None:
    program = (
        "import sys, typer.testing, rowspace.cli as cli;"
        "print(typer.testing.CliRunner().invoke(cli.app, ['--help']).output);"
        "assert 'rowspace.cli.info' not in sys.modules and 'rowspace.training' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    for name in SUMMARIES:
        assert f"  {name} " in done.stdout


def test_a_mistyped_verb_is_told_the_nearest_one() -> None:
    told = CliRunner().invoke(app, ["evalute"])
    assert told.exit_code == 2
    assert "evaluate" in told.output
