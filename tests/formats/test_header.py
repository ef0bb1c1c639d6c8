"""The first line of word2vec's forms."""

from __future__ import annotations

import pytest

from rowspace.errors import FormatError
from rowspace.formats.header import Header, check_dim, find_header
from rowspace.formats.sources import open_source


@pytest.fixture
def found(tmp_path):
    def find(data: bytes) -> Header | None:
        path = tmp_path / "file"
        path.write_bytes(data)
        with open_source(path) as source:
            return find_header(source)

    return find


@pytest.mark.parametrize(
    ("data", "header"),
    [
        (b"3 2\nrest", Header(3, 2, 4)),
        (b"3 2", Header(3, 2, 3)),
        (b"3\t2 \r\nrest", Header(3, 2, 6)),
        (b"\xef\xbb\xbf0 300\n", Header(0, 300, 9)),
        (b"+3 2\n", Header(3, 2, 5)),
        (b"3 2.0\n", None),
        (b"3\n", None),
        (b"3 2 1\n", None),
        (b"a 3 2\n", None),
        (b"3 2" + b" " * 200 + b"\n", None),
        (b"1" * 70 + b" " + b"2" * 70 + b"\n", None),
        (b"", None),
    ],
)
def test_what_is_a_header(found, data, header):
    assert found(data) == header


@pytest.mark.parametrize(
    "data", [b"-1 2\n", b"1 0\n", b"1 -2\n", b"1 16777217\n", b"1 99999999999999999999999999999\n"]
)
def test_numbers_that_no_table_has(found, data):
    with pytest.raises(FormatError, match="must be 0 or more and values 1 to 16,777,216"):
        found(data)


def test_another_dim_than_asked_for(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"3 2\n")
    with open_source(path) as source:
        check_dim(source, 2, None)
        check_dim(source, 2, 2)
        with pytest.raises(FormatError, match=r"promises 2 values.*dim=3"):
            check_dim(source, 2, 3)
