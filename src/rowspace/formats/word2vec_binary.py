"""word2vec's binary form: a header "rows dim", then key, space, `dim` float32, and a newline or none.

We write the newline, as word2vec.c does; gensim and every reader that skips newlines take both.
"""

from __future__ import annotations

from typing import BinaryIO

import numpy as np
from tqdm import tqdm

from rowspace import kernels
from rowspace.arrays import Bytes, PackedKeys
from rowspace.errors import FormatError
from rowspace.formats.collector import Block, Collector
from rowspace.formats.header import Header, check_dim, find_header, lying_rows
from rowspace.formats.keys import BINARY_RULE, KeyRule
from rowspace.formats.options import ReadOptions
from rowspace.formats.sources import Source
from rowspace.formats.text import KERNEL_FROM_BYTES, Span
from rowspace.table import Table

NAME = "word2vec-binary"
RULE: KeyRule = BINARY_RULE
BLOCK_BYTES = 1 << 20
LONGEST_KEY = 16 << 20
NEWLINE = 10


def read(source: Source, options: ReadOptions) -> Table:
    """Read a table; no more is reserved than the file's size allows, whatever the header says."""
    header = find_header(source)
    if header is None:
        raise FormatError(
            source.path, 0, 'the first line must be "rows dim"; is this word2vec\'s binary form?'
        )
    check_dim(source, header.dim, options.dim)
    source.skip(header.length)
    collector = Collector(source.path, header.dim, options, expected_rows=_expected_rows(source, header))
    found = _collect(source, header.dim, collector, options)
    if options.header == "check" and not collector.is_full and found != header.rows:
        raise lying_rows(source, header.rows, found, source.position)
    return collector.finish(NAME)


def write(file: BinaryIO, table: Table, keys: PackedKeys, *, threads: int, progress: bool) -> None:
    """Write the header and the rows; the disk is the limit, so `threads` is of no use here."""
    del threads
    file.write(f"{len(table)} {table.dim}\n".encode())
    row_bytes = 4 * table.dim + 2
    step = max(1, BLOCK_BYTES // row_bytes)
    vectors = table.vectors
    kernel = kernels.load("binary_rows", "cpu" if vectors.nbytes >= KERNEL_FROM_BYTES else "reference")
    bar = tqdm(total=len(table), unit="row", unit_scale=True, delay=1, disable=None if progress else True)
    with bar:
        for start in range(0, len(table), step):
            span = Span.of(keys, vectors, start, start + step)
            out = np.empty(len(span.keys.data) + len(span.vectors) * row_bytes, np.uint8)
            kernel.format_rows(span.vectors, span.keys.data, span.keys.offsets, out)
            file.write(out.data)
            bar.update(len(span.vectors))


def _expected_rows(source: Source, header: Header) -> int:
    """The rows to reserve: those promised, but no more than fit with empty keys."""
    most = 1 if source.size is None else (source.size - header.length) // (1 + 4 * header.dim)
    return min(header.rows, most)


def _collect(source: Source, dim: int, collector: Collector, options: ReadOptions) -> int:
    """Read rows up to the end or the limit; return how many there were."""
    found, carry = 0, np.zeros(0, np.uint8)
    device: kernels.Device = "cpu" if source.packed_bytes >= KERNEL_FROM_BYTES else "reference"
    bar = tqdm(
        total=source.size, unit="B", unit_scale=True, delay=1, disable=None if options.progress else True
    )
    with bar:
        while not collector.is_full:
            start = source.position - len(carry)
            data = np.empty(len(carry) + max(BLOCK_BYTES, len(carry)), np.uint8)
            data[: len(carry)] = carry
            filled = len(carry) + source.read_into(data[len(carry) :])
            block, used = _parse(data[:filled], dim, start, device)
            collector.add(block)
            found += len(block.keys)
            carry = data[used:filled].copy()
            bar.update(used)
            if filled < len(data):
                if not collector.is_full:
                    _check_end(source, carry, start + used, found, dim)
                return found
            if len(carry) > LONGEST_KEY + 4 * dim:
                raise FormatError(source.path, start + used, f"a key must end within {LONGEST_KEY:,} bytes")
    return found


def _parse(data: Bytes, dim: int, start: int, device: kernels.Device) -> tuple[Block, int]:
    """The whole rows of some bytes, and how many bytes they take."""
    most_rows = len(data) // (1 + 4 * dim)
    vectors = np.empty((most_rows, dim), np.float32)
    keys = np.empty(len(data), np.uint8)
    offsets, places = np.empty(most_rows + 1, np.int64), np.empty(most_rows, np.int64)
    rows, used = kernels.load("binary_rows", device).parse_rows(data, vectors, keys, offsets, places)
    packed = PackedKeys(keys[: offsets[rows]].copy(), offsets[: rows + 1].copy())
    return Block(packed, vectors[:rows], places[:rows] + start), used


def _check_end(source: Source, rest: Bytes, offset: int, found: int, dim: int) -> None:
    """After the last row only newlines may follow."""
    if np.any(rest != NEWLINE):
        raise FormatError(
            source.path,
            offset,
            f"after {found:,} rows, {len(rest):,} bytes are left that are no whole row of a key, a space and "
            f"{4 * dim:,} bytes; the file was cut or damaged: fetch it again",
        )
