"""Rules of thumb for a dimension by the number of keys: shown beside what was measured, never followed."""

from __future__ import annotations

from rowspace.vocabulary.dimension_rules import fastai, fourth_root


def usual_rules(num_keys: int) -> dict[str, int]:
    """What the two usual rules would give for `num_keys` rows, by name.

    >>> usual_rules(42)
    {'fourth root': 3, 'min(600, 1.6 n^0.56)': 13}
    """
    return {
        "fourth root": fourth_root(num_keys),
        "min(600, 1.6 n^0.56)": fastai(num_keys),
    }
