"""The file of a CategoricalColumns layer: a safetensors file with a JSON description in its metadata.

Tensors: for column i ``column.i.keys.bytes`` (U8), ``.keys.offsets`` (I64), ``.keys.hash`` (I32) and
``.counts`` (I64); for each dim d ``rows.d`` (F32), the rows of all columns of that dim one behind the other,
each column beginning with its unknown and its missing row. Metadata: ``format``, ``version``, ``columns``
(JSON), and the checksums of `rowspace.formats.tensor_file`, all compared when the file is read.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rowspace.arrays import PackedKeys, Vectors
from rowspace.errors import FormatError, RecipeError, ShapeError
from rowspace.formats.atomic import atomic_write
from rowspace.formats.tensor_file import TensorFile, map_tensors, write_tensors
from rowspace.nn.columns.column_vocabulary import ColumnVocabulary
from rowspace.nn.columns.encoder import Encoder
from rowspace.nn.columns.numeric_column import NumericColumn
from rowspace.vocabulary import Words

FORMAT, VERSION = "rowspace columns", 1


@dataclass(frozen=True, eq=False)
class Contents:
    """Everything that a layer is made of."""

    encoder: Encoder
    dims: tuple[int, ...]
    unknown_rate: float
    rows: Mapping[str, Vectors]  # by dim


def write(contents: Contents, path: str | os.PathLike[str]) -> Path:
    """Write the file, wholly or not at all; return its path. Raises FileAccessError."""
    tensors: dict[str, np.ndarray] = {}
    for place, vocabulary in enumerate(contents.encoder.vocabularies):
        words = vocabulary.words
        parts = {"keys.offsets": words.keys.offsets, "counts": vocabulary.counts, "keys.hash": words.slots,
                 "keys.bytes": words.keys.data}  # fmt: skip
        tensors |= {f"column.{place}.{name}": np.ascontiguousarray(array) for name, array in parts.items()}
    tensors |= {f"rows.{dim}": np.ascontiguousarray(rows, np.float32) for dim, rows in contents.rows.items()}
    ordered = dict(sorted(tensors.items(), key=lambda named: -named[1].itemsize))  # so that all lie aligned
    metadata = {"format": FORMAT, "version": str(VERSION), "columns": json.dumps(_description(contents))}
    with atomic_write(path, needed_bytes=sum(array.nbytes for array in ordered.values())) as file:
        write_tensors(file, ordered, metadata, aligned=next(iter(ordered)))
    return Path(path)


def read(path: str | os.PathLike[str]) -> Contents:
    """Read and verify the whole file; FormatError where it is damaged, foreign or of a later version."""
    file = map_tensors(Path(path))
    _check_kind(file)
    damaged = [name for name, sound in file.check().items() if not sound]
    if damaged:
        raise FormatError(
            file.path, 0, f"the checksum of {', '.join(damaged)} does not match; fetch it again"
        )
    try:
        return _contents(file, json.loads(file.metadata["columns"]))
    except (KeyError, TypeError, ValueError, ShapeError, RecipeError) as error:
        raise FormatError(
            file.path, 0, f"the file contradicts itself: {error!r}; save the layer again"
        ) from error


def _description(contents: Contents) -> dict[str, Any]:
    return {
        "unknown_rate": contents.unknown_rate,
        "categorical": [
            {"name": vocabulary.name, "kind": vocabulary.kind, "dim": dim}
            for vocabulary, dim in zip(contents.encoder.vocabularies, contents.dims, strict=True)
        ],
        "numeric": [
            {"name": each.name, "mean": each.mean, "spread": each.spread, "had_missing": each.had_missing}
            for each in contents.encoder.numeric
        ],
    }


def _check_kind(file: TensorFile) -> None:
    if file.metadata.get("format") != FORMAT:
        raise FormatError(file.path, 8, "a safetensors file, but none that CategoricalColumns.save wrote")
    version = file.metadata.get("version", "")
    if version != str(VERSION):
        raise FormatError(
            file.path, 8, f"the file has version {version!r}, but this rowspace reads {VERSION}; upgrade it"
        )


def _contents(file: TensorFile, description: Mapping[str, Any]) -> Contents:
    columns = description["categorical"]
    vocabularies = [_vocabulary(file, place, each) for place, each in enumerate(columns)]
    dims = tuple(each["dim"] for each in columns)
    rows = {str(dim): np.array(file.tensors[f"rows.{dim}"]) for dim in sorted(set(dims))}
    for dim in set(dims):
        sizes = [each.num_rows for each, own in zip(vocabularies, dims, strict=True) if own == dim]
        if rows[str(dim)].shape != (sum(sizes), dim):
            raise ShapeError(f"rows.{dim} must be {(sum(sizes), dim)}, but are {rows[str(dim)].shape}")
    numeric = tuple(NumericColumn(**each) for each in description["numeric"])
    return Contents(Encoder(tuple(vocabularies), numeric), dims, description["unknown_rate"], rows)


def _vocabulary(file: TensorFile, place: int, column: Mapping[str, Any]) -> ColumnVocabulary:
    offsets, data, slots, counts = (
        np.array(file.tensors[f"column.{place}.{name}"])
        for name in ("keys.offsets", "keys.bytes", "keys.hash", "counts")
    )
    unknown, missing, *_ = counts.tolist()
    words = Words(PackedKeys(data, offsets), slots, counts=counts[2:])
    return ColumnVocabulary(column["name"], column["kind"], words, unknown, missing)
