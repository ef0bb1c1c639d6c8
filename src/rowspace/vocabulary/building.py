"""From a scan to a vocabulary: which keys stay, and in which order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import UInt64

from rowspace.arrays import Counts, Offsets, PackedKeys, RowIds
from rowspace.corpus import Scan
from rowspace.errors import CorpusError, RecipeError
from rowspace.kernels.reference.token_scan import RowOfKey
from rowspace.vocabulary.unknown import Missing
from rowspace.vocabulary.words import Words


def build_words(
    scan: Scan,
    *,
    min_count: int = 5,
    max_size: int | None = None,
    special: Sequence[str] = (),
    unknown_key: str | None = None,
    missing: Missing = "raise",
) -> Words:
    """Make the vocabulary of a scan: the same for any number of threads.

    Special keys come first, in their order and however rare; then the keys that occur `min_count`
    times or more, by falling count and equal counts by bytes; `max_size` bounds all rows together.
    With `unknown_key` the dropped tokens share one more special row (the last, unless `special`
    places it), whose count is their number plus the key's own.

    Raises RecipeError for contradictions, and CorpusError if no token of the corpus has a row.

    >>> from rowspace.corpus import open_corpus
    >>> with open_corpus(["b a b", "c b a"]).scan() as scan:
    ...     words = build_words(scan, min_count=2, unknown_key="<unk>")
    >>> list(words.keys), words.counts
    (['<unk>', 'b', 'a'], array([1, 3, 2]))
    """
    special = list(special) + [key for key in [unknown_key] if key is not None and key not in special]
    _check_sizes(min_count, max_size, special)
    packed = PackedKeys.from_strings(special)
    places = Words.from_keys(scan.keys).find_all(packed) if special else np.empty(0, np.int64)
    known = places[places >= 0]
    candidates = scan.counts >= min_count
    candidates[known] = False
    chosen = _ordered(scan.keys, scan.counts, np.flatnonzero(candidates))
    chosen = chosen if max_size is None else chosen[: max_size - len(special)]
    rest = np.concatenate([known, chosen])
    if scan.counts[rest].sum() == 0:
        raise CorpusError(_describe_nothing(scan, min_count))
    counts = np.concatenate([np.where(places >= 0, scan.counts[places], 0), scan.counts[chosen]])
    if unknown_key is not None:
        counts[special.index(unknown_key)] += scan.num_tokens - scan.counts[rest].sum()
    keys = packed.followed_by(scan.keys.take(chosen))
    return Words.from_keys(keys, counts=counts, unknown_key=unknown_key, missing=missing)


def rows_of_scan(scan: Scan, words: Words) -> RowOfKey:
    """The row of each distinct key of a scan, for `scan.encode`: int32 (distinct,).

    A key that `words` does not hold has its unknown row if there is one, else -1: its tokens go.
    """
    rows: RowOfKey = words.find_all(scan.keys).astype(np.int32)
    rows[rows < 0] = words.unknown_row
    return rows


def _check_sizes(min_count: int, max_size: int | None, special: Sequence[str]) -> None:
    if min_count < 1:
        raise RecipeError(f"min_count must be at least 1, but is {min_count}")
    if max_size is not None and max_size < max(1, len(special)):
        raise RecipeError(
            f"max_size must be at least 1 and leave room for {len(special)} special keys, but is {max_size}"
        )
    repeated = next((key for place, key in enumerate(special) if key in special[:place]), None)
    if repeated is not None:
        raise RecipeError(f"special keys must be distinct, but {repeated!r} comes twice")


def _ordered(keys: PackedKeys, counts: Counts, places: RowIds) -> RowIds:
    """`places` by falling count, and equal counts by rising bytes."""
    starts, lengths = keys.offsets[places], np.diff(keys.offsets)[places]
    words = [_big_endian(keys, starts + skip, lengths - skip) for skip in (8, 0)]
    ordered = places[np.lexsort((*words, -counts[places]))]
    return _settle_ties(keys, counts, ordered)


def _big_endian(keys: PackedKeys, starts: Offsets, lengths: Offsets) -> UInt64[np.ndarray, "keys"]:
    """Eight bytes of each key as one number that sorts as they do; zeros past its end."""
    number = np.zeros(len(starts), np.uint64)
    for i in range(8):
        inside = lengths > i
        byte = np.zeros(len(starts), np.uint64)
        byte[inside] = keys.data[starts[inside] + i]
        number = number << np.uint64(8) | byte
    return number


def _settle_ties(keys: PackedKeys, counts: Counts, ordered: RowIds) -> RowIds:
    """Sort each run of equal counts whose first 16 bytes are equal too (zeros past the end count)."""
    starts, lengths = keys.offsets[ordered], np.diff(keys.offsets)[ordered]
    same = counts[ordered][1:] == counts[ordered][:-1]
    for skip in (0, 8):
        words = _big_endian(keys, starts + skip, lengths - skip)
        same &= words[1:] == words[:-1]
    edges = np.flatnonzero(np.diff(np.concatenate([[False], same, [False]]).astype(np.int8)))
    settled = ordered.copy()
    for first, last in edges.reshape(-1, 2):
        settled[first : last + 1] = sorted(ordered[first : last + 1].tolist(), key=keys.bytes_at)
    return settled


def _describe_nothing(scan: Scan, min_count: int) -> str:
    if scan.num_tokens == 0:
        return (
            f"a corpus must hold tokens, but this one has none in its {scan.num_bytes} bytes; "
            "check the path, the pattern, and that documents are strings or lists of str"
        )
    top = int(scan.counts.max())
    best = sorted(scan.keys.bytes_at(int(place)) for place in np.flatnonzero(scan.counts == top)[:100])[0]
    return (
        f"of {len(scan.keys)} distinct keys ({scan.num_documents} documents, {scan.num_tokens} tokens) none "
        f"occurs {min_count} times; the most frequent, {best.decode('utf-8', 'surrogateescape')!r}, occurs "
        f"{top} times; the first document begins {scan.excerpt()!r}: lower min_count, or give more text"
    )
