"""One thread's growing table of tokens: the arrays around the kernel that counts."""

from __future__ import annotations

import numpy as np

from rowspace import kernels
from rowspace.arrays import PackedKeys, Stream
from rowspace.corpus.block import Block
from rowspace.kernels.reference.token_scan import PADDING, Bounds, TokenArrays

SMALLEST_PLACES = 1 << 12
SMALLEST_KEYS_BYTES = 1 << 16


class TokenTable:
    """Gives each new token the next id, and counts it."""

    def __init__(self) -> None:
        self._kernel = kernels.load("token_scan")
        self._num_keys = 0
        # Starts, stops and ids of a block. Kept, because fresh pages for each block cost more than
        # the counting itself.
        self._scratch = np.empty((3, 0), np.int32)
        self._arrays = TokenArrays(
            entries=np.zeros(2 * SMALLEST_PLACES, np.uint64),
            keys=np.zeros(SMALLEST_KEYS_BYTES, np.uint8),
            offsets=np.zeros(SMALLEST_PLACES // 2 + 1, np.int64),
            counts=np.zeros(SMALLEST_PLACES // 2, np.int64),
        )

    def count(self, block: Block) -> Stream:
        """The id of each token in `block`, END where a document ends; the next call overwrites it."""
        if block.num_bounds > self._scratch.shape[1]:
            self._scratch = np.empty((3, block.num_bounds + block.num_bounds // 8), np.int32)
        starts, stops = block.cut(self._scratch[0], self._scratch[1])
        ids: Stream = self._scratch[2, : len(starts)]
        position = 0
        while True:
            position, self._num_keys = self._kernel.count_tokens(
                block.text, starts, stops, position, self._arrays, self._num_keys, ids
            )
            if position == len(starts):
                return ids
            self._grow(int(stops[position]) - int(starts[position]))

    def add(self, other: TokenTable) -> Stream:
        """Take over the keys and counts of `other`; return the id here of each id there: int32 (ids,)."""
        keys, counts = other.keys, other.counts
        padded = np.frombuffer(keys.data.tobytes() + bytes(PADDING), np.uint8)
        ids = [np.empty(0, np.int32)]
        for first in range(0, len(keys), 1 << 20):  # in parts, because a block's bounds are int32
            bounds = keys.offsets[first : first + (1 << 20) + 1]
            begin = int(bounds[0])
            cuts: Bounds = (bounds - begin).astype(np.int32)
            block = Block(padded[begin : int(bounds[-1]) + PADDING], (cuts[:-1], cuts[1:]), 0)
            ids.append(self.count(block).copy())
        joined = np.concatenate(ids)
        # The keys of one table are distinct, so each was counted once just now.
        self._arrays.counts[joined] += counts - 1
        return joined

    @property
    def keys(self) -> PackedKeys:
        """The tokens in the order of their ids."""
        offsets = self._arrays.offsets[: self._num_keys + 1]
        return PackedKeys(self._arrays.keys[: offsets[-1]], offsets)

    @property
    def counts(self) -> np.ndarray:
        """How often each token occurred, int64 (ids,)."""
        return self._arrays.counts[: self._num_keys]

    def _grow(self, length: int) -> None:
        """Make room for at least one more token of `length` bytes."""
        arrays = self._arrays
        keys, entries, offsets, counts = arrays.keys, arrays.entries, arrays.offsets, arrays.counts
        needed = int(offsets[self._num_keys]) + length + PADDING
        if needed > len(keys):
            keys = np.concatenate([keys, np.zeros(max(len(keys), needed - len(keys)), np.uint8)])
        full = self._num_keys == len(counts)
        if full:
            offsets = np.concatenate([offsets, np.zeros(len(counts), np.int64)])
            counts = np.concatenate([counts, np.zeros(len(counts), np.int64)])
            entries = np.zeros(2 * len(entries), np.uint64)
        self._arrays = TokenArrays(entries, keys, offsets, counts)
        if full:
            self._kernel.rehash_(self._arrays, self._num_keys)
