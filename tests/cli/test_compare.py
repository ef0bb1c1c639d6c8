"""``rowspace compare`` prints what the function of that name finds."""

from __future__ import annotations

import json

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

import rowspace
from rowspace.cli import compare as verb
from rowspace.cli.failure import Verbs


@pytest.fixture
def run():
    """Run the verb as part of an app of its own."""
    app = typer.Typer(cls=Verbs)
    app.callback()(lambda: None)
    app.command("compare", cls=verb.Command)(verb.compare)
    return lambda *arguments: CliRunner().invoke(app, ["compare", *map(str, arguments)])


@pytest.fixture
def other(tmp_path, family):
    """The table of `family` with its vectors in another order."""
    table = rowspace.open(family)
    return rowspace.write(
        rowspace.Table.from_arrays(table.keys, np.roll(table.vectors, 1, axis=0)), tmp_path / "other.rows"
    )


@pytest.fixture
def flags(tmp_path):
    """A file for each flag, two for one."""
    texts = {
        "one.txt": "man king 9\nman café 1\nking café 2\nwoman zzz 5\n",
        "two.txt": "man king 1\nman café 1.5\nking café 2\n",
        "questions.txt": ": family\nman king woman queen\nking man queen woman\n",
        "kinds.csv": "word,category\nman,person\nwoman,person\ncafé,place\nnew_york,place\n",
        "odd.txt": "man king queen café\n",
        "pairs.tsv": ": royal\nman\tking\nwoman\tqueen/ruler\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    one, two, questions, kinds, odd, pairs = (tmp_path / name for name in texts)
    return [
        "--similarity", one, two, "--analogies", questions, "--categories", kinds,
        "--odd-one-out", odd, "--relations", pairs,
    ]  # fmt: skip


def test_json_is_the_report(run, family, other, flags):
    result = run(family, other, *flags, "--json")
    assert result.exit_code == 0, result.output
    printed = json.loads(result.stdout)
    expected = rowspace.evaluation.compare(
        rowspace.open(family),
        rowspace.open(other),
        similarity=flags[1:3],
        analogies=[flags[4]],
        categories=[flags[6]],
        odd_one_out=[flags[8]],
        relations=[flags[10]],
        names=(str(family), str(other)),
    )
    assert printed == expected.to_dict()
    kinds = ["similarity", "similarity", "analogies", "categories", "odd one out", "relations"]
    assert [each["kind"] for each in printed["comparisons"]] == kinds


def test_a_table_for_people(run, family, other, flags):
    lines = run(family, other, *flags).stdout.splitlines()
    assert lines[0] == f"A = {family}, B = {other}"
    assert len({len(line) for line in lines[1:8]}) == 1
    assert lines[2].split()[:4] == ["similarity", "one", "3", "4"]
    assert "two: no difference that these 3 pairs could show" in lines


def test_limit(run, family, other, flags):
    result = run(family, other, *flags, "--limit", 2, "--json")
    assert result.exit_code == 0, result.output
    assert [each["shared"] for each in json.loads(result.stdout)["comparisons"]] == [0, 0, 0, 2, 0, 0]


@pytest.mark.parametrize("arguments", [[], ["--limit", "5"]])
def test_without_a_test_set(run, family, other, arguments):
    result = run(family, other, *arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith("rowspace: error: a test set is needed")
    assert "--odd-one-out" in result.stderr


def test_a_malformed_set_is_one_line(run, family, other, tmp_path):
    (tmp_path / "bad.txt").write_text("only-one-word\n")
    result = run(family, other, "--categories", tmp_path / "bad.txt")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    assert "bad.txt: line 1" in result.stderr
