"""Rows brought to the length that another trainer expects of its initial rows."""

from __future__ import annotations

import numpy as np

from rowspace.stores import DenseStore
from rowspace.table import Table


def scaled_to(table: Table, length: float) -> Table:
    """`table` with its rows multiplied by one number, so that those not zero are `length` long on average.

    For the rows that another trainer starts from: theirs have a length of about 0.06 at random and 1 to 4
    after training, those of a factorisation ten times that and more. Context rows are left out, for their
    scale means nothing to a trainer.
    """
    lengths = np.linalg.norm(table.vectors, axis=1)
    mean = float(lengths[lengths > 0].mean()) if lengths.any() else 1.0
    return Table(table.vocabulary, DenseStore(table.vectors * np.float32(length / mean)), table.metadata)
