"""Lines, their numbers, and the errors that name them."""

from __future__ import annotations

import pytest

from rowspace.errors import EvaluationError, FileAccessError
from rowspace.evaluation.lines import numbered_blocks, numbered_lines, set_files, set_name


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_blank_lines_comments_marks_and_line_ends(tmp_path, end):
    path = tmp_path / "test.txt"
    path.write_bytes("\ufeff# a comment\n\n  a b \u0085 c\nlast".replace("\n", end).encode())
    assert numbered_lines(path) == [(3, "a b \u0085 c"), (4, "last")]


def test_blocks_end_at_blank_lines(tmp_path):
    path = tmp_path / "test.txt"
    path.write_text("\n\na\n# a comment ends none\nb\n \n\nc\n\n")
    assert numbered_blocks(path) == [[(3, "a"), (5, "b")], [(8, "c")]]


def test_a_folder_stands_for_its_text_files(tmp_path):
    (tmp_path / "inner").mkdir()
    for name in ("inner/b.txt", "a.txt", "c.dat"):
        (tmp_path / name).touch()
    assert set_files(tmp_path) == [tmp_path / "a.txt", tmp_path / "inner" / "b.txt"]
    assert set_files(tmp_path / "c.dat") == [tmp_path / "c.dat"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(EvaluationError, match=r"empty: a folder of test sets needs a \.txt file"):
        set_files(tmp_path / "empty")


def test_names():
    assert set_name("sets/EN-WS-353.txt", "pairs") == "EN-WS-353"
    assert set_name({"a": "b"}, "categories") == "categories"


def test_bytes_that_are_no_utf8(tmp_path):
    path = tmp_path / "test.txt"
    path.write_bytes(b"fine\ncaf\xe9 1\n")
    with pytest.raises(EvaluationError, match=r"test\.txt: line 2 must be UTF-8, but byte 4 is not"):
        numbered_lines(path)


def test_paths_that_cannot_be_read(tmp_path):
    for path in (tmp_path, tmp_path / "missing.txt"):
        with pytest.raises(FileAccessError, match=str(path)):
            numbered_lines(path)
