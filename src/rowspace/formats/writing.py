"""The door for writing a table in any format."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import get_args

from rowspace.errors import FormatError
from rowspace.formats import (
    fasttext,
    floret_binary,
    floret_text,
    glove_text,
    native,
    word2vec_binary,
    word2vec_text,
)
from rowspace.formats.atomic import atomic_write, check_writable
from rowspace.formats.keys import writable_keys
from rowspace.formats.options import Format, check_choice
from rowspace.formats.vocabularies import kind_of
from rowspace.table import Table

SUFFIXES: Mapping[str, Format] = MappingProxyType(
    {
        ".rows": "rows",
        ".txt": "word2vec-text",
        ".vec": "word2vec-text",
        ".bin": "word2vec-binary",
        ".glove": "glove-text",
        ".floret": "floret-text",
    }
)
WRITERS: Mapping[str, ModuleType] = MappingProxyType(
    {
        module.NAME: module
        for module in (word2vec_text, word2vec_binary, glove_text, fasttext, floret_binary, floret_text)
    }
)
# What ``.bin`` means where keys have n-grams: the name that fastText and floret give their models.
BINARY: Mapping[str, Format] = MappingProxyType({"ngrams": "fasttext", "floret": "floret-binary"})


def write(
    table: Table,
    path: str | os.PathLike[str],
    *,
    format: Format | None = None,
    escape: str | None = None,
    threads: int = 2,
    progress: bool = False,
) -> Path:
    """Write a table to a file, wholly or not at all; return the path.

    The suffix chooses the format unless `format` names it: .rows; .txt and .vec word2vec text; .bin
    fastText's or floret's model for a table with hashed n-grams, else word2vec binary; .glove GloVe text;
    .floret floret's text. Only .rows keeps everything and holds any key. In the others `escape` replaces
    what a key may not hold; without it such a key is refused. Values in text are the shortest that read
    back the same. Where a format has no place for subwords, each key's own vector is written.

    Raises UnwritableKeyError, FileAccessError (a folder, no space, no right; what was there before stays),
    FormatError (an unknown suffix) and ShapeError (a table that the format has no form for).

    >>> import tempfile, numpy as np
    >>> table = Table.from_arrays(["king", "new york"], np.array([[0.5, 1], [2, 1e-7]], np.float32))
    >>> path = write(table, Path(tempfile.mkdtemp()) / "two.vec")
    >>> path.read_text().splitlines()
    ['2 2', 'king 0.5 1.0', 'new york 2.0 1e-07']
    """
    target = Path(path)
    chosen = format or _by_suffix(target, table)
    check_choice("format", chosen, get_args(Format))
    if chosen == "rows":
        return native.write(table, target)
    writer = WRITERS[chosen]
    check_writable(target)
    keys = table.keys
    if writer.RULE is not None:
        keys = writable_keys(target, keys, writer.RULE, format_name=chosen, escape=escape)
    with atomic_write(target, needed_bytes=len(keys.data) + 4 * table.dim * len(keys)) as file:
        writer.write(file, table, keys, threads=threads, progress=progress)
    return target


def _by_suffix(path: Path, table: Table) -> Format:
    found = SUFFIXES.get(path.suffix.lower())
    if found is None:
        raise FormatError(
            path,
            0,
            f"the suffix must be one of {', '.join(SUFFIXES)}, but is {path.suffix!r}; or pass format=",
        )
    return BINARY.get(kind_of(table.vocabulary), found) if found == "word2vec-binary" else found
