"""GloVe's text form: a line a row, no header, so the dim is inferred from the first lines.

The dim is the least number of numbers that any of the first thousand lines ends in: a key that is a
number itself, alone or after a space, lengthens the run on its own line only.
"""

from __future__ import annotations

from typing import BinaryIO

from rowspace.arrays import PackedKeys
from rowspace.errors import FormatError
from rowspace.formats import text
from rowspace.formats.keys import GLOVE_RULE, KeyRule
from rowspace.formats.options import ReadOptions
from rowspace.formats.sources import Source
from rowspace.kernels.reference.text_rows import count_numbers
from rowspace.table import Table

NAME = "glove-text"
RULE: KeyRule = GLOVE_RULE
LINES_SEEN = 1000
HEAD_BYTES = 1 << 20
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read(source: Source, options: ReadOptions) -> Table:
    """Read a table; `dim`, where given, is taken for granted."""
    if source.head(3) == BYTE_ORDER_MARK:
        source.skip(3)
    dim = options.dim or infer_dim(source)
    if dim == 0:
        raise FormatError(
            source.path, 0, "the first lines must each be a key and numbers; is this a text of rows?"
        )
    return text.read_rows(source, dim, options, format_name=NAME)


def infer_dim(source: Source) -> int:
    """The dim that the first lines agree on, 0 where they do not; nothing is taken."""
    lines = whole_lines(source)[:LINES_SEEN]
    counts = [count_numbers(line) for line in lines if line.strip(b" \t\r")]
    return min(counts, default=0)


def whole_lines(source: Source) -> list[bytes]:
    """The first lines of a source, at least one; the last one whole only if it ends the file."""
    length = HEAD_BYTES
    while True:
        head = source.head(length)
        if len(head) < length:
            return head.split(b"\n")
        if b"\n" in head or length > text.LONGEST_LINE:
            return head.split(b"\n")[:-1]
        length *= 2


def write(file: BinaryIO, table: Table, keys: PackedKeys, *, threads: int, progress: bool) -> None:
    """Write a line a row."""
    if len(table) == 0:
        raise FormatError(
            file.name, 0, "a GloVe file without rows cannot tell its dim; write word2vec-text or rows instead"
        )
    text.write_rows(file, keys, table.vectors, threads=threads, progress=progress)
