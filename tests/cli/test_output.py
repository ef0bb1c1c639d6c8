"""Printing: JSON that every parser takes, columns that line up."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from rowspace.cli import output


@dataclass
class Pair:
    left: int
    right: float


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (math.nan, None),
        (np.float32(math.inf), None),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (np.array([1.5, math.nan]), [1.5, None]),
        (Path("a/b"), "a/b"),
        (Pair(1, math.nan), {"left": 1, "right": None}),
        ({3: {"x": (1, 2)}}, {"3": {"x": [1, 2]}}),
        ("text", "text"),
        (None, None),
        (True, True),
    ],
)
def test_plain_gives_what_json_can_hold(value, expected):
    assert output.plain(value) == expected
    assert type(output.plain(value)) is type(expected)


def test_emit_prints_one_line_even_for_undecodable_keys(capsys):
    output.emit({"key": "caf\udce9\n", "score": math.nan})
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    assert json.loads(printed) == {"key": "caf\udce9\n", "score": None}


def test_notes_go_to_standard_error(capsys):
    output.note("a remark")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "a remark\n"


def test_columns_line_up_for_wide_and_combining_letters():
    lines = output.aligned([["東京", "1"], ["cafe\u0301", "22"], ["x", "333"]], right=[1]).split("\n")
    assert lines == ["東京    1", "cafe\u0301   22", "x     333"]


def test_no_column_ends_in_spaces():
    assert output.aligned([["a", "b"], ["aa", ""]]) == "a   b\naa"


@pytest.mark.parametrize(
    ("key", "expected"), [("\x1b[31m", "\\x1b[31m"), ("a b", "a b"), ("\ud800", "\\ud800")]
)
def test_shown_leaves_no_control_character(key, expected):
    assert output.shown(key) == expected


def test_file_bytes_adds_up_a_folder(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "a").write_bytes(b"12345")
    (tmp_path / "sub" / "b").write_bytes(b"678")
    assert output.file_bytes(tmp_path) == 8
    assert output.file_bytes(tmp_path / "a") == 5
