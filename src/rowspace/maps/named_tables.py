"""One table, several, or several by name: what a picture takes, and what it calls them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rowspace.errors import EvaluationError
from rowspace.maps.lettering import one_line
from rowspace.table import Table

Tables = Table | Sequence[Table] | Mapping[str, Table]

LONGEST_NAME = 40  # letters


def named(tables: Tables) -> dict[str, Table]:
    """Each table by a name: the given one, or its recipe and dim, numbered where two are alike.

    >>> import numpy as np
    >>> table = Table.from_arrays(["a"], np.ones((1, 3), np.float32))
    >>> list(named([table, table])), list(named({"mine": table}))
    (['table of dim 3', 'table of dim 3 (2)'], ['mine'])
    """
    if isinstance(tables, Table):
        return {described(tables): tables}
    by_name: dict[str, Table] = {}
    if isinstance(tables, Mapping):
        by_name = {one_line(name, LONGEST_NAME): table for name, table in tables.items()}
    else:
        for table in tables:
            name = described(table)
            number = sum(known.split(" (")[0] == name for known in by_name) + 1
            by_name[name if number == 1 else f"{name} ({number})"] = table
    if not by_name:
        raise EvaluationError("a picture needs at least one table, but none was given; pass a Table")
    return by_name


def described(table: Table) -> str:
    """The recipe that made a table, where it is known, and its dim."""
    recipe = table.metadata.get("recipe")
    name = recipe.get("name") if isinstance(recipe, Mapping) else None
    return f"{one_line(name) if isinstance(name, str) else 'table'} of dim {table.dim}"
