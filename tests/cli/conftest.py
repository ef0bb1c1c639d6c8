"""Running the command line in this process, and small files to run it on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from rowspace import Table, write
from rowspace.cli import app

Run = Callable[..., Any]


@pytest.fixture
def run() -> Run:
    """Run a verb with arguments."""

    def invoke(*arguments: object) -> Any:
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    return invoke


@pytest.fixture
def answer(run: Run) -> Callable[..., dict]:
    """Run a verb with --json and parse the one object that it must print."""

    def invoke(*arguments: object) -> dict:
        result = run(*arguments, "--json")
        assert result.exit_code == 0, result.output
        assert result.stdout.count("\n") == 1
        return json.loads(result.stdout)

    return invoke


@pytest.fixture
def refused(run: Run) -> Callable[..., str]:
    """Run a verb that must fail with code 2 and one line; return the line."""

    def invoke(*arguments: object) -> str:
        result = run(*arguments)
        assert isinstance(result.exception, SystemExit), result.exception
        assert result.exit_code == 2
        assert result.stdout == ""
        lines = result.stderr.splitlines()
        assert len(lines) == 1, lines
        assert lines[0].startswith("rowspace: error: ")
        return lines[0].removeprefix("rowspace: error: ")

    return invoke


@pytest.fixture
def family(tmp_path: Path) -> Path:
    """A .rows file in which man is to king as woman is to queen."""
    keys = ["man", "woman", "king", "queen", "café", "new_york"]
    vectors = np.array([[1, 0, 0], [1, 1, 0], [5, 0.1, 0], [5, 5, 0], [0, 0, 1], [0, 0.5, 1]], np.float32)
    table = Table.from_arrays(keys, vectors, counts=np.array([60, 50, 40, 30, 20, 10]))
    return write(table, tmp_path / "family.rows")


@pytest.fixture
def text(tmp_path: Path) -> Path:
    """Four hundred short lines in which colours keep company with colours, and animals with animals."""
    rng = np.random.default_rng(5)
    colors, animals = ["red", "green", "blue", "white", "black"], ["cat", "dog", "horse", "cow", "sheep"]
    lines = [" ".join(rng.choice(words, 8)) for _ in range(200) for words in (colors, animals)]
    path = tmp_path / "text.txt"
    path.write_text("\n".join(lines) + "\n")
    return path
