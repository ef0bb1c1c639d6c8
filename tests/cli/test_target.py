"""Targets are checked before work starts."""

from __future__ import annotations

import pytest

from rowspace.cli.target import check_target
from rowspace.errors import FileAccessError, FormatError


@pytest.mark.parametrize("name", ["t.rows", "t.VEC", "t.bin"])
def test_known_suffixes_pass(tmp_path, name):
    check_target(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_chosen_format_needs_no_suffix(tmp_path):
    check_target(tmp_path / "table", "rows")


@pytest.mark.parametrize("name", ["table", "table.pickle"])
def test_other_suffixes_name_the_known_ones(tmp_path, name):
    with pytest.raises(FormatError, match=r"\.rows, \.txt"):
        check_target(tmp_path / name)


def test_a_folder_and_a_missing_folder(tmp_path):
    with pytest.raises(FileAccessError, match="folder"):
        check_target(tmp_path, "rows")
    with pytest.raises(FileAccessError, match="does not exist"):
        check_target(tmp_path / "no" / "t.rows")
