"""Findings: one sentence for each fault, none for a sound table."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.evaluation.geometry import geometry
from rowspace.table import Table

RNG = np.random.default_rng(10)
SOUND = RNG.standard_normal((400, 20)).astype(np.float32)


def findings(vectors, counts=None):
    return geometry(
        Table.from_arrays([f"k{row}" for row in range(len(vectors))], vectors, counts=counts)
    ).findings


def test_a_sound_table_has_none():
    assert findings(SOUND, np.arange(400, 0, -1)) == []


def spoiled(name):
    vectors = SOUND.copy()
    if name == "zero":
        vectors[:6] = 0
    elif name == "nan":
        vectors[2, 2] = np.nan
    elif name == "untrained":
        vectors[7] *= 0.01
    elif name == "shortest":
        vectors[8:11] = np.eye(20, dtype=np.float32)[:3] * np.float32(0.5)
    elif name == "duplicate":
        vectors[9] = vectors[8]
    elif name == "mean":
        vectors += 2
    elif name == "direction":
        vectors[:, 0] *= 10
    elif name == "rank":
        vectors[:, 4:] *= np.float32(0.05)
    elif name == "equal":
        vectors[:] = 1
    return vectors


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("zero", "6 rows (k0, k1, k2, k3, k4, ...) are zero"),
        ("nan", "1 row (k2) holds NaN or infinity"),
        ("untrained", "1 row (k7) has no value beyond 1/dim"),
        ("shortest", "3 rows (k8, k9, k10) share the smallest length"),
        ("duplicate", "1 row (k9) repeats an earlier row bit by bit (such as k8 = k9)"),
        ("mean", "the mean cosine of two rows is 0.8"),
        ("direction", "one direction holds 8"),
        ("rank", "the rows fill about"),
        ("equal", "all rows are equal"),
    ],
)
def test_each_fault_has_its_sentence(name, sentence):
    found = findings(spoiled(name))
    assert any(each.startswith(sentence) for each in found), found


def test_lengths_that_follow_frequency():
    counts = np.arange(400, 0, -1)
    longer = SOUND * np.geomspace(9, 1, 400, dtype=np.float32)[:, None]
    assert any(each.startswith("the more frequent a key, the longer") for each in findings(longer, counts))
    assert any("the shorter" in each for each in findings(longer[::-1].copy(), counts))


def test_a_hub_is_named():
    vectors = np.random.default_rng(11).standard_normal((400, 100)).astype(np.float32)
    vectors[:, 0] = 10  # half of every direction, and all of k33's
    vectors[33, 1:] = 0
    assert any(each.startswith("k33 is among the 10 nearest of") for each in findings(vectors))
