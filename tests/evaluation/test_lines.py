"""Lines, their numbers, and the errors that name them."""

from __future__ import annotations

import pytest

from rowspace.errors import EvaluationError, FileAccessError
from rowspace.evaluation.lines import numbered_lines


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_blank_lines_comments_marks_and_line_ends(tmp_path, end):
    path = tmp_path / "test.txt"
    path.write_bytes("\ufeff# a comment\n\n  a b \u0085 c\nlast".replace("\n", end).encode())
    assert numbered_lines(path) == [(3, "a b \u0085 c"), (4, "last")]


def test_bytes_that_are_no_utf8(tmp_path):
    path = tmp_path / "test.txt"
    path.write_bytes(b"fine\ncaf\xe9 1\n")
    with pytest.raises(EvaluationError, match=r"test\.txt: line 2 must be UTF-8, but byte 4 is not"):
        numbered_lines(path)


def test_paths_that_cannot_be_read(tmp_path):
    for path in (tmp_path, tmp_path / "missing.txt"):
        with pytest.raises(FileAccessError, match=str(path)):
            numbered_lines(path)
