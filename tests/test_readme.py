"""The README's program runs as it stands, and its tree names what is there."""

from __future__ import annotations

import re
import runpy
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


def test_the_tree_is_that_of_the_package():
    script = runpy.run_path(str(REPOSITORY / "scripts" / "tree.py"))
    assert script["with_tree"](README) == README, "python scripts/tree.py brings the README up to date"
    assert "word2vec.py" in README and "table.py" in README
