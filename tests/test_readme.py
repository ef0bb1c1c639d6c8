"""The README's program runs as it stands, and its tree names what is there."""

from __future__ import annotations

import re
from pathlib import Path
from pydoc_data.topics import topics

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
README = (REPOSITORY / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    return [text for of_language, text in fenced if of_language == language]


def test_the_program_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    Path("corpus.txt").write_text(" ".join(topics.values()).lower(), "utf-8")
    program = "\n".join(blocks("python"))
    exec(compile(program, "README.md", "exec"), {})
    printed = capsys.readouterr().out
    assert re.match(r"\(\d{3,}, 100\) \[\d", printed), "the shape and the losses come first"
    assert "3 of 3 pairs covered" in printed


def test_the_tree_names_every_part_of_the_package_and_nothing_else():
    tree = next(block for block in blocks("") if block.startswith("src/rowspace/"))
    named = set(re.findall(r"^  (\w+)(?:/|\.py) ", tree, re.MULTILINE))
    package = REPOSITORY / "src" / "rowspace"
    present = {path.stem for path in package.iterdir() if path.is_dir() or path.suffix == ".py"}
    assert named == present - {"__init__", "__main__", "__pycache__"}
