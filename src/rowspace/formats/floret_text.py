"""floret's text form: the rows of all buckets, from which any word has a vector; no words are kept.

A header ``buckets dim min_n max_n hashes seed < >``, then a line a bucket: its number and its values.
spaCy imports it with ``spacy init vectors --mode floret``.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import BinaryIO

import numpy as np

from rowspace.arrays import PackedKeys
from rowspace.errors import FormatError, RecipeError
from rowspace.formats import text
from rowspace.formats.floret_binary import check_floret
from rowspace.formats.header import LONGEST, MOST_ROWS, MOST_VALUES, Header, check_dim
from rowspace.formats.options import ReadOptions
from rowspace.formats.sources import Source
from rowspace.stores import all_rows
from rowspace.table import Table
from rowspace.vocabulary import Words
from rowspace.vocabulary.floret import Floret
from rowspace.vocabulary.subwords import Subwords

NAME = "floret-text"
RULE = None  # it holds no keys
HEADER = re.compile(rb"([0-9]{1,10}) " * 6 + rb"(\S+) (\S+)[ \t]*\r?\n")


def find_header(source: Source) -> tuple[Header, Floret] | None:
    """The header at the front of a source, if its first line is one; nothing is taken.

    Raises FormatError for numbers that no table can have, and for other marks of a word's ends.
    """
    match = HEADER.match(source.head(LONGEST))
    if match is None:
        return None
    buckets, dim, min_n, max_n, hashes, seed = map(int, match.groups()[:6])
    try:
        if match[7] != b"<" or match[8] != b">":
            raise RecipeError(f"words must be marked by < and >, but are by {match[7]!r} and {match[8]!r}")
        if not (1 <= dim <= MOST_VALUES and buckets <= MOST_ROWS):
            raise RecipeError(f"no table has {buckets} rows of {dim} values")
        return Header(buckets, dim, match.end()), Floret(min_n, max_n, buckets, hashes, seed)
    except RecipeError as error:
        raise FormatError(source.path, 0, f"the header contradicts itself: {error}") from error


def read(source: Source, options: ReadOptions) -> Table:
    """Read a table without keys that knows every word; a limit has no meaning here and is not asked."""
    found = find_header(source)
    if found is None:
        raise FormatError(
            source.path,
            0,
            'the first line must be "buckets dim min_n max_n hashes seed < >"; is this floret\'s text form?',
        )
    header, floret = found
    check_dim(source, header.dim, options.dim)
    source.skip(header.length)
    whole = replace(options, limit=None, errors="strict", duplicates="error", header="check")
    table = text.read_rows(source, header.dim, whole, format_name=NAME, header=header)
    if list(table.keys) != [str(row) for row in range(header.rows)]:
        row = next(row for row, key in enumerate(table.keys) if key != str(row))
        raise FormatError(
            source.path,
            header.length,
            f"the rows must be numbered from 0 on, but row {row} is called {table.keys[row][:60]!r}",
        )
    return Table(Subwords(Words.from_keys([]), floret), table.store, table.metadata)


def write(file: BinaryIO, table: Table, keys: PackedKeys, *, threads: int, progress: bool) -> None:
    """Write the buckets; ShapeError for other subwords."""
    del keys
    floret = check_floret(table)
    numbers = (floret.buckets, table.dim, floret.min_n, floret.max_n, floret.hashes, floret.seed)
    file.write(" ".join(map(str, numbers)).encode() + b" < >\n")
    names = PackedKeys.from_strings(str(row) for row in range(floret.buckets))
    text.write_rows(file, names, np.asarray(all_rows(table.store)), threads=threads, progress=progress)
