"""``rowspace dimension``, on an app of its own."""

from __future__ import annotations

import json

import pytest
import typer
from typer.testing import CliRunner

from rowspace.cli.dimension import dimension
from rowspace.errors import FormatError


@pytest.fixture
def run():
    app = typer.Typer()
    app.command()(dimension)
    return lambda *arguments: CliRunner().invoke(app, [*map(str, arguments)])


def test_one_json_object(run, text, tmp_path):
    pairs = tmp_path / "pairs.txt"
    pairs.write_text("red green 9\nred dog 1\ncat dog 8\n")
    result = run(text, "--max-dim", 8, "--pairs", pairs, "--threads", 1, "--json", "--quiet")
    assert result.exit_code == 0, result.output
    facts = json.loads(result.stdout)
    assert (facts["dims"], facts["recommended"], facts["deciding"]) == ([8], 8, "agreement")
    assert len(facts["measures"]["pairs"]) == 1


def test_a_table_for_people_and_a_picture(run, text, tmp_path):
    pytest.importorskip("matplotlib")
    result = run(text, "--max-dim", 8, "--threads", 1, "--quiet", "--plot", tmp_path / "curve.png")
    assert result.exit_code == 0, result.output
    assert "recommended: 8" in result.stdout
    assert (tmp_path / "curve.png").read_bytes()[1:4] == b"PNG"


def test_a_picture_that_cannot_be_written_is_refused_before_the_work(run, tmp_path):
    pytest.importorskip("matplotlib")
    result = run(tmp_path / "missing.txt", "--plot", tmp_path / "curve.doc")
    assert isinstance(result.exception, FormatError)
