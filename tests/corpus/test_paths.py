"""Paths: order, globs, and errors of the system."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rowspace.corpus.paths import expand, reading, shorten
from rowspace.errors import FileAccessError


def test_folders_and_globs_are_sorted(tmp_path: Path) -> None:
    for name in ("b", "a", "c/d", ".git/x"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    expected = [tmp_path / name for name in ("a", "b", "c/d")]
    assert expand(tmp_path) == expected
    assert expand(f"{tmp_path}/*") == expected
    assert expand(f"{tmp_path}/[ab]") == expected[:2]


def test_a_name_that_looks_like_a_glob_is_a_name(tmp_path: Path) -> None:
    (tmp_path / "a[1].txt").write_text("")
    assert expand(tmp_path / "a[1].txt") == [tmp_path / "a[1].txt"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("")
    (tmp_path / "secret").chmod(0)
    with (
        pytest.raises(FileAccessError, match="secret: cannot be read: Permission denied"),
        reading(tmp_path / "secret"),
    ):
        (tmp_path / "secret").read_text()


def test_reading_names_the_file_and_the_reason() -> None:
    with pytest.raises(FileAccessError, match="here: cannot be read: Permission denied"), reading("here"):
        raise PermissionError(13, "Permission denied")


def test_shorten() -> None:
    assert shorten("a" * 80) == "a" * 80
    assert shorten("a" * 81) == "a" * 77 + "..."
