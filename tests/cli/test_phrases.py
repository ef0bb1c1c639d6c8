"""``rowspace phrases``: text in, text with joined phrases out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

TEXT = "we like new york of all\nnew york likes the state of the union\nthe state of the union is new\n" * 30


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_text(TEXT)
    return path


OPTIONS = ("--min-count", 1, "--threshold", 0.2)


def test_it_writes_the_joined_text(run, text, tmp_path) -> None:
    result = run("phrases", text, "-o", tmp_path / "out.txt", *OPTIONS)
    assert result.exit_code == 0, result.output
    assert "new_york" in (tmp_path / "out.txt").read_text().splitlines()[1]
    assert "new_york" in result.stdout and "out.txt" in result.stdout


def test_json_connectors_and_saved_phrases(answer, text, tmp_path) -> None:
    kept = tmp_path / "phrases.json"
    english = ("--connector", "english", "--passes", 2, "--save", kept)
    facts = answer("phrases", text, "-o", tmp_path / "one.txt", *OPTIONS, *english)
    joined = (tmp_path / "one.txt").read_text()
    assert "state_of_the_union" in joined
    assert facts["tokens"] == len(joined.split()) and facts["bytes"] == len(joined)
    assert facts["phrases"] == sum(map(len, json.loads(kept.read_text())["passes"]))
    answer("phrases", text, "-o", tmp_path / "two.txt", "--load", kept)
    assert (tmp_path / "two.txt").read_text() == joined


def test_quiet_says_nothing(run, text, tmp_path) -> None:
    assert run("phrases", text, "-o", tmp_path / "out.txt", "--quiet").output == ""


def test_what_cannot_be_is_refused_before_any_work(refused, text, tmp_path) -> None:
    assert "no file" in refused("phrases", tmp_path / "missing.txt", "-o", tmp_path / "out.txt")
    assert "does not exist" in refused("phrases", text, "-o", tmp_path / "no folder" / "out.txt")
    assert "threshold" in refused(
        "phrases", text, "-o", tmp_path / "out.txt", "--scoring", "npmi", "--threshold", 3
    )
    assert "phrases" in refused("phrases", text, "-o", tmp_path / "out.txt", "--load", text)
    assert not (tmp_path / "out.txt").exists()
