"""word2vec's text form: a header "rows dim", then a line a row; fastText's ``.vec`` is the same.

Keys may hold spaces, since rows are split from the right. word2vec.c ends each line with a space, gensim
does not; both are read, and none is written.
"""

from __future__ import annotations

from typing import BinaryIO

from rowspace.arrays import PackedKeys
from rowspace.errors import FormatError
from rowspace.formats import text
from rowspace.formats.header import check_dim, find_header
from rowspace.formats.keys import TEXT_RULE, KeyRule
from rowspace.formats.options import ReadOptions
from rowspace.formats.sources import Source
from rowspace.table import Table

NAME = "word2vec-text"
RULE: KeyRule = TEXT_RULE


def read(source: Source, options: ReadOptions) -> Table:
    """Read a table; `dim`, where given, must be the header's."""
    header = find_header(source)
    if header is None:
        raise FormatError(
            source.path,
            0,
            'the first line must be "rows dim"; for a file without it pass format="glove-text"',
        )
    check_dim(source, header.dim, options.dim)
    source.skip(header.length)
    return text.read_rows(source, header.dim, options, format_name=NAME, header=header)


def write(file: BinaryIO, table: Table, keys: PackedKeys, *, threads: int, progress: bool) -> None:
    """Write the header and a line a row."""
    file.write(f"{len(table)} {table.dim}\n".encode())
    text.write_rows(file, keys, table.vectors, threads=threads, progress=progress)
