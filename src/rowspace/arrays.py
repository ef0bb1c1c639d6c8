"""Array types with shapes, ragged row ids, and packed keys: the currency between the layers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import overload

import numpy as np
from jaxtyping import Float32, Int32, Int64, UInt8

from rowspace.errors import ShapeError

Vectors = Float32[np.ndarray, "rows dim"]
Vector = Float32[np.ndarray, "dim"]
Values = Float32[np.ndarray, "_ _"]  # whatever a trainer keeps, two axes of any size
RowIds = Int64[np.ndarray, "n"]
Offsets = Int64[np.ndarray, "bags_plus_1"]
Counts = Int64[np.ndarray, "rows"]
Bytes = UInt8[np.ndarray, "bytes"]
Stream = Int32[np.ndarray, "tokens"]  # row ids; END after each document
Slots = Int32[np.ndarray, "capacity"]  # a hash index, see kernels.reference.hash_index

END = -1  # closes a document in an encoded stream


CACHE_LINE = 64  # bytes


def aligned_zeros(*shape: int) -> Float32[np.ndarray, "..."]:
    """A float32 array of zeros that starts a cache line, so that no vector of sixteen lies across two.

    >>> aligned_zeros(3, 16).ctypes.data % CACHE_LINE
    0
    """
    num_bytes = 4 * math.prod(shape)
    raw = np.zeros(num_bytes + CACHE_LINE, np.uint8)
    first = -raw.ctypes.data % CACHE_LINE
    return raw[first : first + num_bytes].view(np.float32).reshape(shape)


def check_offsets(offsets: Offsets, length: int) -> None:
    """Raise ShapeError unless offsets rise from 0 to `length`, the size of what they divide."""
    if len(offsets) == 0 or offsets[0] != 0 or offsets[-1] != length:
        ends = f"{offsets[0]} to {offsets[-1]}" if len(offsets) else "nothing to nothing"
        raise ShapeError(f"offsets must run from 0 to {length}, but run from {ends}")
    if np.any(offsets[1:] < offsets[:-1]):
        place = int(np.argmax(offsets[1:] < offsets[:-1]))
        raise ShapeError(f"offsets must not fall, but fall after position {place}")


@dataclass(frozen=True, eq=False)
class Rows:
    """Bags of row ids: bag b is ids[offsets[b]:offsets[b + 1]].

    A plain word is a bag of one; a fastText word is its own row plus its n-gram rows;
    a hashed category is its k buckets. An empty bag is a key nobody knows.

    >>> rows = Rows(np.array([4, 1, 2]), np.array([0, 1, 1, 3]))
    >>> len(rows)
    3
    """

    ids: RowIds  # in [0, num_rows)
    offsets: Offsets  # starts at 0, ends at len(ids)

    def __post_init__(self) -> None:
        check_offsets(self.offsets, len(self.ids))

    def __len__(self) -> int:
        return len(self.offsets) - 1


@dataclass(frozen=True, eq=False)
class PackedKeys(Sequence[str]):
    """Keys end to end as UTF-8: key i is data[offsets[i]:offsets[i + 1]].

    A million keys are two arrays, not a million Python strings, so they open from a mapped file
    in no time. Bytes that are no UTF-8 travel as lone surrogates (PEP 383) and come back unchanged.

    >>> keys = PackedKeys.from_strings(["king", "", "new york"])
    >>> keys[2], len(keys), keys.data.size
    ('new york', 3, 12)
    """

    data: Bytes
    offsets: Offsets

    def __post_init__(self) -> None:
        if len(self.offsets) == 0 or self.offsets[0] != 0 or self.offsets[-1] != len(self.data):
            check_offsets(self.offsets, len(self.data))

    @classmethod
    def from_strings(cls, strings: Iterable[str]) -> PackedKeys:
        """Pack an iterable of str."""
        return cls.from_bytes([key.encode("utf-8", "surrogateescape") for key in strings])

    @classmethod
    def from_bytes(cls, encoded: Sequence[bytes]) -> PackedKeys:
        """Pack keys that are bytes already."""
        offsets = np.zeros(len(encoded) + 1, np.int64)
        np.cumsum([len(key) for key in encoded], out=offsets[1:])
        return cls(np.frombuffer(b"".join(encoded), np.uint8), offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> list[str]: ...
    def __getitem__(self, place: int | slice) -> str | list[str]:
        """The key at one place, or a list of the keys in a slice."""
        if isinstance(place, slice):
            return [self[i] for i in range(*place.indices(len(self)))]
        if not -len(self) <= place < len(self):
            raise IndexError(f"key {place} of {len(self)}")
        return self.bytes_at(place % len(self)).decode("utf-8", "surrogateescape")

    def __iter__(self) -> Iterator[str]:
        data, ends = self.data.tobytes(), self.offsets.tolist()
        for start, end in pairwise(ends):
            yield data[start:end].decode("utf-8", "surrogateescape")

    def bytes_at(self, place: int) -> bytes:
        """The UTF-8 bytes of the key at `place` in [0, len)."""
        return self.data[self.offsets[place] : self.offsets[place + 1]].tobytes()

    def take(self, places: RowIds) -> PackedKeys:
        """The keys at `places`, in that order; cost is linear in their bytes."""
        starts, lengths = self.offsets[places], self.offsets[places + 1] - self.offsets[places]
        offsets = np.zeros(len(places) + 1, np.int64)
        np.cumsum(lengths, out=offsets[1:])
        within = np.arange(offsets[-1]) - np.repeat(offsets[:-1], lengths)
        return PackedKeys(self.data[np.repeat(starts, lengths) + within], offsets)

    def followed_by(self, other: PackedKeys) -> PackedKeys:
        """These keys and then those of `other`."""
        offsets = np.concatenate([self.offsets, other.offsets[1:] + self.offsets[-1]])
        return PackedKeys(np.concatenate([self.data, other.data]), offsets)
