from __future__ import annotations

import numpy as np

from rowspace.nn.columns.layout import Layout


def test_every_row_of_every_column_has_a_place_of_its_own():
    rng = np.random.default_rng(5)
    for _ in range(50):
        sizes = rng.integers(2, 9, rng.integers(1, 9)).tolist()
        dims = rng.choice([1, 2, 4], len(sizes)).tolist()
        layout = Layout.of(sizes, dims)
        taken = {group.dim: np.zeros(group.num_rows, int) for group in layout.groups}
        for place, dim in enumerate(dims):
            taken[dim][layout.rows_of(place)] += 1
        assert all((rows == 1).all() for rows in taken.values())
        assert [group.dim for group in layout.groups] == sorted(set(dims))


def test_tables_follow_one_another():
    layout = Layout.of([2, 3, 4], [5, 1, 5])
    assert [(group.dim, group.first_row, group.num_rows) for group in layout.groups] == [(1, 0, 3), (5, 3, 6)]
    assert layout.first_rows == (3, 0, 5)
    assert [layout.rows_of(place) for place in range(3)] == [slice(0, 2), slice(0, 3), slice(2, 6)]
    assert layout.group_of(2) == layout.groups[1]
