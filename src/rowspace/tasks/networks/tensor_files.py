"""Files of arrays and JSON in the safetensors format, with a format name, a version and checksums."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from rowspace.errors import FormatError
from rowspace.formats.atomic import atomic_write
from rowspace.formats.tensor_file import map_tensors, write_tensors

VERSION = "1"


def write(path: Path, kind: str, arrays: Mapping[str, np.ndarray], metadata: Mapping[str, str]) -> Path:
    """Write a file of the format `kind`, wholly or not at all; return its path. Raises FileAccessError."""
    lying = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    head = {"format": kind, "version": VERSION, **metadata}
    with atomic_write(path, needed_bytes=sum(array.nbytes for array in lying.values())) as file:
        write_tensors(file, lying, head, aligned=next(iter(lying)))
    return path


def read(path: Path, kind: str) -> tuple[dict[str, np.ndarray], Mapping[str, str]]:
    """The arrays, which may be written to, and the metadata; every checksum is compared.

    Raises FileAccessError, and FormatError for a damaged file or one of another format or version.
    """
    file = map_tensors(path)
    for name, wanted in (("format", kind), ("version", VERSION)):
        if file.metadata.get(name) != wanted:
            raise FormatError(
                path,
                8,
                f"the {name} must be {wanted!r}, but is {file.metadata.get(name)!r}; open another file",
            )
    failed = [name for name, sound in file.check().items() if not sound]
    if failed:
        raise FormatError(path, 0, f"the checksum of {', '.join(failed)} does not match; fetch it again")
    return {name: np.array(array) for name, array in file.tensors.items()}, file.metadata
