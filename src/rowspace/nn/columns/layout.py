"""Where the rows of each column lie: all columns of one dim one behind the other in one table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Group:
    """The columns of one dim."""

    dim: int
    columns: tuple[int, ...]  # their places among all columns, rising
    first_row: int  # of its table, if all tables lay one behind the other
    num_rows: int

    @property
    def key(self) -> str:
        """Its name among the layer's tables."""
        return str(self.dim)


@dataclass(frozen=True)
class Layout:
    """Which table each column lies in, and from which row on.

    >>> layout = Layout.of([4, 10, 3], dims=[2, 8, 2])
    >>> layout.groups[0]
    Group(dim=2, columns=(0, 2), first_row=0, num_rows=7)
    >>> layout.first_rows
    (0, 7, 4)
    """

    sizes: tuple[int, ...]  # rows of each column
    dims: tuple[int, ...]
    groups: tuple[Group, ...]  # by rising dim
    first_rows: tuple[int, ...]  # of each column, if all tables lay one behind the other

    @classmethod
    def of(cls, sizes: Sequence[int], dims: Sequence[int]) -> Layout:
        """Lay columns of `sizes` rows and `dims` values out, in their order within each dim."""
        first_rows, groups, end = [0] * len(sizes), [], 0
        for dim in sorted(set(dims)):
            columns = tuple(place for place, own in enumerate(dims) if own == dim)
            begin = end
            for place in columns:
                first_rows[place] = end
                end += sizes[place]
            groups.append(Group(dim, columns, begin, end - begin))
        return cls(tuple(sizes), tuple(dims), tuple(groups), tuple(first_rows))

    def group_of(self, place: int) -> Group:
        """The group of a column."""
        return next(group for group in self.groups if group.dim == self.dims[place])

    def rows_of(self, place: int) -> slice:
        """The rows of a column in its group's table."""
        first = self.first_rows[place] - self.group_of(place).first_row
        return slice(first, first + self.sizes[place])
