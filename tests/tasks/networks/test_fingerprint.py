"""What tells data apart."""

from __future__ import annotations

import numpy as np

from rowspace.table import Table
from rowspace.tasks.networks import fingerprint, table_sum


def test_fingerprints_tell_where_a_part_ends():
    assert fingerprint(["a", "b"]) == fingerprint(iter(["a", "b"]))
    assert fingerprint(["a", "b"]) != fingerprint(["ab"])
    assert fingerprint(["\ud800"])
    table = Table.from_arrays(["a"], np.ones((1, 2), np.float32))
    assert table_sum(None) == 0 != table_sum(table)
