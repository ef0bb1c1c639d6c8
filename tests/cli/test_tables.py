"""Opening a table for a verb: mapped where that is possible."""

from __future__ import annotations

import gzip

import numpy as np

import rowspace
from rowspace.cli.tables import load


def test_rows_files_are_mapped(family):
    table = load(family)
    assert not table.vectors.flags.writeable
    assert not table.vectors.flags.owndata


def test_packed_and_foreign_files_are_read(family, tmp_path):
    packed = tmp_path / "family.rows.gz"
    packed.write_bytes(gzip.compress(family.read_bytes()))
    foreign = rowspace.write(rowspace.open(family), tmp_path / "family.vec")
    for path in (packed, foreign):
        np.testing.assert_array_equal(load(path).vectors, rowspace.open(family).vectors)
