"""GloVe's text form: a line a row, no header, so the dim is inferred from the first lines.

The dim is the number of numbers that most of the first thousand lines end in, the least such number where
lines are divided. A key that ends in a number lengthens the run on its own line only, and a damaged line
is outvoted, so that the reader can name it.
"""

from __future__ import annotations

from collections import Counter
from typing import BinaryIO

from rowspace.arrays import PackedKeys
from rowspace.errors import FormatError, ShapeError
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
    """The dim that most of the first lines have, 0 where most are no rows; nothing is taken."""
    lines = whole_lines(source)[:LINES_SEEN]
    votes = Counter(count_numbers(line) for line in lines if line.strip(b" \t\r"))
    return min(votes, key=lambda dim: (-votes[dim], dim), default=0)


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
        raise ShapeError("GloVe text without rows cannot tell its dim; write word2vec-text or rows instead")
    text.write_rows(file, keys, table.vectors, threads=threads, progress=progress)
