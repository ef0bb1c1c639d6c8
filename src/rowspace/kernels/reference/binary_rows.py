"""Rows of word2vec's binary form: ``key``, a space, `dim` little-endian float32, perhaps a newline.

word2vec.c writes the newline, gensim does not, so any number of newlines before a key is passed over.
"""

from __future__ import annotations

import numpy as np

from rowspace.arrays import Bytes, Offsets, RowIds, Vectors

NEWLINE, SPACE = b"\n", b" "


def parse_rows(
    data: Bytes, vectors: Vectors, keys: Bytes, key_offsets: Offsets, key_starts: RowIds
) -> tuple[int, int]:
    """Read whole rows into `vectors`, their keys end to end into `keys`, which is as long as `data`.

    Row r has the key keys[key_offsets[r]:key_offsets[r + 1]], found at byte key_starts[r] of `data`.
    Stops where a row is not whole or `vectors` is full; returns the number of rows and of bytes used.
    """
    text, dim = data.tobytes(), vectors.shape[1]
    row = used = 0
    key_offsets[0] = 0
    while row < len(vectors):
        start = used
        while text[start : start + 1] == NEWLINE:
            start += 1
        space = text.find(SPACE, start)
        end = space + 1 + 4 * dim
        if space < 0 or end > len(text):
            break
        fill = int(key_offsets[row])
        keys[fill : fill + space - start] = data[start:space]
        key_offsets[row + 1] = fill + space - start
        key_starts[row] = start
        vectors[row] = np.frombuffer(text, "<f4", dim, space + 1)
        row, used = row + 1, end
    return row, used


def format_rows(vectors: Vectors, keys: Bytes, key_offsets: Offsets, out: Bytes) -> int:
    """Write each row and a newline into `out`, which fits exactly or is longer; return how many bytes."""
    fill = 0
    for row in range(len(vectors)):
        key = keys[key_offsets[row] : key_offsets[row + 1]].tobytes()
        record = key + SPACE + vectors[row].astype("<f4").tobytes() + NEWLINE
        out[fill : fill + len(record)] = np.frombuffer(record, np.uint8)
        fill += len(record)
    return fill
