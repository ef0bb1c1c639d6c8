"""word2vec's binary form with its quirks."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace import formats
from rowspace.errors import FormatError
from rowspace.formats import word2vec_binary

ONE = np.array([1, 2], "<f4").tobytes()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "rows.bin"


@pytest.mark.parametrize("end", [b"", b"\n", b"\n\n"])
@pytest.mark.parametrize("last", [b"", b"\n", b"\n\n\n"])
def test_any_number_of_newlines_between_rows(path, end, last):
    path.write_bytes(b"3 2\n" + end.join([b"</s> " + ONE, b"of " + ONE, b"the " + ONE]) + last)
    found = formats.read(path)
    assert list(found.keys) == ["</s>", "of", "the"]
    assert found.vectors.tolist() == [[1, 2]] * 3


@pytest.mark.parametrize("device_bytes", [0, 1 << 30])
def test_rows_across_blocks(path, monkeypatch, device_bytes):
    monkeypatch.setattr(word2vec_binary, "BLOCK_BYTES", 50)
    monkeypatch.setattr(word2vec_binary, "KERNEL_FROM_BYTES", device_bytes)
    keys = [b"k%d" % row * (row % 50 + 1) for row in range(100)]
    path.write_bytes(b"100 2\n" + b"".join(key + b" " + ONE for key in keys))
    assert [key.encode() for key in formats.read(path).keys] == keys
    assert formats.read(path, limit=42).shape == (42, 2)


def test_the_end_of_a_cut_file_is_told(path):
    path.write_bytes(b"3 2\na " + ONE + b"\nb " + ONE[:-1])
    with pytest.raises(FormatError, match="after 1 rows, 10 bytes are left") as caught:
        formats.read(path)
    assert caught.value.offset == 14


def test_an_endless_key_is_given_up_in_time(path, monkeypatch):
    monkeypatch.setattr(word2vec_binary, "BLOCK_BYTES", 1 << 12)
    monkeypatch.setattr(word2vec_binary, "LONGEST_KEY", 1 << 15)
    path.write_bytes(b"3 2\n" + b"x" * (1 << 20))
    with pytest.raises(FormatError, match="a key must end within 32,768 bytes"):
        formats.read(path, format="word2vec-binary")
