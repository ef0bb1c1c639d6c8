"""The door for files of any format."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import get_args

from rowspace.formats import (
    fasttext,
    floret_binary,
    floret_text,
    glove_text,
    native_reading,
    word2vec_binary,
    word2vec_text,
)
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
from rowspace.table import Table

CHANGES = {
    "rows_dropped_not_utf8": "rows dropped whose key is not UTF-8",
    "rows_dropped_repeated": "rows dropped whose key another row has",
    "rows_zeroed_not_finite": "rows set to zero that held NaN or infinity",
}


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
    r"""Read a whole file into memory: .rows, word2vec, GloVe, fastText or floret; plain or compressed.

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


READERS: Mapping[str, Callable[[Source, ReadOptions], Table]] = MappingProxyType(
    {
        "rows": native_reading.read,
        word2vec_text.NAME: word2vec_text.read,
        word2vec_binary.NAME: word2vec_binary.read,
        glove_text.NAME: glove_text.read,
        fasttext.NAME: fasttext.read,
        floret_binary.NAME: floret_binary.read,
        floret_text.NAME: floret_text.read,
    }
)
