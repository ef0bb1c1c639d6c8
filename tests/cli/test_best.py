"""``rowspace best`` from text to a saved table."""

from __future__ import annotations

import json

import pytest
import typer
from typer.testing import CliRunner

import rowspace
from rowspace.cli.best import Command, best
from rowspace.cli.failure import Verbs


@pytest.fixture
def run():
    app = typer.Typer(cls=Verbs, rich_markup_mode=None)
    app.command("best", cls=Command)(best)
    app.callback()(lambda: None)
    return lambda *arguments: CliRunner().invoke(app, ["best", *map(str, arguments)])


FAST = ["--dim", "8", "--budget", "0.02", "--threads", "1"]


def test_json_tells_the_steps_and_the_table_answers_for_unknown_words(run, text, tmp_path):
    result = run(text, "-o", tmp_path / "best.rows", *FAST, "--json")
    assert result.exit_code == 0, result.stderr
    facts = json.loads(result.stdout)
    table = rowspace.open(tmp_path / "best.rows", verify=True)
    assert facts["dim"] == table.dim == 8
    assert facts["steps"] == table.metadata["steps"]
    assert "horses" not in list(table.keys) and "horses" in table


def test_a_report_for_people_and_text_for_others(run, text, tmp_path):
    result = run(text, "-o", tmp_path / "best.txt", *FAST)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines()[0].split() == ["step", "choice", "score", "gain"]
    assert len(rowspace.read(tmp_path / "best.txt")) == 10


def test_several_files_of_pairs(run, text, tmp_path):
    colors, animals = ["red", "green", "blue", "white", "black"], ["cat", "dog", "horse", "cow", "sheep"]
    words = colors + animals
    lines = [f"{x} {y} {int((x in colors) == (y in colors))}" for x in words for y in words if x < y]
    for name in ("one", "two"):
        (tmp_path / f"{name}.txt").write_text("\n".join(lines))
    files = [tmp_path / "one.txt", tmp_path / "two.txt"]
    result = run(text, "-o", tmp_path / "best.rows", *FAST, "--json", "--pairs", *files)
    assert result.exit_code == 0, result.stderr
    evidence = json.loads(result.stdout)["steps"][-1]["evidence"]
    assert {"one", "one, other half", "two", "two, other half"} <= set(evidence)


def test_what_cannot_be_written_is_said_before_any_work(run, text, tmp_path):
    result = run(text, "-o", tmp_path / "best.unknown", *FAST)
    assert result.exit_code == 2
    assert "suffix" in result.stderr
