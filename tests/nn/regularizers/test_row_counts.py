"""Counts of rows."""

from __future__ import annotations

import torch

from rowspace.nn.regularizers.row_counts import RowCounts


def test_the_mean_is_that_of_the_rows_that_occurred():
    source = torch.Generator().manual_seed(0)
    counts, expected = RowCounts(torch.zeros(40, dtype=torch.long)), torch.zeros(40, dtype=torch.long)
    for _ in range(20):
        ids = torch.randint(0, 30, (7,), generator=source)
        rows, times = ids.unique(return_counts=True)
        counts.add(rows, times)
        expected += torch.bincount(ids, minlength=40)
        assert torch.equal(counts.of_rows, expected)
        torch.testing.assert_close(counts.mean(), expected[expected > 0].float().mean())


def test_nothing_counted():
    assert RowCounts(torch.zeros(3, dtype=torch.long)).mean() == 1
    assert RowCounts(torch.zeros(0, dtype=torch.long)).mean() == 1
