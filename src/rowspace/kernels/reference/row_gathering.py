"""Rows copied out of a table."""

from __future__ import annotations

from rowspace.arrays import RowIds, Vectors


def gather_rows_(vectors: Vectors, ids: RowIds, out: Vectors) -> None:
    """Write vectors[ids[i]] to out[i], float32 (ids, dim)."""
    out[:] = vectors[ids]
