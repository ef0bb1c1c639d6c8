"""The Numba counts and joins of neighbouring tokens against the reference, in pieces of any size."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rowspace import kernels
from rowspace.arrays import END

REFERENCE, CPU = kernels.load("bigram_counts", "reference"), kernels.load("bigram_counts", "cpu")
KEYS = 9
IDS = st.lists(st.integers(END, KEYS - 1), max_size=80)


def connectors_of(number: int) -> tuple[np.ndarray, np.ndarray]:
    """The first `number` keys are connectors."""
    numbers = np.zeros(KEYS, np.uint8)
    numbers[:number] = np.arange(1, number + 1)
    return numbers, np.arange(number, dtype=np.int32)


def count(
    module: ModuleType, ids: np.ndarray, number: int, parts: int, piece: int
) -> dict[tuple[int, int], int]:
    counted: dict[tuple[int, int], int] = {}
    for part in range(parts):
        state, entries, num_pairs = np.zeros(2, np.uint64), np.zeros(3, np.uint64), 0
        for start in range(0, len(ids), piece):
            position, part_ids = 0, ids[start : start + piece]
            while position < len(part_ids):
                position, num_pairs = module.count_pairs_(
                    part_ids,
                    position,
                    connectors_of(number)[0],
                    number + 1,
                    part,
                    parts,
                    state,
                    entries,
                    num_pairs,
                )
                if position < len(part_ids):
                    larger = np.zeros(2 * len(entries), np.uint64)
                    module.enter_pairs_(entries, larger)
                    entries = larger
        found = {(pair, link): value for pair, link, value in entries.reshape(-1, 3).tolist() if value}
        assert len(found) == num_pairs and not counted.keys() & found.keys()
        counted |= found
    return counted


def join(
    module: ModuleType, ids: np.ndarray, number: int, table: np.ndarray, piece: int
) -> tuple[list[int], list[int]]:
    entries, state = np.zeros(3 * 256, np.uint64), np.zeros(2, np.uint64)
    module.enter_pairs_(table.reshape(-1), entries)
    counts, joined = np.zeros(KEYS + len(table), np.int64), []
    for start in range(0, len(ids), piece):
        room = np.empty(piece + 65, np.int32)
        part = ids[start : start + piece]
        joined += room[
            : module.join_pairs_(part, *connectors_of(number), entries, state, room, counts)
        ].tolist()
    return joined, counts.tolist()


@settings(deadline=None, max_examples=60)
@given(IDS, st.sampled_from([0, 1, 3]), st.integers(1, 4), st.integers(1, 90))
def test_counts_and_joins_agree_whatever_the_pieces(
    tokens: list[int], number: int, parts: int, piece: int
) -> None:
    ids = np.array([*tokens, END], np.int32)
    wanted = count(REFERENCE, ids, number, 1, len(ids))
    assert count(REFERENCE, ids, number, parts, piece) == wanted
    assert count(CPU, ids, number, parts, piece) == wanted
    chosen = sorted(wanted)[:100:2]
    table = np.array([[pair, link, KEYS + 1 + i] for i, (pair, link) in enumerate(chosen)], np.uint64)
    joined = join(REFERENCE, ids, number, table.reshape(-1, 3), len(ids))
    assert join(CPU, ids, number, table.reshape(-1, 3), piece) == joined
    assert sum(joined[1]) == sum(token != END for token in joined[0])


@pytest.mark.parametrize("module", [REFERENCE, CPU], ids=["reference", "cpu"])
def test_pairs_stand_beside_each_other_or_around_connectors(module: ModuleType) -> None:
    ids = np.array([4, 5, END, 4, 0, 1, 5, 1, END, 0, 4], np.int32)
    link = 1 * 3 + 2  # the connectors 0 and 1: digits 1 and 2 in base 3
    assert count(module, ids, 2, 1, 4) == {(4 << 32 | 5, 0): 1, (4 << 32 | 5, link): 1}
    table = np.array([[4 << 32 | 5, link, KEYS + 1]], np.uint64)
    joined, counts = join(module, np.append(ids, np.int32(END)), 2, table, 3)
    assert joined == [4, 5, END, KEYS, 1, END, 0, 4, END]
    assert counts == [1, 1, 0, 0, 2, 1, 0, 0, 0, 1]


@pytest.mark.parametrize("module", [REFERENCE, CPU], ids=["reference", "cpu"])
@pytest.mark.parametrize(("number", "most"), [(1, 63), (3, 31)])
def test_more_connectors_than_a_link_holds_make_no_pair(module: ModuleType, number: int, most: int) -> None:
    def text(run: int) -> np.ndarray:
        return np.array([5, *[0] * run, 6, END], np.int32)

    assert len(count(module, text(most), number, 1, 7)) == 1
    assert count(module, text(200), number, 1, 7) == {}
    assert join(module, text(200), number, np.zeros((0, 3), np.uint64), 7)[0] == text(200).tolist()
