"""How the words of a test set meet the keys of a table."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from rowspace.arrays import PackedKeys
from rowspace.errors import RecipeError
from rowspace.table import Table

# One key in a hundred with a capital letter: special keys like <UNK> do not make a table cased.
CASED_FROM = 0.01


def folds_case(table: Table, fold_case: bool | None, limit: int | None) -> bool:
    """Whether words and keys are compared without regard to case.

    `fold_case` decides; None means: unless at least one in a hundred of the first `limit` keys has a
    capital letter, because then "Paris" and "paris" are two keys and the words are looked up as written.
    """
    if fold_case is not None:
        return fold_case
    cased = total = 0
    for key in first_keys(table, limit):
        total += 1
        cased += key != key.lower()
    return cased < CASED_FROM * total or total == 0


def first_keys(table: Table, limit: int | None) -> Iterable[str]:
    """The keys in row order, `limit` of them at most."""
    if limit is not None and limit < 1:
        raise RecipeError(f"limit must be a whole number from 1 on, or None, but is {limit!r}")
    keys: PackedKeys = table.keys
    return islice(keys, limit)


def matching_rows(table: Table, words: Iterable[str], *, fold: bool, limit: int | None) -> dict[str, int]:
    """The row of each word that is among the first `limit` keys; of several that fold alike, the first.

    The words must be folded already where `fold` is set.
    """
    wanted = set(words)
    rows: dict[str, int] = {}
    for row, key in enumerate(first_keys(table, limit)):
        form = key.lower() if fold else key
        if form in wanted:
            rows.setdefault(form, row)
    return rows
