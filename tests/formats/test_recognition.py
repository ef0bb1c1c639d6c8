"""Recognition by content alone."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from rowspace import formats
from rowspace.errors import FormatError
from rowspace.table import Table


@pytest.mark.parametrize("name", ["rows", "word2vec-text", "word2vec-binary", "glove-text", "fasttext"])
@pytest.mark.parametrize("dim", [1, 2, 50])
def test_our_own_files_under_a_false_name(tmp_path, name, dim):
    rng = np.random.default_rng(dim)
    for turn in range(10):
        vectors = rng.standard_normal((3, dim)).astype(np.float32) * (turn != 0)
        path = formats.write(
            Table.from_arrays(["7", "the", "3.5"], vectors), tmp_path / "table.jpg", format=name
        )
        assert formats.sniff(path) == name


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"0 300\n", "word2vec-text"),
        (b"2 2\nnew york 1 2\nb 1 2\n", "word2vec-text"),
        (b"2 2\nking 1,5 2,5\n", "word2vec-text"),  # damaged, but text: its reader says what is wrong
        (b"2 2\nking 1.5\n", "word2vec-text"),
        (b"1 1\nking " + struct.pack("<f", 0), "word2vec-binary"),
        (b"1 1\nking " + struct.pack("<f", 0.1), "word2vec-binary"),
        (b"1 1\n\nking " + struct.pack("<f", 0.1), "word2vec-binary"),
        (b"PAR1 0.5\n", "glove-text"),
        (b"2 1 3 6 2 2166136261 < >\n0 0.5\n1 0.5\n", "floret-text"),
        ("l\u2019\u00e9t\u00e9 0.5 1\n".encode(), "glove-text"),
    ],
)
def test_small_files(tmp_path, data, name):
    path = tmp_path / "file"
    path.write_bytes(data)
    assert formats.sniff(path) == name


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "empty"),
        (b"hello world\n", "no known format"),
        (bytes(100), "no known format"),
        (b"\x80\x04\x95" + bytes(50), "pickle"),
        (b"\x93NUMPY\x01\x00" + bytes(50), "NumPy"),
        (b"PAR1" + bytes(50), "Parquet"),
        (b"100 10 3 6 2 2166136261 [ ]\n0 0.5 0.5\n", "marked by < and >"),
        (b"100 10 6 3 2 2166136261 < >\n0 0.5 0.5\n", "6 is above 3"),
        (struct.pack("<2i", 793712314, 12) + bytes(100), "fastText's arguments"),
    ],
)
def test_other_files_are_named_where_they_are_known(tmp_path, data, told):
    path = tmp_path / "file"
    path.write_bytes(data)
    for look in (formats.sniff, formats.read, formats.inspect):
        if look is formats.sniff and told == "fastText's arguments":
            continue  # the magic tells it enough
        with pytest.raises(FormatError, match=told):
            look(path)
