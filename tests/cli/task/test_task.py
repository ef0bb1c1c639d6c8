"""``rowspace task``: what each task has, and that listing them needs none of them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from rowspace.cli.task import TASKS
from rowspace.cli.verbs import made

MORE = {"classify": ["tune", "compress"], "generate": ["suggest", "prompt"]}


@pytest.mark.parametrize("name", TASKS)
def test_every_task_learns_predicts_and_is_scored(name: str) -> None:
    if name != "classify":
        pytest.importorskip("torch")
    command = made("rowspace.cli.task", name)
    assert " ".join(command.help.split("\n\n")[0].split()) == TASKS[name]
    assert {*command.commands} == {"fit", "predict", "evaluate", *MORE.get(name, [])}
    for verb in command.commands.values():
        assert verb.help
        assert "as_json" in [parameter.name for parameter in verb.params]


def test_listing_the_tasks_imports_neither_torch_nor_numba() -> None:
    program = (
        "import sys, typer.testing, rowspace.cli as cli;"
        "print(typer.testing.CliRunner().invoke(cli.app, ['task', '--help']).stdout, *sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert all(name in result.stdout for name in TASKS)
    assert not {"torch", "numba"}.intersection(result.stdout.split())
