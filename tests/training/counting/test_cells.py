"""Cells in temporary files."""

from __future__ import annotations

import errno
import os
import tempfile

import numpy as np
import pytest

from rowspace.errors import FileAccessError
from rowspace.training.counting.cells import ArrayFile, CellWriter


def open_descriptors():
    """How many files this process holds open."""
    return sum(is_open(number) for number in range(256))


def is_open(number):
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def test_values_are_read_where_they_were_written():
    file = ArrayFile(np.float32)
    file.append(np.arange(10, dtype=np.float32))
    file.append(np.arange(10, 15, dtype=np.float32))
    file.write(np.full(2, -1, np.float32), 4)
    assert file.size == 15
    assert file.read(3, 7).tolist() == [3, -1, -1, 6]
    assert file.read(5, 5).tolist() == []
    file.close()
    file.close()


def test_reading_behind_the_end_is_an_error():
    file = ArrayFile(np.int32)
    file.append(np.zeros(3, np.int32))
    with pytest.raises(FileAccessError, match="ended early"):
        file.read(1, 4)
    file.close()


def test_a_full_disk_is_a_clear_error(monkeypatch):
    file = ArrayFile(np.int32)

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(FileAccessError, match=r"No space left.*TMPDIR"):
        file.append(np.zeros(3, np.int32))
    file.close()


def test_a_folder_that_cannot_be_written_is_a_clear_error(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    with pytest.raises(FileAccessError, match="TMPDIR"):
        ArrayFile(np.int32)


def test_a_file_has_no_name_that_could_stay_behind(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    file = ArrayFile(np.int32)
    file.append(np.zeros(3, np.int32))
    assert list(tmp_path.iterdir()) == []
    file.close()


def test_rows_are_written_in_turn_and_read_by_range():
    with CellWriter(5, np.float32) as writer:
        writer.append(np.array([2, 0]), np.array([1, 4], np.int32), np.array([1, 2], np.float32))
        writer.append(np.array([1]), np.array([0], np.int32), np.array([3], np.float32))
        cells = writer.finish()
    assert cells.starts.tolist() == [0, 2, 2, 3, 3, 3]
    columns, values = cells.read(0, 3)
    assert columns.tolist() == [1, 4, 0] and values.tolist() == [1, 2, 3]
    assert [part.tolist() for part in cells.read(2, 5)] == [[0], [3]]
    cells.close()


def test_a_writer_that_does_not_finish_frees_its_files():
    before = open_descriptors()
    with pytest.raises(KeyError), CellWriter(3, np.uint64) as writer:
        assert open_descriptors() == before + 2
        raise KeyError(writer)
    assert open_descriptors() == before
