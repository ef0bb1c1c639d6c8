"""The dim of a file without a header."""

from __future__ import annotations

import pytest

from rowspace import formats
from rowspace.errors import FormatError


@pytest.fixture
def path(tmp_path):
    return tmp_path / "glove.txt"


@pytest.mark.parametrize(
    ("text", "dim"),
    [
        ("a 0.5\n", 1),
        ("7 0.5\n", 1),
        ("7 8.5\n9 1.5\n", 1),
        ("the 1 2 3\n2007 1 2 3\n. . . 1 2 3\n", 3),
        ("part 7 1 2\nthe 1 2\n", 2),
        ("a 1 2\nb 1 2\nc 1\n", 2),
        ("a 1 2\nb 1 2\nc 1 x\n", 2),
        ("nan 1 2\ninf 1 2\n", 2),
        ("a 1 2", 2),
        ("\n\na 1 2\n", 2),
        ("x" * 1_200_000 + " 1 2\nb 3 4\n", 2),
        ("2 3\n4 0.5\n", 3),  # two whole numbers are a header: 2 rows of 3
    ],
)
def test_the_dim_is_that_of_most_lines(path, text, dim):
    path.write_text(text)
    assert formats.inspect(path).dim == dim


def test_a_given_dim_is_taken_for_granted(path):
    path.write_text("part 7 1 2\nunit 8 1 2\n")
    assert formats.read(path).shape == (2, 3)
    assert list(formats.read(path, dim=2).keys) == ["part 7", "unit 8"]


def test_text_that_is_none(path):
    path.write_text("It was a dark and stormy night.\n")
    with pytest.raises(FormatError, match="each be a key and numbers"):
        formats.read(path, format="glove-text")
