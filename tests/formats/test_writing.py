"""The suffix chooses the format."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace import formats
from rowspace.errors import FormatError
from rowspace.table import Table

TABLE = Table.from_arrays(["king", "queen"], np.array([[0.1, -2], [3e-8, 4]], np.float32))


@pytest.mark.parametrize(
    ("suffix", "name"),
    [(".rows", "rows"), (".txt", "word2vec-text"), (".vec", "word2vec-text"), (".BIN", "word2vec-binary"),
     (".glove", "glove-text")],
)  # fmt: skip
def test_suffixes(tmp_path, suffix, name):
    path = formats.write(TABLE, tmp_path / f"table{suffix}")
    assert formats.sniff(path) == name


@pytest.mark.parametrize("name", ["table", "table.gz", "table.vec.zip"])
def test_unknown_suffixes(tmp_path, name):
    with pytest.raises(FormatError, match=r"suffix.*format="):
        formats.write(TABLE, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_what_the_foreign_forms_look_like(tmp_path):
    text = formats.write(TABLE, tmp_path / "table.vec").read_bytes()
    assert text == b"2 2\nking 0.1 -2.0\nqueen 3e-08 4.0\n"
    assert formats.write(TABLE, tmp_path / "table.glove").read_bytes() == text[4:]
    binary = formats.write(TABLE, tmp_path / "table.bin").read_bytes()
    rows = [row.tobytes() for row in TABLE.vectors]
    assert binary == b"2 2\nking " + rows[0] + b"\nqueen " + rows[1] + b"\n"
