"""Which neighbouring tokens are phrases: pairs counted in a stream, scored, and chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float64, Int32, UInt8, UInt64

from rowspace import kernels
from rowspace.arrays import Counts, PackedKeys, RowIds
from rowspace.corpus.encoded import EncodedCorpus
from rowspace.corpus.pipeline import map_in_order
from rowspace.corpus.scan import Scan

Scoring = Literal["default", "npmi"]
Scores = Mapping[tuple[str, ...], float]  # first token, connectors between, last token
Found = UInt64[np.ndarray, "pairs 3"]  # first << 32 | last, link, count

MOST_CONNECTORS = 255
READ_IDS = 1 << 18
TOKENS_A_PART = 1 << 20  # of which some hundred thousand pairs are distinct: a table that a cache holds
MOST_PARTS = 64
FIRST_PLACES = 1 << 12


class KeyFinder:
    """Finds keys among packed ones."""

    def __init__(self, keys: PackedKeys) -> None:
        """Index `keys`, which are distinct."""
        self._kernel, self._keys = kernels.load("hash_index"), keys
        self._slots, _ = self._kernel.build_index(keys.data, keys.offsets)

    def __call__(self, wanted: Iterable[str]) -> RowIds:
        """The place of each wanted key, or -1."""
        packed = PackedKeys.from_strings(wanted)
        found: RowIds = self._kernel.find_keys(
            self._slots, self._keys.data, self._keys.offsets, packed.data, packed.offsets
        )
        return found


@dataclass(frozen=True, eq=False)
class ConnectorMap:
    """Connectors as the kernels want them."""

    numbers: UInt8[np.ndarray, "keys"]  # of each key: 1 and up for a connector, else 0
    ids: Int32[np.ndarray, "connectors"]  # the key of number i + 1; -1 where the stream lacks it

    @classmethod
    def of(cls, find: KeyFinder, connectors: Sequence[str], num_keys: int) -> ConnectorMap:
        """Look up the connectors among `num_keys` keys."""
        ids = find(connectors).astype(np.int32)
        numbers = np.zeros(num_keys, np.uint8)
        numbers[ids[ids >= 0]] = np.flatnonzero(ids >= 0) + 1
        return cls(numbers, ids)

    @property
    def base(self) -> int:
        """Of the digits that make a link."""
        return len(self.ids) + 1

    def between(self, link: int) -> list[int]:
        """The numbers of the connectors in a link, counted from 0, in their order."""
        numbers = []
        while link:
            link, digit = divmod(link, self.base)
            numbers.append(digit - 1)
        return numbers[::-1]


def find_collocations(
    scan: Scan,
    *,
    min_count: int,
    threshold: float,
    scoring: Scoring,
    connectors: Sequence[str],
    threads: int,
) -> dict[tuple[str, ...], float]:
    """The pairs of a corpus whose score is above `threshold`, best first; see `learn_phrases`."""
    marks = ConnectorMap.of(KeyFinder(scan.keys), connectors, len(scan.keys))
    with scan.encode(np.arange(len(scan.keys), dtype=np.int32)) as stream:
        pairs, num_distinct = count_pairs(stream, marks, min_count, threads)
    firsts, lasts = (
        (pairs[:, 0] >> np.uint64(32)).astype(np.int64),
        (pairs[:, 0] & np.uint64(0xFFFFFFFF)).astype(np.int64),
    )
    num_words = len(scan.keys) - int((marks.ids >= 0).sum())
    scores = score_pairs(
        pairs[:, 2].astype(np.int64), scan.counts[firsts], scan.counts[lasts],
        scoring=scoring, min_count=min_count, distinct=num_words + num_distinct, tokens=scan.num_tokens,
    )  # fmt: skip
    chosen = np.flatnonzero(scores > threshold)
    found = {}
    for pair in chosen[np.argsort(-scores[chosen], kind="stable")]:
        between = [connectors[number] for number in marks.between(int(pairs[pair, 1]))]
        tokens = scan.keys[int(firsts[pair])], *between, scan.keys[int(lasts[pair])]
        found[tokens] = float(scores[pair])
    return found


def count_pairs(
    stream: EncodedCorpus, marks: ConnectorMap, min_count: int, threads: int
) -> tuple[Found, int]:
    """The pairs that occur `min_count` times or more, in a fixed order, and how many distinct ones there are.

    Each part of all pairs, told by their hash, is counted by a pass of its own: so threads share no
    table, tables fit a cache, and memory does not grow with the number of pairs seen once.
    """
    parts = min(max(threads, stream.num_tokens // TOKENS_A_PART + 1), MOST_PARTS)

    def count(part: int) -> tuple[Found, int]:
        table, num_pairs = _count_part(stream, marks, part, parts)
        return table[table[:, 2] >= np.uint64(min_count)], num_pairs

    counted = list(map_in_order(count, range(parts), threads=threads))
    found = np.concatenate([pairs for pairs, _ in counted])
    order = np.lexsort((found[:, 1], found[:, 0]))  # so that nothing depends on the number of parts
    return found[order], sum(num_pairs for _, num_pairs in counted)


def _count_part(stream: EncodedCorpus, marks: ConnectorMap, part: int, parts: int) -> tuple[Found, int]:
    """The table of one part, with its empty places, and the number of its pairs."""
    kernel = kernels.load("bigram_counts")
    entries, state, num_pairs = np.zeros(3 * FIRST_PLACES, np.uint64), np.zeros(2, np.uint64), 0
    for start in range(0, stream.num_ids, READ_IDS):
        ids, position = stream.read(start, min(start + READ_IDS, stream.num_ids)), 0
        while True:
            position, num_pairs = kernel.count_pairs_(
                ids, position, marks.numbers, marks.base, part, parts, state, entries, num_pairs
            )
            if position == len(ids):
                break
            larger = np.zeros(2 * len(entries), np.uint64)
            kernel.enter_pairs_(entries, larger)
            entries = larger
    return entries.reshape(-1, 3), num_pairs


def score_pairs(
    pairs: Counts,
    firsts: Counts,
    lasts: Counts,
    *,
    scoring: Scoring,
    min_count: int,
    distinct: int,
    tokens: int,
) -> Float64[np.ndarray, "rows"]:
    """Score pairs from their counts and those of their two tokens.

    default: (pair - min_count) / (first x last) x distinct, where `distinct` counts different tokens and
    different pairs (Mikolov et al. 2013, scaled as gensim does). npmi: the log of pair x tokens /
    (first x last), divided by -log(pair / tokens), in [-1, 1] (Bouma 2009).

    >>> counts = np.array([8]), np.array([10]), np.array([16])
    >>> score_pairs(*counts, scoring="default", min_count=5, distinct=1000, tokens=10_000)
    array([18.75])
    >>> score_pairs(*counts, scoring="npmi", min_count=5, distinct=1000, tokens=10_000).round(3)
    array([0.872])
    """
    scores: Float64[np.ndarray, "rows"]
    if scoring == "default":
        scores = (pairs - min_count) / (firsts * lasts).astype(np.float64) * distinct
        return scores
    share = pairs / tokens
    with np.errstate(divide="ignore", invalid="ignore"):  # a pair that is the whole corpus: 0 / 0
        scores = np.log(share / (firsts / tokens * (lasts / tokens))) / -np.log(share)
    scores[np.isnan(scores)] = -np.inf
    return scores
