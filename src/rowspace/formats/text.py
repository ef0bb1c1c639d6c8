"""Reading and writing rows of text: the engine of word2vec's text form and of GloVe's."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

import numpy as np
from tqdm import tqdm

from rowspace import kernels
from rowspace.arrays import Bytes, PackedKeys, Vectors
from rowspace.corpus.pipeline import map_in_order
from rowspace.errors import FormatError
from rowspace.formats.collector import Block, Collector
from rowspace.formats.header import Header, lying_rows
from rowspace.formats.options import ReadOptions
from rowspace.formats.sources import Source
from rowspace.kernels.reference.text_format import LONGEST_VALUE
from rowspace.kernels.reference.text_rows import count_numbers
from rowspace.table import Table

BLOCK_BYTES = 1 << 20
LONGEST_LINE = 32 << 20
KERNEL_FROM_BYTES = 100_000  # below it plain Python is done before Numba would be imported
NEWLINE = 10
EXCERPT = 60


@dataclass(frozen=True, eq=False)
class Text:
    """Whole lines of a file."""

    start: int  # byte of the file
    data: Bytes


@dataclass(frozen=True, eq=False)
class Parsed:
    """The rows of some lines, up to the first line that is none."""

    block: Block
    lines: int
    bad: bytes | None  # the line where reading stopped
    end: int  # byte of the file


def read_rows(
    source: Source, dim: int, options: ReadOptions, *, format_name: str, header: Header | None = None
) -> Table:
    """Read every line left in `source` as a key and `dim` values; see kernels.reference.text_rows.

    Raises FormatError for a line that is no such row, or where a header's rows are not the file's.
    """
    collector = Collector(source.path, dim, options, expected_rows=_expected_rows(source, header))
    found, line_number, offset = 0, 2 if header else 1, source.position
    bar = tqdm(
        total=source.size, unit="B", unit_scale=True, delay=1, disable=None if options.progress else True
    )
    parse = partial(parse_text, dim=dim)
    with bar, closing(map_in_order(parse, _texts(source), threads=options.threads)) as blocks:
        for parsed in blocks:
            collector.add(parsed.block)
            if collector.is_full:
                return collector.finish(format_name)
            if parsed.bad is not None:
                raise _bad_line(source, parsed, line_number + parsed.lines, dim)
            found, line_number = found + len(parsed.block.keys), line_number + parsed.lines
            bar.update(parsed.end - offset)
            offset = parsed.end
    if header and options.header == "check" and found != header.rows:
        raise lying_rows(source, header.rows, found, offset)
    return collector.finish(format_name)


def parse_text(text: Text, dim: int) -> Parsed:
    """Parse whole lines, without the GIL for most of the time."""
    data = text.data
    most_rows = (len(data) + 1) // (2 * dim + 1)  # an empty key, and a space and a digit a value
    vectors = np.empty((most_rows, dim), np.float32)
    keys = np.empty(len(data), np.uint8)
    offsets, places = np.empty(most_rows + 1, np.int64), np.empty(most_rows, np.int64)
    kernel = kernels.load("text_rows", "cpu" if len(data) >= KERNEL_FROM_BYTES else "reference")
    rows, lines, bad = kernel.parse_rows(data, dim, vectors, keys, offsets, places)
    packed = PackedKeys(keys[: offsets[rows]].copy(), offsets[: rows + 1].copy())
    block = Block(packed, vectors[:rows], places[:rows] + text.start)
    if bad < 0:
        return Parsed(block, lines, None, text.start + len(data))
    rest = data[bad:].tobytes()
    return Parsed(block, lines, rest.split(b"\n", 1)[0], text.start + bad)


def write_rows(file: BinaryIO, keys: PackedKeys, vectors: Vectors, *, threads: int, progress: bool) -> None:
    """Write a line a row, with the shortest values that read back the same."""
    step = max(1, BLOCK_BYTES // (vectors.shape[1] * LONGEST_VALUE))
    starts = range(0, len(vectors), step)
    size = vectors.nbytes + keys.data.nbytes
    device: kernels.Device = "cpu" if size >= KERNEL_FROM_BYTES else "reference"
    blocks = (Span.of(keys, vectors, start, start + step) for start in starts)
    bar = tqdm(total=len(vectors), unit="row", unit_scale=True, delay=1, disable=None if progress else True)
    with bar, closing(map_in_order(partial(format_span, device=device), blocks, threads=threads)) as lines:
        for line in lines:
            file.write(line.data)
            bar.update(step)


@dataclass(frozen=True, eq=False)
class Span:
    """Some rows to be written, copied out of a table that may be mapped."""

    keys: PackedKeys
    vectors: Vectors

    @classmethod
    def of(cls, keys: PackedKeys, vectors: Vectors, start: int, end: int) -> Span:
        """Rows [start, end) of a table; an end past the last row is that row."""
        offsets = keys.offsets[start : end + 1]
        data = np.array(keys.data[offsets[0] : offsets[-1]])
        return cls(PackedKeys(data, offsets - offsets[0]), np.array(vectors[start:end]))


def format_span(span: Span, device: kernels.Device) -> Bytes:
    """The lines of some rows."""
    out = np.empty(len(span.keys.data) + span.vectors.size * LONGEST_VALUE + len(span.vectors), np.uint8)
    kernel = kernels.load("text_format", device)
    filled = kernel.format_rows(span.vectors, span.keys.data, span.keys.offsets, out)
    return out[:filled]


def _texts(source: Source) -> Generator[Text]:
    """Whole lines, about BLOCK_BYTES at a time; the last may lack its newline."""
    carry = np.zeros(0, np.uint8)
    while True:
        start = source.position - len(carry)
        data = np.empty(len(carry) + BLOCK_BYTES, np.uint8)
        data[: len(carry)] = carry
        filled = len(carry) + source.read_into(data[len(carry) :])
        if filled < len(data):
            if filled:
                yield Text(start, data[:filled])
            return
        cut = _after_last_newline(data)
        if cut:
            yield Text(start, data[:cut])
        elif filled > LONGEST_LINE:
            raise FormatError(
                source.path, start, f"a line must end within {LONGEST_LINE:,} bytes; is this text?"
            )
        carry = data[cut:].copy()


def _after_last_newline(data: Bytes) -> int:
    """The place after the last newline, 0 where there is none; cost is the length of the last line."""
    window = 1 << 12
    while True:
        start = max(0, len(data) - window)
        newlines = np.flatnonzero(data[start:] == NEWLINE)
        if len(newlines):
            return start + int(newlines[-1]) + 1
        if start == 0:
            return 0
        window *= 4


def _expected_rows(source: Source, header: Header | None) -> int:
    """A guess from the first lines: a header alone is not believed."""
    head = source.head(1 << 16)
    lines = head.count(b"\n") + 1
    guess = lines if source.size is None else int(1.05 * lines * source.size / max(len(head), 1)) + 1
    return min(guess, header.rows) if header else guess


def _bad_line(source: Source, parsed: Parsed, line_number: int, dim: int) -> FormatError:
    """Say what is wrong with a line that is no row."""
    line = parsed.bad or b""
    numbers = count_numbers(line)
    excerpt = f"{line[:EXCERPT]!r}{'...' if len(line) > EXCERPT else ''}"
    if numbers >= dim:
        found = f"ends in {numbers}: {excerpt}; too wide, or a key that ends like a value"
    else:
        pieces = line.rstrip(b" \t\r").replace(b"\t", b" ").split(b" ")
        found = f"ends in {numbers}, after {pieces[-1 - numbers][:EXCERPT]!r}: {excerpt}"
    return FormatError(
        source.path,
        parsed.end,
        f"line {line_number} must be a key and {dim} numbers such as -0.5 or 1e-3, but {found}; mend the "
        "line, or pass the right dim",
    )
