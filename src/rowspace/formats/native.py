"""The native ``.rows`` file: a safetensors file with rows, keys, their hash index and what made them.

Tensors: ``vectors`` (F32), ``keys.bytes`` (U8), ``keys.offsets`` (I64), ``keys.hash`` (I32, the slots of
`kernels.reference.hash_index`), and where there are any ``counts`` (I64), ``context`` (F32), what else a
trainer goes on from as ``state.NAME`` (F32), and what subwords need (`vocabularies`). Metadata:
``format``, ``version``, ``vocabulary`` and ``table`` (JSON), and the checksums of `tensor_file`. Other
tensors are tolerated and left alone. Version 2 added subwords, trainer state, and context rows of another
number than the words'; a table without them is written as version 1, which every rowspace reads.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from rowspace.arrays import check_offsets
from rowspace.errors import FormatError, RecipeError, ShapeError
from rowspace.formats import vocabularies
from rowspace.formats.atomic import atomic_write
from rowspace.formats.tensor_file import DTYPES, NAMES, TensorFile, map_tensors, write_tensors
from rowspace.kernels.reference.hash_index import capacity_for
from rowspace.stores import DenseStore, all_rows
from rowspace.table import Table

FORMAT = "rowspace"
VERSION = 2
STATE = "state."
REQUIRED = {
    "vectors": ("F32", 2),
    "keys.bytes": ("U8", 1),
    "keys.offsets": ("I64", 1),
    "keys.hash": ("I32", 1),
}
OPTIONAL = {"counts": ("I64", 1), "context": ("F32", 2), **vocabularies.TENSORS}


def open(path: str | os.PathLike[str], *, verify: bool = False) -> Table:
    """Open a ``.rows`` file by mapping it: milliseconds, and no memory until rows are touched.

    The arrays are read-only. `verify` reads the whole file, compares every checksum and looks for keys
    out of order; without it, damage inside the data gives wrong values at worst, never a crash. A file
    that is replaced while open keeps its old content here; one that is shortened in place by others
    does not survive that, on any system. Raises FormatError and FileAccessError.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "two.rows"
    >>> _ = write(Table.from_arrays(["king", "queen"], np.eye(2, dtype=np.float32)), path)
    >>> open(path, verify=True)["queen"]
    array([0., 1.], dtype=float32)
    """
    return from_tensors(map_tensors(Path(path)), verify=verify)


def from_tensors(file: TensorFile, *, verify: bool = False) -> Table:
    """The table that a parsed file holds."""
    check_version(file)
    arrays = _arrays(file)
    if verify:
        _verify(file)
    try:
        vocabulary = vocabularies.from_parts(_json(file, "vocabulary"), arrays)
        context = DenseStore(arrays["context"]) if "context" in arrays else None
        state = {name.removeprefix(STATE): arrays[name] for name in arrays if name.startswith(STATE)}
        return Table(vocabulary, DenseStore(arrays["vectors"]), _json(file, "table"), context, state)
    except (ShapeError, RecipeError, TypeError, AttributeError) as error:
        raise FormatError(file.path, 0, f"the file contradicts itself: {error}; fetch it again") from error


def write(table: Table, path: str | os.PathLike[str]) -> Path:
    """Write a table as a ``.rows`` file, wholly or not at all; return the path. No copy of it is made.

    Raises FileAccessError, and ShapeError for a table that the format cannot hold.
    """
    target = Path(path)
    tensors = _tensors(table)
    needed = sum(array.nbytes for array in tensors.values())
    with atomic_write(target, needed_bytes=needed) as file:
        write_tensors(file, tensors, _metadata(table), aligned="vectors")
    return target


def check_version(file: TensorFile) -> None:
    """Raise FormatError for tensors that are not ours, or of a later version of the format."""
    if file.metadata.get("format") != FORMAT:
        names = ", ".join(sorted(file.tensors)[:5]) or "none"
        raise FormatError(file.path, 8, f"a safetensors file, but no rowspace table (its tensors: {names})")
    version = file.metadata.get("version", "")
    if not version.isascii() or not version.isdigit() or len(version) > 9:
        raise FormatError(file.path, 8, f"the format version must be a number, but is {version!r}")
    if int(version) > VERSION:
        raise FormatError(
            file.path, 8,
            f"the file has format version {version}, but this rowspace reads up to {VERSION}; upgrade it",
        )  # fmt: skip


def _arrays(file: TensorFile) -> dict[str, np.ndarray]:
    """The tensors we know, each of the dtype and number of axes it must have."""
    arrays = {}
    state = {name: ("F32", 2) for name in file.tensors if name.startswith(STATE)}
    for name, (dtype, ndim) in {**REQUIRED, **OPTIONAL, **state}.items():
        array = file.tensors.get(name)
        if array is None:
            if name in REQUIRED:
                raise FormatError(file.path, 8, f"the tensor {name!r} is missing; write the table again")
            continue
        if NAMES[array.dtype] != dtype or array.ndim != ndim:
            raise FormatError(
                file.path, 8,
                f"tensor {name!r} must be {ndim}-d {dtype}, but is {array.ndim}-d {NAMES[array.dtype]}",
            )  # fmt: skip
        arrays[name] = array
    slots = len(arrays["keys.hash"])
    if slots & (slots - 1) or slots < capacity_for(len(arrays["keys.offsets"]) - 1):
        raise FormatError(
            file.path,
            8,
            f"the index must have a power of two of places, enough for the keys, but has {slots}",
        )
    return arrays


def _verify(file: TensorFile) -> None:
    failed = [name for name, sound in file.check().items() if not sound]
    if failed:
        names = ", ".join(failed)
        raise FormatError(
            file.path, 0, f"the checksum of {names} does not match: the file is damaged; fetch it again"
        )
    offsets = file.tensors["keys.offsets"]
    try:
        check_offsets(offsets, len(file.tensors["keys.bytes"]))
    except ShapeError as error:
        raise FormatError(file.path, 0, f"keys.offsets: {error}") from error


def _json(file: TensorFile, name: str) -> dict[str, Any]:
    try:
        value = json.loads(file.metadata.get(name, "{}"))
    except (ValueError, RecursionError) as error:
        raise FormatError(file.path, 8, f"the metadata {name!r} must be JSON: {error}") from error
    if not isinstance(value, dict):
        raise FormatError(file.path, 8, f"the metadata {name!r} must be a JSON object")
    return value


def _tensors(table: Table) -> dict[str, np.ndarray]:
    """In file order: eight-byte numbers first, then four, then bytes, so that all lie aligned."""
    words = vocabularies.words_of(table.vocabulary)
    tensors = {"keys.offsets": words.keys.offsets}
    if words.counts is not None:
        tensors["counts"] = words.counts
    tensors["vectors"] = all_rows(table.store)
    if table.context is not None:
        tensors["context"] = all_rows(table.context)
    tensors |= {f"{STATE}{name}": values for name, values in table.state.items()}
    tensors |= {"keys.hash": words.slots, **vocabularies.to_tensors(table.vocabulary)}
    tensors["keys.bytes"] = words.keys.data
    dtypes = {name: DTYPES[dtype] for name, (dtype, _) in {**REQUIRED, **OPTIONAL}.items()}
    arrays = {
        name: np.ascontiguousarray(array, dtypes.get(name, DTYPES["F32"])) for name, array in tensors.items()
    }
    return dict(sorted(arrays.items(), key=lambda named: -named[1].itemsize))


def _metadata(table: Table) -> dict[str, str]:
    try:
        made = json.dumps(dict(table.metadata))
    except (TypeError, ValueError, RecursionError) as error:
        raise ShapeError(f"a table's metadata must be JSON values, but: {error}") from error
    return {
        "format": FORMAT,
        "version": str(VERSION if _needs_second(table) else 1),
        "vocabulary": json.dumps(vocabularies.to_json(table.vocabulary)),
        "table": made,
    }


def _needs_second(table: Table) -> bool:
    """Whether a reader of version 1 would misunderstand the file."""
    same_context = table.context is None or table.context.shape == table.store.shape
    return (
        vocabularies.kind_of(table.vocabulary) != vocabularies.WORDS or not same_context or bool(table.state)
    )
