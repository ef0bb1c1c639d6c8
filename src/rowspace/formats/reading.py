"""The door for files of any format."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import get_args

import numpy as np

from rowspace.formats import glove_text, native, word2vec_binary, word2vec_text
from rowspace.formats.collector import Block, Collector
from rowspace.formats.options import (
    DroppedRowsWarning,
    Duplicates,
    Format,
    Header,
    KeyErrors,
    NonFinite,
    ReadOptions,
    check_choice,
)
from rowspace.formats.recognition import recognise
from rowspace.formats.sources import DEFAULT_EXPANSION, Source, open_source
from rowspace.formats.tensor_file import map_tensors, parse
from rowspace.formats.text import Span
from rowspace.stores import DenseStore
from rowspace.table import Table
from rowspace.vocabulary import Words

CHANGES = {
    "rows_dropped_not_utf8": "rows dropped whose key is not UTF-8",
    "rows_dropped_repeated": "rows dropped whose key another row has",
    "rows_zeroed_not_finite": "rows set to zero that held NaN or infinity",
}
ROWS_A_STEP = 1 << 16


def read(
    path: str | os.PathLike[str],
    *,
    format: Format | None = None,
    limit: int | None = None,
    errors: KeyErrors = "strict",
    duplicates: Duplicates = "error",
    nonfinite: NonFinite = "error",
    header: Header = "check",
    dim: int | None = None,
    threads: int = 2,
    max_expansion: float = DEFAULT_EXPANSION,
    progress: bool = False,
) -> Table:
    r"""Read a whole file into memory: .rows, word2vec text or binary, GloVe text; plain or compressed.

    The format is recognised by content unless `format` names it. gzip, bzip2, xz, Zstandard, and zip or
    tar archives of one file are unpacked on the way.

    limit: read that many rows at most. errors: for keys that are not UTF-8, "strict", "replace",
    "surrogateescape" (keep the bytes) or "skip" (drop the row). duplicates: "error", or keep the "first"
    or the "last" row of a key. nonfinite: for rows with NaN or infinity, "error", "keep", or "zero" (the
    whole row). header: "check" that it tells the true number of rows, or "ignore" that number. dim: for
    text without a header, instead of inferring it. max_expansion: plain bytes allowed a compressed byte.
    Dropped and zeroed rows are counted in ``table.metadata["source"]`` and in a DroppedRowsWarning.

    Memory beyond the table stays below a tenth of it. Raises FormatError and FileAccessError.

    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "glove.txt"
    >>> _ = path.write_text("new york 0.5 0.25\nparis 1 -2e-1\n")
    >>> table = read(path)
    >>> list(table.keys), table["new york"]
    (['new york', 'paris'], array([0.5 , 0.25], dtype=float32))
    """
    options = ReadOptions(
        limit=limit, errors=errors, duplicates=duplicates, nonfinite=nonfinite, header=header, dim=dim,
        threads=threads, max_expansion=max_expansion, progress=progress,
    )  # fmt: skip
    if format is not None:
        check_choice("format", format, get_args(Format))
    with open_source(path, max_expansion=max_expansion) as source:
        name = format or recognise(source)
        table = READERS[name](source, options)
    if name != "rows" and (told := _changes(table)):
        warnings.warn(f"{path}: {told}", DroppedRowsWarning, stacklevel=2)
    return table


def _changes(table: Table) -> str:
    """What the collector left out or changed, in words."""
    source = table.metadata["source"]
    return ", ".join(f"{source[reason]:,} {words}" for reason, words in CHANGES.items() if reason in source)


def _read_rows(source: Source, options: ReadOptions) -> Table:
    """A .rows file as a table in memory, every checksum compared; its keys may be any bytes."""
    file = map_tensors(source.path) if source.packing is None else parse(source.path, source.read_all().data)
    table = native.from_tensors(file, verify=True)
    words = table.vocabulary
    assert isinstance(words, Words)  # all that from_tensors makes
    strict = replace(options, errors="surrogateescape", duplicates="error")
    collector = Collector(source.path, table.dim, strict, expected_rows=len(table))
    for start in range(0, len(table), ROWS_A_STEP):
        span = Span.of(words.keys, table.vectors, start, start + ROWS_A_STEP)
        collector.add(Block(span.keys, span.vectors, np.zeros(len(span.keys), np.int64)))
    plain = collector.finish("rows")
    return _with_extras(plain, table, words)


def _with_extras(plain: Table, table: Table, words: Words) -> Table:
    """The rows of `plain` with what else the first so many rows of `table` have."""
    index = plain.vocabulary
    assert isinstance(index, Words)
    rows = len(plain)
    has_unknown = words.unknown_key is not None and words.unknown_row < rows
    copied = Words(
        index.keys,
        index.slots,
        counts=None if words.counts is None else np.array(words.counts[:rows]),
        unknown_key=words.unknown_key if has_unknown else None,
        missing=words.missing if has_unknown or words.missing != "unknown" else "raise",
    )
    context = table.context
    if isinstance(context, DenseStore):
        context = DenseStore(np.array(context.vectors[:rows]))
    return Table(copied, plain.store, table.metadata, context)


READERS: Mapping[str, Callable[[Source, ReadOptions], Table]] = MappingProxyType(
    {
        "rows": _read_rows,
        word2vec_text.NAME: word2vec_text.read,
        word2vec_binary.NAME: word2vec_binary.read,
        glove_text.NAME: glove_text.read,
    }
)
