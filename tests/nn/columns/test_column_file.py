from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from rowspace.errors import FileAccessError, FormatError
from rowspace.formats.tensor_file import CHECKSUM, map_tensors, write_tensors
from rowspace.nn.columns.column_file import Contents, read, write
from rowspace.nn.columns.encoder import Encoder

FRAME = {
    "city": ["Oslo", "Rome", None, "Oslo"],
    "zip": [7, 5, 7, 7],
    "job": ["cook"] * 4,
    "age": [2, 3, None, 7],
}


@pytest.fixture
def contents() -> Contents:
    encoder = Encoder.learn(FRAME, ["city", "zip", "job"], numeric=["age"])
    rng = np.random.default_rng(1)
    rows = {"3": rng.standard_normal((7, 3), np.float32), "8": rng.standard_normal((4, 8), np.float32)}
    return Contents(encoder, (3, 8, 3), 0.25, rows)


def test_what_was_written_is_read(contents: Contents, tmp_path: Path):
    found = read(write(contents, tmp_path / "layer.safetensors"))
    assert (found.dims, found.unknown_rate) == ((3, 8, 3), 0.25)
    assert found.encoder.numeric == contents.encoder.numeric
    for ours, theirs in zip(found.encoder.vocabularies, contents.encoder.vocabularies, strict=True):
        assert (ours.name, ours.kind, list(ours.words.keys)) == (
            theirs.name,
            theirs.kind,
            list(theirs.words.keys),
        )
        assert ours.counts.tolist() == theirs.counts.tolist()
    for key, rows in contents.rows.items():
        np.testing.assert_array_equal(found.rows[key], rows)
        assert found.rows[key].flags.writeable


def test_any_safetensors_reader_reads_it(contents: Contents, tmp_path: Path):
    tensors = load_file(write(contents, tmp_path / "layer.safetensors"))
    np.testing.assert_array_equal(tensors["rows.8"], contents.rows["8"])
    assert tensors["column.0.counts"].tolist() == [0, 1, 2, 1]


def test_a_flipped_bit_is_found(contents: Contents, tmp_path: Path):
    path = write(contents, tmp_path / "layer.safetensors")
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(FormatError, match=r"checksum of .* does not match"):
        read(path)


def test_foreign_and_missing_files(contents: Contents, tmp_path: Path):
    path = tmp_path / "other.safetensors"
    save_file({"rows": np.zeros(3)}, path)
    with pytest.raises(FormatError, match=r"none that CategoricalColumns.save wrote"):
        read(path)
    with pytest.raises(FileAccessError):
        read(tmp_path / "nothing")
    with pytest.raises(FileAccessError):
        write(contents, tmp_path / "no folder" / "layer")


def test_a_later_version_asks_for_an_upgrade(contents: Contents, tmp_path: Path):
    path = write(contents, tmp_path / "layer.safetensors")
    path.write_bytes(path.read_bytes().replace(b'"version":"1"', b'"version":"2"'))
    with pytest.raises(FormatError, match="version '2', but this rowspace reads 1; upgrade it"):
        read(path)


@pytest.mark.parametrize("drop", ["rows.8", "column.1.counts", "column.2.keys.hash"])
def test_a_file_without_a_part_is_refused(contents: Contents, tmp_path: Path, drop: str):
    file = map_tensors(write(contents, tmp_path / "layer.safetensors"))
    tensors = {name: array for name, array in file.tensors.items() if name != drop}
    with pytest.raises(FormatError, match=f"contradicts itself.*{drop}"):
        read(rewritten(tmp_path, tensors, file.metadata))


def test_rows_of_another_number_are_refused(contents: Contents, tmp_path: Path):
    file = map_tensors(write(contents, tmp_path / "layer.safetensors"))
    with pytest.raises(FormatError, match=r"rows.8 must be \(4, 8\), but are \(3, 8\)"):
        read(rewritten(tmp_path, {**file.tensors, "rows.8": file.tensors["rows.8"][:3]}, file.metadata))


@pytest.mark.parametrize("change", [{"categorical": 3}, {"numeric": [{"name": "age"}]}, {"categorical": []}])
def test_a_description_that_is_wrong_is_refused(contents: Contents, tmp_path: Path, change: dict[str, Any]):
    file = map_tensors(write(contents, tmp_path / "layer.safetensors"))
    described = json.dumps({**json.loads(file.metadata["columns"]), **change})
    with pytest.raises(FormatError, match="contradicts itself"):
        read(rewritten(tmp_path, file.tensors, {**file.metadata, "columns": described}))


def rewritten(folder: Path, tensors: Mapping[str, np.ndarray], metadata: Mapping[str, str]) -> Path:
    """A file of these tensors, with checksums that match."""
    own = {name: value for name, value in metadata.items() if not name.startswith(CHECKSUM)}
    path = folder / "rewritten"
    with path.open("wb") as target:
        write_tensors(target, tensors, own, aligned=next(iter(tensors)))
    return path
