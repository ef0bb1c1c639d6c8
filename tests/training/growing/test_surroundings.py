"""What stands around keys in a text: sums by hand, and a map that is found again."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.arrays import END
from rowspace.training.growing import surroundings
from rowspace.training.growing.surroundings import Text, learn_map, neighbor_weights, pupils


class Ids:
    """A stream in memory."""

    def __init__(self, ids: list[int]) -> None:
        self.ids = np.array(ids, np.int32)
        self.num_ids = len(ids)

    def read(self, start: int, stop: int) -> np.ndarray:
        return self.ids[start:stop].copy()


def by_hand(ids, vectors, weights, wanted, window):
    sums = np.zeros((wanted.max() + 1, vectors.shape[1]))
    totals = np.zeros(wanted.max() + 1)
    documents = np.cumsum(np.array(ids) == END)
    for place, center in enumerate(ids):
        if center == END or wanted[center] < 0:
            continue
        for other, neighbor in enumerate(ids):
            distance = abs(other - place)
            if not 0 < distance <= window or neighbor == END or neighbor >= len(vectors):
                continue
            if documents[other] == documents[place]:
                weight = weights[neighbor] * (window + 1 - distance) / window
                sums[wanted[center]] += weight * vectors[neighbor]
                totals[wanted[center]] += weight
    return sums, totals


@pytest.mark.parametrize("window", [1, 2, 5])
@pytest.mark.parametrize("longest", [3, 7, 65_536])
def test_sums_are_those_of_a_plain_loop_however_the_stream_is_cut(monkeypatch, window, longest):
    monkeypatch.setattr(surroundings, "LONGEST", longest)
    rng = np.random.default_rng(5)
    ids = [END if draw == 9 else int(draw) for draw in rng.integers(0, 10, 60)]
    vectors = rng.standard_normal((5, 3)).astype(np.float32)
    weights = rng.random(5)
    wanted = np.array([-1, 2, -1, -1, -1, 0, 1, -1, 3, -1], np.int32)
    found = Text(Ids(ids), vectors, weights, window).around(wanted)
    sums, totals = by_hand(ids, vectors, weights, wanted, window)
    np.testing.assert_allclose(found.sums, sums, atol=1e-5)
    np.testing.assert_allclose(found.totals, totals, rtol=1e-12)
    np.testing.assert_allclose(found.means()[totals > 0], (sums.T / totals).T[totals > 0], atol=1e-5)


def test_keys_without_known_neighbors_have_none():
    found = Text(Ids([0, END, 1, 1]), np.ones((1, 2), np.float32), np.ones(1), 3).around(
        np.array([-1, 0], np.int32)
    )
    assert found.totals.tolist() == [0] and found.means().tolist() == [[0, 0]]


def test_nothing_wanted_is_no_error():
    found = Text(Ids([0, 0]), np.ones((1, 2), np.float32), np.ones(1), 3).around(np.array([-1], np.int32))
    assert found.means().shape == (0, 2)


def test_frequent_neighbors_count_less():
    weights = neighbor_weights(np.array([98_000, 100, 0]))
    assert weights[0] < 0.002 and weights[1] == pytest.approx(0.5, rel=0.02) and weights[2] == 1


def test_pupils_are_the_rarest_known_keys_that_occur_often_enough(monkeypatch):
    monkeypatch.setattr(surroundings, "PUPILS", 2)
    monkeypatch.setattr(surroundings, "PUPILS_A_DIM", 1)
    wanted = pupils(np.array([100, 4, 5, 50]), 6, dim=2)
    assert wanted is not None
    assert wanted.tolist() == [-1, -1, 0, 1, -1, -1]


def test_too_few_pupils_teach_nothing():
    assert pupils(np.full(7, 100), 9, dim=2) is None


def test_the_map_is_found_again():
    rng = np.random.default_rng(2)
    means, true = rng.standard_normal((400, 6)), rng.standard_normal((6, 6))
    np.testing.assert_allclose(learn_map(means, (means @ true).astype(np.float32)), true, atol=0.02)


def test_a_map_from_zeros_is_finite():
    assert np.isfinite(learn_map(np.zeros((5, 2)), np.ones((5, 2), np.float32))).all()
