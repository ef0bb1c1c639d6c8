"""The safetensors container: parsed strictly from a mapping, written without a copy of the arrays.

Eight bytes give the length N of a JSON header: name -> {dtype, shape, data_offsets}, and
``__metadata__`` of strings. The data follow, covered without holes or overlaps. On top of the format we
put checksums: ``checksum.NAME`` for each tensor and ``checksum.header`` for everything before the data,
computed with its own digits as zeros. CRC-32 is the choice: it catches every flipped bit and every burst
of up to 32 bits for certain, and runs at several GB/s in the standard library. It guards against damage,
not against forgery.
"""

from __future__ import annotations

import json
import math
import mmap
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from rowspace.errors import FileAccessError, FormatError
from rowspace.formats.sources import check_readable

Buffer = mmap.mmap | bytes | memoryview

LENGTH_BYTES = 8
LONGEST_HEADER = 100_000_000  # the limit of the safetensors format
ALIGNMENT = 64
CHUNK = 16 << 20
DTYPES: Mapping[str, np.dtype[Any]] = {
    "F64": np.dtype("<f8"), "F32": np.dtype("<f4"), "F16": np.dtype("<f2"),
    "I64": np.dtype("<i8"), "I32": np.dtype("<i4"), "I16": np.dtype("<i2"), "I8": np.dtype("i1"),
    "U64": np.dtype("<u8"), "U32": np.dtype("<u4"), "U16": np.dtype("<u2"), "U8": np.dtype("u1"),
    "BOOL": np.dtype("?"),
}  # fmt: skip
NAMES = {dtype: name for name, dtype in DTYPES.items()}
CHECKSUM = "checksum."
BLANK = "crc32:00000000"
HEADER_CHECKSUM = re.compile(rb'"checksum\.header":"(crc32:[0-9a-f]{8})"')


@dataclass(frozen=True)
class TensorFile:
    """What a safetensors file holds; the arrays are views of its bytes, read-only."""

    path: Path
    tensors: Mapping[str, np.ndarray]
    metadata: Mapping[str, str]
    head: bytes  # everything before the data
    size: int  # bytes of the whole file

    def check(self) -> dict[str, bool]:
        """Whether each tensor, and the header, has its checksum; cost is reading the whole file."""
        sound = {"header": _header_checksum(self.head) == self.metadata.get(f"{CHECKSUM}header")}
        for name, array in self.tensors.items():
            sound[name] = self.metadata.get(CHECKSUM + name) == checksum(array)
        return sound


def checksum(array: np.ndarray) -> str:
    """The checksum of an array's bytes, as it stands in the metadata."""
    return f"crc32:{zlib.crc32(np.ascontiguousarray(array).data.cast('B')):08x}" if array.size else BLANK


def map_tensors(path: str | Path) -> TensorFile:
    """Map a file and parse its header; only the header's pages are read."""
    target = check_readable(path)
    try:
        with target.open("rb") as file:
            if target.stat().st_size == 0:
                raise FormatError(target, 0, "the file is empty; write it again")
            buffer = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        raise FileAccessError(f"{path}: could not be read: {error.strerror}; check its rights") from error
    return parse(target, buffer)


def parse(path: Path, buffer: Buffer) -> TensorFile:
    """Parse a whole file's bytes; FormatError unless the header accounts for every one of them."""
    size = len(buffer)
    length = int.from_bytes(buffer[:LENGTH_BYTES], "little")
    start = LENGTH_BYTES + length
    if size < LENGTH_BYTES + 2 or start > size or length > LONGEST_HEADER:
        raise FormatError(
            path, 0, f"a header of {length:,} bytes does not fit into a file of {size:,}; fetch it again"
        )
    head = bytes(buffer[:start])
    header = _parse_header(path, head[LENGTH_BYTES:])
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise FormatError(path, LENGTH_BYTES, "the header's metadata must be strings")
    spans = {name: _span(path, name, entry) for name, entry in header.items()}
    _check_cover(path, spans, size - start, start)
    try:
        tensors = {
            name: _view(buffer, start + spans[name][0], DTYPES[entry["dtype"]], entry["shape"])
            for name, entry in header.items()
            if entry["dtype"] in DTYPES
        }
    except ValueError as error:  # a shape past what NumPy can address, though it holds nothing
        raise FormatError(path, LENGTH_BYTES, f"a tensor's shape is impossible: {error}") from error
    return TensorFile(path, tensors, metadata, head, size)


