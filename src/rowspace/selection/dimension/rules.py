"""Rules of thumb for a dimension by the number of keys: shown beside what was measured, never followed."""

from __future__ import annotations

import math


def usual_rules(num_keys: int) -> dict[str, int]:
    """What the two usual rules would give for `num_keys` rows, by name.

    The fourth root, rounded up, is the advice of Google's feature-column guide (2017); the other is
    fastai's, found by trying many tables of categories.

    >>> usual_rules(42)
    {'fourth root': 3, 'min(600, 1.6 n^0.56)': 13}
    """
    return {
        "fourth root": max(1, math.ceil(math.pow(num_keys, 0.25))),
        "min(600, 1.6 n^0.56)": max(1, min(600, round(1.6 * math.pow(num_keys, 0.56)))),
    }
