"""Hashes of ids: published numbers, an oracle in Python's integers, and even spread."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rowspace.nn.compact.mixing import hashed_rows, mix, salts

BITS = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


def finalised(value):
    """The finaliser of splitmix64 in unsigned integers, as its authors write it."""
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & BITS
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & BITS
    return value ^ (value >> 31)


def unsigned(values):
    return [value & BITS for value in values.tolist()]


def test_the_salts_are_the_published_outputs_of_splitmix64():
    """Seed 1234567, as rosettacode.org lists them."""
    published = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431]
    assert unsigned(salts(1234567, 4)) == published


@settings(deadline=None)
@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=20))
def test_mixing_is_that_of_unsigned_integers(values):
    assert unsigned(mix(torch.tensor(values))) == [finalised(value & BITS) for value in values]


@settings(deadline=None)
@given(st.integers(0, 2**63 - 1), st.integers(-(2**70), 2**70), st.integers(1, 2**62))
def test_rows_are_those_of_unsigned_integers(row_id, seed, num_rows):
    rows = hashed_rows(torch.tensor(row_id), salts(seed, 3), num_rows)
    states = [finalised((seed + (step + 1) * GOLDEN) & BITS) for step in range(3)]
    hashes = [finalised((row_id * GOLDEN + state) & BITS) for state in states]
    assert rows.tolist() == [(value & (BITS >> 1)) % num_rows for value in hashes]


@pytest.mark.parametrize("num_rows", [1, 97, 1024])
def test_ids_spread_evenly_and_hashes_independently(num_rows):
    ids = torch.arange(100_000)
    first, second = hashed_rows(ids, salts(0, 2), num_rows).unbind(-1)
    for rows in (first, second, (first + second) % num_rows):
        expected = len(ids) / num_rows
        surprise = ((rows.bincount(minlength=num_rows) - expected) ** 2).sum().item() / expected
        assert surprise <= num_rows - 1 + 5 * (2 * num_rows) ** 0.5  # chi-squared, five deviations
