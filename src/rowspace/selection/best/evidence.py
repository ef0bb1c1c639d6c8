"""What choices are made on: held-out text, word forms, and half of the word pairs that a user gives."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float64, Int64

from rowspace.arrays import Stream, Vectors
from rowspace.errors import EvaluationError
from rowspace.evaluation.statistics import spearman
from rowspace.evaluation.word_pairs import WordPairs, read_pairs
from rowspace.selection.best.held_out_prediction import Gaps
from rowspace.selection.best.word_forms import WordForms
from rowspace.vocabulary import Words

FEWEST_PAIRS = 10  # of a half: a rank correlation of fewer says nothing

LEAST = 1e-3  # a measure below counts as this: it must not outweigh all others
# Forms found by spelling flatter models of spelling. These shares balance the semantic and the syntactic half
# of a development set; sets of pairs count as much as both.
WEIGHTS = {"held-out text": 0.7, "word forms": 0.3}

PairSets = str | Path | WordPairs | Sequence[str | Path | WordPairs]


@dataclass(frozen=True, eq=False)
class KnownPairs:
    """Word pairs whose words have rows."""

    name: str
    first: Int64[np.ndarray, "pairs"]
    second: Int64[np.ndarray, "pairs"]
    scores: Float64[np.ndarray, "pairs"]

    @classmethod
    def of(cls, pairs: WordPairs, words: Words) -> KnownPairs:
        """The pairs that `words` hold both words of, in lower case where not as written."""
        first, second = _rows(pairs.first, words), _rows(pairs.second, words)
        known = (first >= 0) & (second >= 0)
        return cls(pairs.name, first[known], second[known], pairs.scores[known])

    def halves(self, rng: np.random.Generator) -> tuple[KnownPairs, KnownPairs]:
        """Two halves by chance: one to choose on, one to report."""
        order = rng.permutation(len(self.scores))
        one, other = (np.sort(half) for half in np.array_split(order, 2))
        return self._take(one), self._take(other)

    def score(self, units: Vectors) -> float:
        """Spearman's correlation of cosines with the scores; 0 where it is undefined."""
        cosines = np.einsum("pd,pd->p", units[self.first], units[self.second]).astype(np.float64)
        return spearman(cosines, self.scores) or 0.0

    def _take(self, places: Int64[np.ndarray, "some"]) -> KnownPairs:
        return KnownPairs(self.name, self.first[places], self.second[places], self.scores[places])


@dataclass(frozen=True, eq=False)
class Evidence:
    """The measures that candidates are compared by, and the score that they make together.

    >>> words = Words.from_keys(["cup", "mug", "car"], counts=np.array([3, 2, 1]))
    >>> text = np.array([0, 1, 2, -1], np.int32)
    >>> evidence = Evidence.gather(words, text, [], seed=0)
    >>> sorted(evidence.measure(np.eye(3, dtype=np.float32)))
    ['held-out text']
    """

    gaps: Gaps
    forms: WordForms
    pairs: Sequence[KnownPairs]  # the halves that are chosen on
    other_pairs: Sequence[KnownPairs]  # the halves that are reported

    @classmethod
    def gather(cls, words: Words, text: Stream, pairs: Iterable[WordPairs], *, seed: int) -> Evidence:
        """Make evidence from held-out row ids, the keys themselves, and word pairs with scores."""
        rng = np.random.default_rng(seed)
        counts = np.ones(len(words), np.int64) if words.counts is None else words.counts
        known = [KnownPairs.of(each, words).halves(rng) for each in pairs]
        known = [halves for halves in known if len(halves[1].scores) >= FEWEST_PAIRS]
        return cls(
            Gaps.draw(text, counts, seed=seed),
            WordForms.find(words.keys, seed=seed),
            [half for half, _ in known],
            [half for _, half in known],
        )

    def measure(self, units: Vectors) -> dict[str, float]:
        """Each measure by its name; `units` holds a row of length one for each key."""
        found = {"held-out text": self.gaps.score(units)}
        if len(self.forms.questions):
            found["word forms"] = self.forms.score(units)
        return found | {half.name: half.score(units) for half in self.pairs}

    def score(self, units: Vectors) -> float:
        """The weighed geometric mean of all measures: so each counts by its relative change."""
        weights = {**WEIGHTS, **{half.name: 1 / len(self.pairs) for half in self.pairs}}
        measures = self.measure(units)
        logs = [weights[name] * math.log(max(value, LEAST)) for name, value in measures.items()]
        return math.exp(sum(logs) / sum(weights[name] for name in measures))

    def report(self, units: Vectors) -> dict[str, float]:
        """The same measures, and each half of word pairs that no choice was made on."""
        others = {f"{half.name}, other half": half.score(units) for half in self.other_pairs}
        return {name: round(value, 4) for name, value in (self.measure(units) | others).items()}


def open_pairs(pairs: PairSets | None) -> list[WordPairs]:
    """Word pairs from one source or several; EvaluationError and FileAccessError for what is none."""
    if pairs is None:
        return []
    sources = [pairs] if isinstance(pairs, str | Path | WordPairs) else list(pairs)
    opened = [each if isinstance(each, WordPairs) else read_pairs(each) for each in sources]
    names = [each.name for each in opened]
    if len(set(names)) < len(names):
        raise EvaluationError(f"sets of word pairs need distinct names, but have {', '.join(names)}")
    return opened


def _rows(keys: Sequence[str], words: Words) -> Int64[np.ndarray, "pairs"]:
    found = words.find_all(keys)
    return np.where(found >= 0, found, words.find_all([key.lower() for key in keys]))
