"""Evidence: better rows score higher, halves of pairs do not overlap, and nothing known scores nothing."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.errors import EvaluationError
from rowspace.evaluation.word_pairs import pairs_from
from rowspace.selection.best.evidence import Evidence, KnownPairs, open_pairs
from rowspace.selection.best.postprocessing import units
from rowspace.vocabulary import Words

KEYS = [f"k{row}" for row in range(40)]


@pytest.fixture
def words():
    return Words.from_keys(KEYS, counts=np.arange(400, 360, -1, dtype=np.int64))


@pytest.fixture
def angles():
    """Rows on a half circle, so that keys with near numbers are near."""
    turn = np.linspace(0, np.pi / 2, 40)
    return np.stack([np.cos(turn), np.sin(turn)], axis=1).astype(np.float32)


def pairs(name="pairs"):
    triples = [(KEYS[x], KEYS[y], -abs(x - y)) for x in range(0, 40, 3) for y in range(x + 1, 40, 5)]
    return pairs_from(triples, name)


def test_a_half_is_chosen_on_and_the_other_reported(words, angles):
    evidence = Evidence.gather(words, np.full(1, -1, np.int32), [pairs()], seed=0)
    chosen, other = evidence.pairs[0], evidence.other_pairs[0]
    places = [set(zip(half.first.tolist(), half.second.tolist(), strict=True)) for half in (chosen, other)]
    assert not places[0] & places[1]
    assert len(places[0] | places[1]) == len(pairs())
    assert evidence.measure(angles)["pairs"] > 0.95
    assert evidence.report(angles)["pairs, other half"] > 0.95


def test_the_score_is_a_geometric_mean(words, angles):
    evidence = Evidence.gather(words, np.full(1, -1, np.int32), [pairs("a"), pairs("b")], seed=0)
    measures = evidence.measure(angles)
    assert measures["held-out text"] == 0
    logs = 0.7 * np.log(1e-3) + (np.log(measures["a"]) + np.log(measures["b"])) / 2
    assert evidence.score(angles) == pytest.approx(np.exp(logs / 1.7))


def test_too_few_known_pairs_are_no_evidence(words):
    few = pairs_from([("k1", "k2", 1), ("k1", "zzz", 2)])
    assert Evidence.gather(words, np.full(1, -1, np.int32), [few], seed=0).pairs == []


def test_capitals_are_folded_where_the_keys_have_none(words):
    known = KnownPairs.of(pairs_from([("K1", "k2", 1.0)]), words)
    assert known.first.tolist() == [1]


def test_constant_cosines_score_nothing(words):
    alike = units(np.ones((40, 2), np.float32))
    assert KnownPairs.of(pairs(), words).score(alike) == 0


def test_sources_of_pairs(tmp_path):
    (tmp_path / "one.txt").write_text("a b 1\nc d 2\n")
    assert open_pairs(None) == []
    assert [each.name for each in open_pairs(tmp_path / "one.txt")] == ["one"]
    assert [each.name for each in open_pairs([tmp_path / "one.txt", pairs("two")])] == ["one", "two"]
    with pytest.raises(EvaluationError, match="distinct names"):
        open_pairs([pairs(), pairs()])
