"""The Numba hash index against the reference: the same slots, the same answers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rowspace import kernels
from rowspace.arrays import PackedKeys

REFERENCE, CPU = kernels.load("hash_index", "reference"), kernels.load("hash_index", "cpu")
KEYS = st.lists(st.binary(max_size=20), max_size=60)


@settings(deadline=None, max_examples=60)
@given(KEYS, KEYS)
def test_agrees(stored: list[bytes], wanted: list[bytes]) -> None:
    keys, asked = PackedKeys.from_bytes(stored), PackedKeys.from_bytes(stored + wanted)
    slots, first_repeat = REFERENCE.build_index(keys.data, keys.offsets)
    cpu_slots, cpu_first_repeat = CPU.build_index(keys.data, keys.offsets)
    np.testing.assert_array_equal(cpu_slots, slots)
    assert cpu_slots.dtype == slots.dtype
    assert cpu_first_repeat == first_repeat
    arguments = (slots, keys.data, keys.offsets, asked.data, asked.offsets)
    found = REFERENCE.find_keys(*arguments)
    np.testing.assert_array_equal(CPU.find_keys(*arguments), found)
    assert found[: len(stored)].tolist() == [stored.index(key) for key in stored]


@pytest.mark.parametrize("kernel", [REFERENCE, CPU], ids=["reference", "cpu"])
def test_a_damaged_index_gives_wrong_answers_at_worst(kernel: object) -> None:
    keys = PackedKeys.from_strings([f"key{i}" for i in range(50)])
    slots, _ = kernel.build_index(keys.data, keys.offsets)
    rng = np.random.default_rng(3)
    for _ in range(20):
        damaged = rng.integers(-(2**31), 2**31 - 1, len(slots)).astype(np.int32)
        offsets = rng.integers(-(2**40), 2**40, len(keys.offsets))
        for bad_slots, bad_offsets in ((damaged, keys.offsets), (slots, offsets), (slots[:0], keys.offsets)):
            found = kernel.find_keys(bad_slots, keys.data, bad_offsets, keys.data, keys.offsets)
            assert np.all((found >= -1) & (found < len(keys)))
    full = np.zeros(len(slots), np.int32)  # no empty place, and never the wanted key
    assert kernel.find_keys(full, keys.data, keys.offsets, keys.data, keys.offsets)[1:].max() == -1


def test_mapped_arrays_are_found_in(tmp_path) -> None:
    keys = PackedKeys.from_strings(["king", "queen", ""])
    slots, _ = CPU.build_index(keys.data, keys.offsets)
    np.save(tmp_path / "slots.npy", slots)
    mapped = np.load(tmp_path / "slots.npy", mmap_mode="r")
    assert CPU.find_keys(mapped, keys.data, keys.offsets, keys.data, keys.offsets).tolist() == [0, 1, 2]
