"""The command line as a whole: its verbs, its version, and how a process of it ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import rowspace

VERBS = ["analogy", "convert", "demo", "evaluate", "info", "nearest", "train"]


def test_help_names_every_verb(run):
    result = run("--help")
    assert result.exit_code == 0
    for verb in VERBS:
        assert f"\n  {verb} " in result.stdout


@pytest.mark.parametrize("verb", [[verb] for verb in VERBS] + [["train", "word2vec"]])
def test_every_verb_has_help(run, verb):
    result = run(*verb, "--help")
    assert result.exit_code == 0
    assert f"rowspace {' '.join(verb)}" in result.stdout.replace("root", "rowspace")


def test_version(run):
    assert run("--version").stdout == f"rowspace {rowspace.__version__}\n"


@pytest.mark.parametrize("wrong", [["nearest"], ["unheard-of"], ["nearest", "t.rows", "king", "-k", "0"]])
def test_usage_errors_end_with_code_two(run, wrong):
    result = run(*wrong)
    assert result.exit_code == 2
    assert "Error" in result.stderr


def process(*arguments, **options):
    command = [sys.executable, "-m", "rowspace", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **options)


def test_a_process_fails_with_one_line_and_no_traceback(tmp_path):
    result = process("nearest", tmp_path / "missing.rows", "king")
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert "missing.rows" in result.stderr


def test_a_closed_pipe_is_no_error_message(family):
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "rowspace", "nearest", str(family), "king"]
    result = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, timeout=60, check=False)
    os.close(writer)
    assert result.returncode == 141
    assert result.stderr == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_output_to_a_full_disk_is_reported(family):
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "rowspace", "nearest", str(family), "king"]
        result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, timeout=60, check=False)
    assert result.returncode == 2
    assert result.stderr.startswith(b"rowspace: error: No space left on device")


def test_a_terminal_without_the_letters_gets_escapes(family):
    result = process(
        "nearest", family, "new_york", "-k", "1", env={**os.environ, "PYTHONIOENCODING": "ascii"}
    )
    assert result.returncode == 0
    assert result.stdout.startswith("caf\\xe9  ")
