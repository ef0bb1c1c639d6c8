"""GloVe's own files, and all that can be wrong with them."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from rowspace.arrays import PackedKeys
from rowspace.errors import FileAccessError, FormatError, UnwritableKeyError
from rowspace.formats import cooccurrence_file
from rowspace.formats.cooccurrence_file import Cells
from rowspace.vocabulary import Words


def record(row, column, weight):
    return struct.pack("<iid", row, column, weight)


def cells_of(path, num_rows):
    blocks = list(cooccurrence_file.read_blocks(path, num_rows))
    return [np.concatenate(field).tolist() for field in zip(*blocks, strict=True)]


def test_records_are_read_in_their_order_and_count_from_0(tmp_path):
    path = tmp_path / "cooccurrence.bin"
    path.write_bytes(record(2, 1, 0.5) + record(1, 3, 1e6) + record(1, 1, 1 / 3))
    assert cells_of(path, 3) == [[1, 0, 0], [0, 2, 0], [0.5, 1e6, np.float32(1 / 3)]]


def test_what_is_written_are_gloves_records(tmp_path):
    path = tmp_path / "cooccurrence.bin"
    cells = Cells(np.array([0, 2], np.int32), np.array([1, 0], np.int32), np.array([0.25, 3], np.float32))
    cooccurrence_file.write([cells, cells], path)
    assert path.read_bytes() == (record(1, 2, 0.25) + record(3, 1, 3.0)) * 2


def test_blocks_join_without_a_seam(tmp_path, monkeypatch):
    path = tmp_path / "cooccurrence.bin"
    path.write_bytes(b"".join(record(1, 1 + k, k + 1.0) for k in range(25)))
    monkeypatch.setattr(cooccurrence_file, "RECORDS_A_BLOCK", 4)
    assert cells_of(path, 25)[1] == list(range(25))


@pytest.mark.parametrize("left", [1, 8, 15])
def test_a_file_cut_short_is_named_with_the_offset(tmp_path, monkeypatch, left):
    path = tmp_path / "cooccurrence.bin"
    path.write_bytes((record(1, 1, 1.0) * 6)[: 5 * 16 + left])
    monkeypatch.setattr(cooccurrence_file, "RECORDS_A_BLOCK", 4)
    with pytest.raises(FormatError, match=f"byte 80: .* only {left} are left: the file was cut short"):
        cells_of(path, 1)


@pytest.mark.parametrize(("row", "column"), [(0, 1), (1, 0), (4, 1), (1, 4), (-5, 1), (1, 2**31 - 1)])
def test_words_outside_the_vocabulary_are_named_with_the_offset(tmp_path, row, column):
    path = tmp_path / "cooccurrence.bin"
    path.write_bytes(record(3, 3, 1.0) + record(row, column, 1.0))
    with pytest.raises(FormatError, match=f"byte 16: .* in 1 to 3, .* are {row} and {column}"):
        cells_of(path, 3)


@pytest.mark.parametrize("weight", [0.0, -1.0, float("nan"), float("inf")])
def test_a_weight_without_a_logarithm_is_refused(tmp_path, weight):
    path = tmp_path / "cooccurrence.bin"
    path.write_bytes(record(1, 1, weight))
    with pytest.raises(FormatError, match="byte 0: a weight must be finite and above 0"):
        cells_of(path, 1)


def test_weights_beyond_float32_become_its_smallest_and_largest(tmp_path):
    path = tmp_path / "cooccurrence.bin"
    path.write_bytes(record(1, 1, 1e-300) + record(1, 1, 1e300))
    small, large = cells_of(path, 1)[2]
    assert 0 < small < 1e-37 and 1e38 < large < np.inf


def test_an_empty_file_has_no_cells_and_a_missing_one_is_an_error(tmp_path):
    path = tmp_path / "cooccurrence.bin"
    path.touch()
    assert list(cooccurrence_file.read_blocks(path, 3)) == []
    with pytest.raises(FileAccessError, match="could not be read"):
        cells_of(tmp_path / "none", 3)
    with pytest.raises(FileAccessError, match="folder"):
        cells_of(tmp_path, 3)


def test_words_go_to_a_file_and_back(tmp_path):
    path = tmp_path / "vocab.txt"
    words = Words.from_keys(["the", "naïve", "x"], counts=np.array([9, 4, 1]))
    cooccurrence_file.write_words(words, path)
    assert path.read_bytes() == "the 9\nnaïve 4\nx 1\n".encode()
    again = cooccurrence_file.read_words(path)
    assert list(again.keys) == list(words.keys) and again.counts.tolist() == [9, 4, 1]


@pytest.mark.parametrize(
    ("content", "offset"),
    [(b"the 9\nking\n", 6), (b"the 9\n 4\n", 6), (b"the x\n", 0), (b"", 0), (b"a 1\nb 2\na 1\n", 0)],
)
def test_lines_that_are_no_word_and_count_are_refused(tmp_path, content, offset):
    path = tmp_path / "vocab.txt"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=f"byte {offset}:"):
        cooccurrence_file.read_words(path)


@pytest.mark.parametrize("key", ["new york", "", "tab\tbed", "line\n"])
def test_keys_that_glove_would_read_otherwise_are_not_written(tmp_path, key):
    words = Words.from_keys(PackedKeys.from_strings(["fine", key]))
    with pytest.raises(UnwritableKeyError, match="row 1"):
        cooccurrence_file.write_words(words, tmp_path / "vocab.txt")
    assert list(tmp_path.iterdir()) == []
