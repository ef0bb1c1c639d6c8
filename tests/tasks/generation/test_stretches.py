"""Columns and stretches of a stream."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.tasks.generation.stretches import Stretches


@pytest.mark.parametrize(("size", "columns", "length"), [(100, 4, 7), (101, 5, 20), (9, 8, 4), (64, 1, 64)])
def test_columns_go_on_from_stretch_to_stretch(size, columns, length):
    stretches = Stretches.of(np.arange(size, dtype=np.int32), columns=columns, length=length)
    order = stretches.order(np.random.default_rng(3))
    blocks = [stretches.block(each) for each in order]
    inputs, targets = (np.concatenate(part) for part in zip(*blocks, strict=True))
    assert inputs.shape == (stretches.height, stretches.columns)
    assert ((inputs + 1) % size == targets).all()
    assert ((np.diff(inputs, axis=0) % size) == 1).all()
    assert len(np.unique(inputs)) == inputs.size  # nothing twice
    assert inputs.size > size - stretches.columns


def test_each_epoch_begins_elsewhere_and_has_as_many_stretches():
    stretches = Stretches.of(np.arange(1000, dtype=np.int32), columns=4, length=10)
    one, other = (stretches.order(np.random.default_rng(seed)) for seed in (1, 2))
    assert len(one) == len(other) == 25
    assert one[0][0] != other[0][0]
    assert [each.tolist() for each in one] == [
        each.tolist() for each in stretches.order(np.random.default_rng(1))
    ]
