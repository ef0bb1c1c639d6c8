"""A scanned corpus as text again: one document a line, a space between tokens."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rowspace.arrays import END, PackedKeys, Stream
from rowspace.corpus.block import WHITE_SPACE
from rowspace.corpus.scan import Scan
from rowspace.errors import UnwritableKeyError

READ_IDS = 1 << 16


def text_of(scan: Scan) -> Iterator[bytes]:
    r"""The text in pieces. Raises UnwritableKeyError for a token that holds white space.

    >>> from rowspace.corpus import open_corpus
    >>> with open_corpus(["a rose  is", "a rose"]).scan() as scan:
    ...     b"".join(text_of(scan))
    b'a rose is\na rose\n'
    """
    _check(scan.keys)
    spaced = PackedKeys.from_bytes([b""]) if len(scan.keys) == 0 else _with_room_behind(scan.keys)
    with scan.encode(np.arange(len(scan.keys), dtype=np.int32)) as stream:
        for start in range(0, stream.num_ids, READ_IDS):
            # One id more than this piece writes: whether its last token ends a document.
            ids = stream.read(start, min(start + READ_IDS + 1, stream.num_ids))
            yield _written(spaced, ids, min(READ_IDS, stream.num_ids - start))


def _written(spaced: PackedKeys, ids: Stream, count: int) -> bytes:
    """The first `count` ids, each token followed by a space, or by a newline before an END."""
    is_token = ids[:count] != END
    tokens = np.flatnonzero(is_token)
    packed = spaced.take(ids[tokens].astype(np.int64))
    ends_line = ids[tokens + 1] == END  # every document is closed by END
    packed.data[packed.offsets[1:][ends_line] - 1] = ord("\n")
    return packed.data.tobytes()


def _with_room_behind(keys: PackedKeys) -> PackedKeys:
    """Each key followed by a space."""
    places = np.arange(len(keys.data)) + np.repeat(np.arange(len(keys)), np.diff(keys.offsets))
    data = np.full(len(keys.data) + len(keys), ord(" "), np.uint8)
    data[places] = keys.data
    return PackedKeys(data, keys.offsets + np.arange(len(keys) + 1))


def _check(keys: PackedKeys) -> None:
    """Raise UnwritableKeyError for the first key that would not come back as one token."""
    spaces = np.flatnonzero(np.isin(keys.data, np.frombuffer(WHITE_SPACE, np.uint8)))
    if len(spaces):
        key = keys[int(np.searchsorted(keys.offsets, spaces[0], side="right")) - 1]
        raise UnwritableKeyError(
            f"plain text divides tokens by white space, but {key!r} holds some; use the corpus without "
            "writing it, or another tokenize"
        )
