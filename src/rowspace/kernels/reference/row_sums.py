"""The gradient of each row: the sum of what its entries received.

The form of the arguments is that of reference/row_segments.py: entries grouped by row. Entry e takes
coefficients[e] * outputs[sources[e]].
"""

from __future__ import annotations

import numpy as np

from rowspace.arrays import Vectors
from rowspace.kernels.reference.bag_pooling import Coefficients, Sources
from rowspace.kernels.reference.row_segments import Starts


def sum_rows_(
    starts: Starts, sources: Sources, coefficients: Coefficients, outputs: Vectors, out: Vectors
) -> None:
    """Write the summed gradient of each row to `out`, float32 (distinct, dim), added in order of entries."""
    entries = slice(starts[0], starts[-1])
    gradients = outputs[sources[entries]]
    if len(coefficients):
        gradients *= coefficients[entries, None]
    out[:] = 0
    np.add.at(out, np.repeat(np.arange(len(out)), np.diff(starts)), gradients)
