"""Phrases put into text: in lists of tokens, and in a scanned corpus."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress

import numpy as np
from jaxtyping import UInt64

from rowspace import kernels
from rowspace.arrays import Counts, PackedKeys, Stream
from rowspace.corpus.collocations import READ_IDS, ConnectorMap, KeyFinder, Scores
from rowspace.corpus.encoded import EncodedCorpus
from rowspace.corpus.scan import Piece, Scan
from rowspace.corpus.stream_file import StreamFile
from rowspace.errors import RecipeError
from rowspace.kernels.reference.bigram_counts import LARGEST_LINK, LONGEST_LINK, Entries


def join_tokens(
    tokens: Sequence[str], scores: Scores, delimiter: str, connectors: Collection[str]
) -> list[str]:
    """One document with its phrases joined, from left to right.

    >>> join_tokens(["in", "new", "york", "city"], {("new", "york"): 9.0, ("york", "city"): 8.0}, "_", [])
    ['in', 'new_york', 'city']
    """
    joined: list[str] = []
    open_pair: list[str] = []  # a token and the connectors behind it
    for token in tokens:
        if token in connectors:
            (open_pair if open_pair else joined).append(token)
        elif open_pair and (*open_pair, token) in scores:
            joined.append(delimiter.join([*open_pair, token]))
            open_pair = []
        else:
            joined += open_pair
            open_pair = [token]
    return joined + open_pair


def join_scan(scan: Scan, scores: Scores, delimiter: str, connectors: Sequence[str]) -> Scan:
    """What a scan of the text with its phrases joined would find, made from ids; `scan` stays open."""
    joiner = _Joiner.of(scan.keys, scores, delimiter, connectors)
    counts = np.zeros(len(joiner.keys), np.int64)
    file = StreamFile.temporary()
    pieces: list[Piece] = []
    try:
        with scan.encode(np.arange(len(scan.keys), dtype=np.int32)) as stream:
            for ids in joiner.join(stream, counts):
                num_bytes = 0 if pieces else scan.num_bytes
                pieces.append(Piece.of(ids, 0, file.append(ids), num_bytes))
    except BaseException:
        file.close()
        raise
    kept = counts > 0  # tokens that occur in phrases alone are keys no more
    keys = joiner.keys.take(np.flatnonzero(kept))
    new_id = (np.cumsum(kept) - 1).astype(np.int32)
    return Scan(keys, counts[kept], pieces, [new_id], file)


@dataclass(frozen=True, eq=False)
class _Joiner:
    """The phrases that can occur in a stream, as the kernel wants them."""

    keys: PackedKeys  # those of the stream, then the phrases that are new ones
    marks: ConnectorMap
    entries: Entries

    @classmethod
    def of(cls, keys: PackedKeys, scores: Scores, delimiter: str, connectors: Sequence[str]) -> _Joiner:
        find = KeyFinder(keys)
        firsts, lasts = (find(phrase[end] for phrase in scores) for end in (0, -1))
        possible = (firsts >= 0) & (lasts >= 0)
        phrases = list(compress(scores, possible))
        names = [delimiter.join(phrase) for phrase in phrases]
        new: dict[str, int] = {}
        ids = [
            known if known >= 0 else new.setdefault(name, len(keys) + len(new))
            for name, known in zip(names, find(names).tolist(), strict=True)
        ]
        words = np.zeros((len(phrases), 3), np.uint64)
        words[:, 0] = firsts[possible] << 32 | lasts[possible]
        words[:, 1] = _links(phrases, connectors)
        words[:, 2] = np.array(ids, np.int64) + 1
        entries = np.zeros(3 << (2 * len(phrases)).bit_length(), np.uint64)  # half full at most
        kernels.load("bigram_counts").enter_pairs_(words.reshape(-1), entries)
        marks = ConnectorMap.of(find, connectors, len(keys))
        return cls(keys.followed_by(PackedKeys.from_strings(new)), marks, entries)

    def join(self, stream: EncodedCorpus, counts: Counts) -> Iterator[Stream]:
        """The joined stream in pieces, each overwritten by the next; counts every token of it."""
        kernel, state = kernels.load("bigram_counts"), np.zeros(2, np.uint64)
        numbers, ids = self.marks.numbers, self.marks.ids
        room = np.empty(READ_IDS + LONGEST_LINK + 1, np.int32)
        for start in range(0, stream.num_ids, READ_IDS):
            piece = stream.read(start, min(start + READ_IDS, stream.num_ids))
            yield room[: kernel.join_pairs_(piece, numbers, ids, self.entries, state, room, counts)]


def _links(phrases: Sequence[tuple[str, ...]], connectors: Sequence[str]) -> UInt64[np.ndarray, "phrases"]:
    """The connectors of each phrase as one number: see kernels.reference.bigram_counts."""
    digits = {connector: number + 1 for number, connector in enumerate(connectors)}
    return np.array([link_of(phrase[1:-1], digits) for phrase in phrases], np.uint64)


def link_of(between: Sequence[str], digits: Mapping[str, int]) -> int:
    """The connectors between two tokens as one number.

    Raises RecipeError for more of them than 64 bits hold, and for what is no connector.
    """
    link, base = 0, len(digits) + 1
    for token in between:
        if token not in digits or link >= LARGEST_LINK // base:
            raise RecipeError(
                "a phrase may have connectors inside, as many as one number holds, but "
                f"{' '.join(between)!r:.80} is not that; name its tokens as connectors"
            )
        link = link * base + digits[token]
    return link
