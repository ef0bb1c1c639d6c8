"""Where the rows of each column lie: all columns of one dim one behind the other in one table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Group:
    """The columns of one dim."""

    dim: int
    columns: tuple[int, ...]  # their places among all columns, rising
    num_rows: int

    @property
    def key(self) -> str:
        """Its name among the layer's tables."""
        return str(self.dim)


@dataclass(frozen=True)
class Layout:
    """Which table each column lies in, and from which row on.

    >>> layout = Layout.of([4, 10, 3], dims=[2, 8, 2])
    >>> layout.groups
    (Group(dim=2, columns=(0, 2), num_rows=7), Group(dim=8, columns=(1,), num_rows=10))
    >>> layout.first_rows, layout.slices
    ((0, 0, 4), (slice(0, 2, None), slice(2, 10, None), slice(10, 12, None)))
    """

    sizes: tuple[int, ...]  # rows of each column
    dims: tuple[int, ...]
    groups: tuple[Group, ...]  # by rising dim
    first_rows: tuple[int, ...]  # of each column in its group's table

    @classmethod
    def of(cls, sizes: Sequence[int], dims: Sequence[int]) -> Layout:
        """Lay columns of `sizes` rows and `dims` values out, in their order within each dim."""
        first_rows, groups = [0] * len(sizes), []
        for dim in sorted(set(dims)):
            columns = tuple(place for place, own in enumerate(dims) if own == dim)
            end = 0
            for place in columns:
                first_rows[place] = end
                end += sizes[place]
            groups.append(Group(dim, columns, end))
        return cls(tuple(sizes), tuple(dims), tuple(groups), tuple(first_rows))

    @property
    def slices(self) -> tuple[slice, ...]:
        """Where each column's vector lies in the output."""
        ends = [sum(self.dims[: place + 1]) for place in range(len(self.dims))]
        return tuple(slice(end - dim, end) for end, dim in zip(ends, self.dims, strict=True))

    def rows_of(self, place: int) -> slice:
        """The rows of a column in its group's table."""
        first = self.first_rows[place]
        return slice(first, first + self.sizes[place])
