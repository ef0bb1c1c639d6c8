"""GloVe's own files: the co-occurrences that `cooccur` and `shuffle` write, and the words of `vocab_count`.

A file of co-occurrences is nothing but records of 16 bytes: two int32 that count words from 1, and a
float64. The words are lines of a word, a space, and its count, in the order of those numbers. Nothing in
either file tells its length, and nothing in the first the number of words.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Int32

from rowspace.arrays import PackedKeys
from rowspace.errors import FileAccessError, FormatError, UnwritableKeyError
from rowspace.formats.atomic import atomic_write
from rowspace.formats.sources import check_readable
from rowspace.vocabulary import Words

RECORD = np.dtype([("row", "<i4"), ("column", "<i4"), ("weight", "<f8")])
RECORDS_A_BLOCK = 1 << 18
SEPARATORS = b" \t\n\r\0"  # what ends a word for GloVe's programs


class Cells(NamedTuple):
    """Cells of a co-occurrence matrix; rows and columns count from 0."""

    rows: Int32[np.ndarray, "cells"]
    columns: Int32[np.ndarray, "cells"]
    weights: Float32[np.ndarray, "cells"]


def read_blocks(path: str | os.PathLike[str], num_rows: int) -> Iterator[Cells]:
    """The cells in the order of the file, a block at a time.

    Raises FormatError with the offset for a file that ends within a record, a word number outside
    1..num_rows, or a weight that is not finite and above zero.
    """
    target = check_readable(path)
    try:
        with target.open("rb") as file:
            offset = 0
            while content := file.read(RECORDS_A_BLOCK * RECORD.itemsize):
                yield _cells(target, offset, content, num_rows)
                offset += len(content)
    except OSError as error:
        if isinstance(error, FileAccessError):
            raise
        raise FileAccessError(f"{path}: could not be read: {error.strerror}") from error


def _cells(path: Path, offset: int, content: bytes, num_rows: int) -> Cells:
    whole = len(content) // RECORD.itemsize * RECORD.itemsize
    if whole < len(content):
        raise FormatError(
            path,
            offset + whole,
            f"records have {RECORD.itemsize} bytes, but only {len(content) - whole} are left: the file was "
            "cut short, or is no co-occurrence file; make it again",
        )
    records = np.frombuffer(content, RECORD)
    rows, columns, weights = records["row"], records["column"], records["weight"]
    outside = (rows < 1) | (rows > num_rows) | (columns < 1) | (columns > num_rows)
    if outside.any():
        place = int(np.argmax(outside))
        raise FormatError(
            path,
            offset + place * RECORD.itemsize,
            f"word numbers must be in 1 to {num_rows}, the size of the vocabulary, but are {rows[place]} and "
            f"{columns[place]}; give the vocab.txt that belongs to the file",
        )
    lost = ~(np.isfinite(weights) & (weights > 0))
    if lost.any():
        place = int(np.argmax(lost))
        raise FormatError(
            path,
            offset + place * RECORD.itemsize,
            f"a weight must be finite and above 0, but is {weights[place]}; make the file again",
        )
    limits = np.finfo(np.float32)  # beyond it a float64 becomes 0 or infinite
    narrow = np.clip(weights, limits.tiny, limits.max).astype(np.float32)
    return Cells(rows - np.int32(1), columns - np.int32(1), narrow)


def write(blocks: Iterable[Cells], path: str | os.PathLike[str]) -> None:
    """Write cells in their order, all or nothing; 16 bytes each. Raises FileAccessError."""
    with atomic_write(path) as file:
        for rows, columns, weights in blocks:
            records = np.empty(len(rows), RECORD)
            records["row"], records["column"], records["weight"] = rows + 1, columns + 1, weights
            file.write(records.data)


def read_words(path: str | os.PathLike[str]) -> Words:
    """The vocabulary of `vocab_count`: word i of the file, counted from 0, is row i.

    Raises FormatError with the offset for a line that is no word and count, and for a word that comes
    twice.
    """
    target = check_readable(path)
    keys: list[bytes] = []
    counts: list[int] = []
    offset = 0
    for line in target.read_bytes().splitlines(keepends=True):
        key, _, count = line.rstrip(b"\r\n").rpartition(b" ")
        if not key or not count.isdigit():
            raise FormatError(
                target, offset, "each line must be a word, a space, and its count; give GloVe's vocab.txt"
            )
        keys.append(key)
        counts.append(int(count))
        offset += len(line)
    if not keys:
        raise FormatError(target, 0, "the file holds no word; give the vocab.txt that vocab_count wrote")
    if len(set(keys)) < len(keys):
        raise FormatError(target, 0, "a word comes twice; each must have one line")
    return Words.from_keys(PackedKeys.from_bytes(keys), counts=np.array(counts, np.int64))


def write_words(words: Words, path: str | os.PathLike[str]) -> None:
    """Write a vocabulary as `vocab_count` does; words without counts get 0.

    Raises UnwritableKeyError for a key that GloVe's programs would read as two or as none.
    """
    counts = np.zeros(len(words), np.int64) if words.counts is None else words.counts
    with atomic_write(path) as file:
        for row, count in enumerate(counts.tolist()):
            key = words.keys.bytes_at(row)
            if not key or any(byte in SEPARATORS for byte in key):
                raise UnwritableKeyError(
                    f"{path}: GloVe's vocabulary cannot hold the key {words.keys[row][:60]!r} of row {row}: "
                    "it is empty or holds white space"
                )
            file.write(key + b" %d\n" % count)
