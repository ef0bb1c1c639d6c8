"""Text in blocks: line numbers, line ends, lines longer than a block."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace import formats
from rowspace.errors import FormatError
from rowspace.formats import text
from rowspace.table import Table


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(text, "BLOCK_BYTES", 64)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "rows.txt"


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("threads", [1, 2, 5])
def test_blocks_are_put_together_in_order(path, threads):
    vectors = np.random.default_rng(0).standard_normal((200, 3)).astype(np.float32)
    table = Table.from_arrays([f"key {row}" * (row % 7 + 1) for row in range(200)], vectors)
    formats.write(table, path)
    found = formats.read(path, threads=threads)
    assert list(found.keys) == list(table.keys)
    assert found.vectors.tobytes() == vectors.tobytes()
    assert formats.read(path, threads=threads, limit=77).shape == (77, 3)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("header", [b"", b"40 2\n", b"\xef\xbb\xbf40 2 \r\n"])
@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"key 0.5", r"ends in 1, after b'key'"),
        (b"key 0.5 0,5", r"ends in 0, after b'0,5'"),
        (b"key 0.5 1_000", r"ends in 0, after b'1_000'"),
        (b"key 0.5 1.5 2.5", "ends in 3.*too wide"),
        (b"key" * 100, r"ends in 0, after b'keykey.*\.\.\."),
    ],
)
def test_a_bad_line_is_named_by_number_place_and_excerpt(path, header, line, told):
    good = [f"word{row} {row}.5 -1e-3" for row in range(40)]
    lines = [row.encode() for row in good]
    lines[30] = line
    path.write_bytes(header + b"\r\n".join(lines) + b"\r\n")
    number = 31 + bool(header)
    with pytest.raises(FormatError, match=rf"line {number} must be a key and 2 numbers.*{told}") as caught:
        formats.read(path, dim=2)
    assert path.read_bytes()[caught.value.offset :].startswith(line)
    assert formats.read(path, dim=2, limit=30).shape == (30, 2)


@pytest.mark.parametrize("end", ["\n", "\r\n", " \n", " \r\n", "\t\n"])
@pytest.mark.parametrize("last", ["", "\n", "\n\n \n"])
@pytest.mark.parametrize("header", ["", "2 3\n", "2 3 \r\n", " 2\t3\n"])
def test_line_ends_and_blank_lines(path, end, last, header):
    path.write_text(header + end.join(["a 1 2 3", "b 4 5 6"]) + last, newline="")
    found = formats.read(path)
    assert list(found.keys) == ["a", "b"]
    assert found.vectors.tolist() == [[1, 2, 3], [4, 5, 6]]


def test_a_byte_order_mark_is_no_part_of_the_first_key(path):
    path.write_bytes("\ufeffa 1 2\nb 3 4\n".encode())
    assert list(formats.read(path).keys) == ["a", "b"]


def test_a_file_without_line_ends_is_given_up_in_time(path, monkeypatch):
    monkeypatch.setattr(text, "BLOCK_BYTES", 1 << 12)
    monkeypatch.setattr(text, "LONGEST_LINE", 1 << 16)
    path.write_bytes(b"a 1\n" + b"x" * (1 << 20))
    with pytest.raises(FormatError, match="a line must end within 65,536 bytes"):
        formats.read(path, dim=1)
