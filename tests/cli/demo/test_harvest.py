"""Harvesting docstrings: whatever lies in a folder, nothing runs and nothing stops it."""

from __future__ import annotations

import sys

import pytest

from rowspace.cli.demo.harvest import docstrings, harvest, words_of


@pytest.fixture
def library(tmp_path):
    """A folder like site-packages, with one good package among odd files."""
    package = tmp_path / "good"
    package.mkdir()
    (package / "__init__.py").write_text('"""Read the files of a folder."""\n')
    (package / "shapes.py").write_text(
        '''
"""Shapes that can be drawn."""
import rowspace_never_imports_this
raise SystemExit("harvested code must not run")

class Circle:
    """A round shape.

    >>> Circle()
    """
    async def draw(self):
        """Draw the shape."""
        def inner():
            """Hidden inner text."""
try:
    def fallback():
        """Only when missing."""
except ImportError:
    def fallback():
        """Read the files of a folder."""
x = """not a docstring"""
'''
    )
    (package / "tests").mkdir()
    (package / "tests" / "test_it.py").write_text('"""Tests are left out."""\n')
    (tmp_path / "lone.py").write_text('"""A lone module."""\n')
    return tmp_path


def texts(found):
    return [" ".join(document) for document in found.documents]


def test_docstrings_come_in_sorted_order_and_once(library):
    found = harvest([library])
    assert texts(found) == [
        "a lone module",
        "read the files of a folder",
        "shapes that can be drawn",
        "a round shape",
        "draw the shape",
        "hidden inner text",
        "only when missing",
    ]
    assert found.num_words == sum(map(len, found.documents)) == 26
    assert found.num_repeats == 1
    assert found.num_files == 3
    assert found.packages == {library.name: 3, "good": 23}
    assert "rowspace_never_imports_this" not in sys.modules


@pytest.mark.parametrize(
    "content",
    [
        b'"""Doc."""\ndef broken(:\n',
        b'"""caf\xe9"""\n',  # latin-1 without a cookie
        b'"""nul\x00 byte"""\n',
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)) + b'"""',
        b"# -*- coding: no-such-codec -*-\n" + b'"""Doc."""\n',
        b'"""Doc."""\nx = ' + b"(" * 5000 + b")" * 5000,
        b'"""Doc."""\nx = ' + b"-" * 200_000 + b"1",
        b'"""' + b"word " * 300_000 + b'"""',  # over a megabyte
    ],
    ids=["syntax", "latin-1", "nul", "binary", "codec", "parentheses", "minuses", "huge"],
)
def test_odd_files_are_counted_and_passed_over(library, content):
    (library / "good" / "odd.py").write_bytes(content)
    found = harvest([library])
    assert found.num_unreadable == 1
    assert found.num_words == 26


def test_a_latin_1_file_with_its_cookie_is_read(tmp_path):
    path = tmp_path / "x.py"
    path.write_bytes(b'# -*- coding: latin-1 -*-\n"""Le caf\xe9 noir."""\n')
    assert docstrings(path) == ["Le café noir."]


def test_invalid_escapes_in_other_peoples_code_do_not_warn(tmp_path):
    path = tmp_path / "x.py"
    path.write_text('"""Matches \\d digits."""\n')
    assert docstrings(path) == ["Matches \\d digits."]


def test_missing_and_unreadable_paths_are_passed_over(library):
    (library / "good" / "gone.py").symlink_to(library / "nowhere.py")
    (library / "good" / "folder.py").mkdir()
    assert harvest([library, library / "nowhere"]).num_words == 26


def test_the_harvest_stops_at_its_budget(library):
    found = harvest([library], max_words=8)
    assert found.num_words < 26
    assert harvest([library], max_seconds=0).num_words == 0


def test_no_package_fills_the_whole_harvest(tmp_path):
    for name in ("big", "small"):
        (tmp_path / name).mkdir()
    for place in range(50):
        (tmp_path / "big" / f"m{place:02}.py").write_text(f'"""Module number word{place} of fifty."""')
    (tmp_path / "small" / "m.py").write_text('"""The small package has its say."""')
    found = harvest([tmp_path], max_words=60)
    assert found.packages["big"] < 20
    assert found.packages["small"] == 6


def test_two_harvests_are_equal(library):
    assert harvest([library]).documents == harvest([library]).documents


def test_words_are_lower_case_and_begin_with_a_letter():
    assert words_of("Été, 3.14 snake_case -x- don't utf-8 2d") == [
        "été", "snake_case", "x", "don't", "utf-8", "d",
    ]  # fmt: skip
    assert words_of(">>> print(1)\n... more") == []


def test_the_python_that_runs_this_has_documentation():
    found = harvest(max_words=70_000)
    assert found.num_words >= 60_000
    assert all(len(document) > 1 for document in found.documents)
