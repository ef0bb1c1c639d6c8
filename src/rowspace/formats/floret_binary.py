"""floret's binary models: fastText's, with words and n-grams in the same rows (see `fasttext`).

In a model that floret trained, the first word of the dictionary, mostly ``</s>``, has a row of its own
beside its buckets. floret's own export leaves it out, and so do we.
"""

from __future__ import annotations

from typing import BinaryIO

from rowspace.arrays import PackedKeys
from rowspace.errors import ShapeError
from rowspace.formats import fasttext, fasttext_writing
from rowspace.formats.vocabularies import kind_of
from rowspace.table import Table
from rowspace.vocabulary.floret import Floret

NAME = fasttext.FLORET
RULE = fasttext.RULE

read = fasttext.read


def write(file: BinaryIO, table: Table, keys: PackedKeys, *, threads: int, progress: bool) -> None:
    """Write a model that floret loads and gives the same vectors; ShapeError for other subwords."""
    del threads
    check_floret(table)
    fasttext_writing.write_model(file, table, keys, progress=progress)


def check_floret(table: Table) -> Floret:
    """The splitter of a table whose keys are hashed as floret does, else ShapeError."""
    splitter = getattr(table.vocabulary, "splitter", None)
    if not isinstance(splitter, Floret):
        raise ShapeError(
            f"floret's files hold words and n-grams hashed together, but this table has "
            f"{kind_of(table.vocabulary)}; write .bin for fastText, or .rows"
        )
    return splitter
