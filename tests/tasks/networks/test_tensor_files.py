"""Files of arrays and JSON: they come back whole, and damage is told."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.errors import FileAccessError, FormatError
from rowspace.tasks.networks import tensor_files

ARRAYS = {"a": np.arange(6, dtype=np.float32).reshape(2, 3).T, "b": np.array([1, 2], np.int64)}


def test_arrays_and_metadata_come_back(tmp_path):
    path = tensor_files.write(tmp_path / "f", "kind", ARRAYS, {"note": "é"})
    arrays, metadata = tensor_files.read(path, "kind")
    assert metadata["note"] == "é"
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], array)
        arrays[name][:] = 0  # may be written to
    assert tensor_files.write(tmp_path / "g", "kind", ARRAYS, {"note": "é"}).read_bytes() == path.read_bytes()


def test_another_kind_and_damage_are_refused(tmp_path):
    path = tensor_files.write(tmp_path / "f", "kind", ARRAYS, {})
    with pytest.raises(FormatError, match="the format must be 'other', but is 'kind'"):
        tensor_files.read(path, "other")
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(FormatError, match="checksum of b does not match"):
        tensor_files.read(path, "kind")
    with pytest.raises(FileAccessError):
        tensor_files.read(tmp_path / "none", "kind")
