"""Rules of thumb for the dimension of a table by the number of its keys; `choose_dim` measures instead."""

from __future__ import annotations

import math


def fourth_root(num_keys: int) -> int:
    """The fourth root, rounded up: few values, as Google's feature-column guide advises (2017).

    >>> fourth_root(42), fourth_root(100_000)
    (3, 18)
    """
    return max(1, math.ceil(math.pow(num_keys, 0.25)))


def deep_cross(num_keys: int) -> int:
    """Six fourth roots, the rule of Deep & Cross Networks (Wang et al. 2017).

    >>> deep_cross(42), deep_cross(100_000)
    (15, 107)
    """
    return max(1, round(6 * math.pow(num_keys, 0.25)))


def fastai(num_keys: int) -> int:
    """min(600, 1.6 n ** 0.56), the rule of fastai, found by trying many tables.

    >>> fastai(42), fastai(100_000)
    (13, 600)
    """
    return max(1, min(600, round(1.6 * math.pow(num_keys, 0.56))))
