"""What tells one training's data from another's, when a checkpoint is taken up again."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable

import numpy as np

from rowspace.table import Table


def fingerprint(parts: Iterable[str]) -> str:
    """A hash of strings and of where one ends; lone surrogates count as they are.

    >>> fingerprint(["ab", "c"]) == fingerprint(["a", "bc"])
    False
    """
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()


def table_sum(table: Table | None) -> int:
    """A checksum of a table's vectors; 0 without a table."""
    return 0 if table is None else zlib.crc32(np.ascontiguousarray(table.vectors).data.cast("B"))