def _parse_header(path: Path, text: bytes) -> dict[str, Any]:
    try:
        header = json.loads(text.decode("utf-8"), object_pairs_hook=_distinct)
    except (ValueError, RecursionError) as error:
        raise FormatError(path, LENGTH_BYTES, f"the header is no JSON of the format: {error}") from error
    if not isinstance(header, dict):
        raise FormatError(path, LENGTH_BYTES, "the header must be a JSON object")
    return header


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) != len(pairs):
        raise ValueError("a name occurs twice")
    return names


def _span(path: Path, name: str, entry: Any) -> tuple[int, int]:
    """The begin and end of a tensor in the data, agreeing with its dtype and shape."""
    try:
        dtype, shape, (begin, end) = entry["dtype"], entry["shape"], entry["data_offsets"]
        whole = isinstance(dtype, str) and all(type(n) is int and n >= 0 for n in (begin, end, *shape))
    except (TypeError, ValueError, KeyError) as error:
        raise FormatError(path, LENGTH_BYTES, f"the header's entry for {name!r} is malformed") from error
    wanted = math.prod(shape) * DTYPES[dtype].itemsize if whole and dtype in DTYPES else None
    if not whole or begin > end or (wanted is not None and end - begin != wanted):
        raise FormatError(
            path, LENGTH_BYTES,
            f"tensor {name!r} of {dtype} {shape} cannot lie at bytes {begin} to {end} of the data",
        )  # fmt: skip
    return begin, end


def _check_cover(path: Path, spans: Mapping[str, tuple[int, int]], length: int, start: int) -> None:
    """The tensors must follow each other from the first byte of the data to the last of the file."""
    reached = 0
    for begin, end in sorted(spans.values()):
        if begin != reached:
            raise FormatError(path, start + reached, "the tensors must follow each other without holes")
        reached = end
    if reached != length:
        raise FormatError(
            path, start + min(reached, length),
            f"the header describes {reached:,} bytes of data, but the file holds {length:,}; "
            "it was cut or added to: fetch it again",
        )  # fmt: skip


def _view(buffer: Buffer, offset: int, dtype: np.dtype[Any], shape: list[int]) -> np.ndarray:
    count = math.prod(shape)
    if count == 0:
        return np.zeros(shape, dtype)
    flat = np.frombuffer(buffer, dtype, count, offset)
    return (flat if flat.flags.aligned else flat.copy()).reshape(shape)


def write_tensors(
    file: BinaryIO, tensors: Mapping[str, np.ndarray], metadata: Mapping[str, str], *, aligned: str
) -> None:
    """Write C-contiguous arrays in the order given, the one named `aligned` on a multiple of 64 bytes."""
    file.write(build_head(tensors, metadata, aligned=aligned))
    for array in tensors.values():
        if array.size:
            flat = array.data.cast("B")
            for begin in range(0, len(flat), CHUNK):
                file.write(flat[begin : begin + CHUNK])


def build_head(tensors: Mapping[str, np.ndarray], metadata: Mapping[str, str], *, aligned: str) -> bytes:
    """Everything before the data: length, JSON, and spaces up to the wanted alignment."""
    sums = {CHECKSUM + name: checksum(array) for name, array in tensors.items()}
    header: dict[str, Any] = {"__metadata__": {**metadata, **sums, f"{CHECKSUM}header": BLANK}}
    end, before = 0, 0
    for name, array in tensors.items():
        before = end if name == aligned else before
        header[name] = {
            "dtype": NAMES[array.dtype], "shape": list(array.shape), "data_offsets": [end, end + array.nbytes]
        }  # fmt: skip
        end += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    padding = -(LENGTH_BYTES + len(text) + before) % ALIGNMENT
    head = (len(text) + padding).to_bytes(LENGTH_BYTES, "little") + text + b" " * padding
    return head.replace(_field(BLANK), _field(_header_checksum(head)), 1)


def _field(value: str) -> bytes:
    return f'"{CHECKSUM}header":"{value}"'.encode()


def _header_checksum(head: bytes) -> str:
    blank = HEADER_CHECKSUM.sub(_field(BLANK), head, count=1)
    return f"crc32:{zlib.crc32(blank):08x}"
