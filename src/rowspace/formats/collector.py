"""From blocks of rows to a table: the policies for doubtful rows, in one place for every format."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool

from rowspace import kernels
from rowspace.arrays import PackedKeys, RowIds, Slots, Vectors
from rowspace.errors import FormatError
from rowspace.formats.finite import settle_values
from rowspace.formats.growing import GrowingRows
from rowspace.formats.options import ReadOptions
from rowspace.stores import DenseStore
from rowspace.table import Table
from rowspace.vocabulary import Words
from rowspace.vocabulary.words import KERNEL_FROM_KEYS

CONTINUATION = 0x80  # the two highest bits of every UTF-8 byte that does not begin a character


@dataclass(frozen=True, eq=False)
class Block:
    """Some rows of a file, as they stand there."""

    keys: PackedKeys
    vectors: Vectors
    places: RowIds  # the byte of the file where each row begins

    def take(self, chosen: Bool[np.ndarray, "rows"]) -> Block:
        """The rows where `chosen` is true."""
        places = np.flatnonzero(chosen)
        return Block(self.keys.take(places), self.vectors[places], self.places[places])

    def first(self, count: int) -> Block:
        """The first `count` rows."""
        offsets = self.keys.offsets[: count + 1]
        keys = PackedKeys(self.keys.data[: offsets[-1]], offsets)
        return Block(keys, self.vectors[:count], self.places[:count])


class Collector:
    """Takes blocks in the order of the file and ends in a table.

    After `finish`, `places` holds the byte of the file where each row of the table began.
    """

    def __init__(self, path: Path, dim: int, options: ReadOptions, *, expected_rows: int) -> None:
        """Start empty; reserve room for `expected_rows`, which may be wrong."""
        self._path = path
        self._options = options
        limit = expected_rows if options.limit is None else min(expected_rows, options.limit)
        self._rows = GrowingRows(dim, expected_rows=limit)
        self._keys: list[PackedKeys] = []
        self._places: list[RowIds] = []
        self.places: RowIds = np.zeros(0, np.int64)
        self._changed: dict[str, int] = {}

    @property
    def is_full(self) -> bool:
        """Whether the limit is reached, so that no more need be read."""
        return self._options.limit is not None and len(self._rows) >= self._options.limit

    def add(self, block: Block) -> None:
        """Take one block; FormatError for rows that the options do not allow."""
        block = self._with_finite_values(self._with_valid_keys(block))
        if self._options.limit is not None:
            block = block.first(min(len(block.keys), self._options.limit - len(self._rows)))
        self._rows.append(block.vectors)
        self._keys.append(block.keys)
        self._places.append(block.places)

    def finish(self, format_name: str) -> Table:
        """The table of all rows taken, its keys indexed and distinct."""
        keys = _joined(self._keys)
        self.places = np.concatenate([np.zeros(0, np.int64), *self._places])
        slots, first_repeat = index_keys(keys)
        if first_repeat >= 0:
            kept = self._rows_to_keep(keys, slots, first_repeat)
            self._rows.keep(kept)
            keys, self.places = keys.take(kept), self.places[kept]
            slots, _ = index_keys(keys)
        source: dict[str, Any] = {"format": format_name, **self._changed}
        return Table(Words(keys, slots), DenseStore(self._rows.finish()), {"source": source})

    def _with_valid_keys(self, block: Block) -> Block:
        """The block with every key UTF-8, as `errors` has it."""
        if self._options.errors == "surrogateescape" or _is_utf8(block.keys):
            return block
        encoded = [block.keys.bytes_at(row) for row in range(len(block.keys))]
        valid = np.array([_decodes(key) for key in encoded])
        row = int(np.argmin(valid))
        if self._options.errors == "strict":
            raise FormatError(
                self._path,
                int(block.places[row]),
                f"the key {encoded[row][:60]!r} is not UTF-8; "
                'pass errors="replace", "surrogateescape" or "skip" to read on',
            )
        if self._options.errors == "skip":
            self._count("rows_dropped_not_utf8", int((~valid).sum()))
            return block.take(valid)
        replaced = [key.decode("utf-8", "replace").encode() for key in encoded]
        return Block(PackedKeys.from_bytes(replaced), block.vectors, block.places)

    def _with_finite_values(self, block: Block) -> Block:
        """The block with every value finite, or as `nonfinite` has it."""
        if self._options.nonfinite == "keep" or np.isfinite(block.vectors).all():
            return block
        zeroed = settle_values(
            self._path,
            block.vectors,
            self._options.nonfinite,
            name_of=lambda row: repr(block.keys[row][:60]),
            offset=int(block.places[np.argmin(np.isfinite(block.vectors).all(axis=1))]),
        )
        self._count("rows_zeroed_not_finite", zeroed)
        return block

    def _rows_to_keep(self, keys: PackedKeys, slots: Slots, repeat: int) -> RowIds:
        """One row of each key, the first or the last, in rising order; FormatError under "error"."""
        device = "cpu" if len(keys) >= KERNEL_FROM_KEYS else "reference"
        first: RowIds = kernels.load("hash_index", device).find_keys(
            slots, keys.data, keys.offsets, keys.data, keys.offsets
        )
        if self._options.duplicates == "error":
            raise FormatError(
                self._path,
                int(self.places[repeat]),
                f"keys must be distinct, but {keys[repeat][:60]!r} of row {first[repeat]} comes again at row "
                f'{repeat}; pass duplicates="first" or "last" to keep one of them',
            )
        chosen = np.arange(len(keys))
        if self._options.duplicates == "last":
            last = np.zeros(len(keys), np.int64)
            last[first] = chosen  # of several values for one place NumPy keeps the last
            first = last[first]
        kept = np.flatnonzero(first == chosen)
        self._count("rows_dropped_repeated", len(keys) - len(kept))
        return kept

    def _count(self, reason: str, count: int) -> None:
        self._changed[reason] = self._changed.get(reason, 0) + count


def index_keys(keys: PackedKeys) -> tuple[Slots, int]:
    """The hash index of keys, and the first row whose key came before, or -1."""
    device = "cpu" if len(keys) >= KERNEL_FROM_KEYS else "reference"
    slots, first_repeat = kernels.load("hash_index", device).build_index(keys.data, keys.offsets)
    return slots, int(first_repeat)


def _joined(parts: list[PackedKeys]) -> PackedKeys:
    """All the parts' keys, one after the other."""
    if not parts:
        return PackedKeys.from_bytes([])
    lengths = np.concatenate([np.diff(part.offsets) for part in parts])
    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return PackedKeys(np.concatenate([part.data for part in parts]), offsets)


def _is_utf8(keys: PackedKeys) -> bool:
    """Whether each key is UTF-8: they are as one text, and none begins inside a character."""
    if not len(keys.data) or keys.data.max() < CONTINUATION:
        return True
    begins = keys.offsets[:-1][np.diff(keys.offsets) > 0]
    inside = (keys.data[begins] & 0xC0) == CONTINUATION
    return not inside.any() and _decodes(keys.data.tobytes())


def _decodes(key: bytes) -> bool:
    try:
        key.decode()
    except UnicodeDecodeError:
        return False
    return True
