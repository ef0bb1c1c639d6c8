"""Evidence from spelling: do words that change alike move alike?

Pairs like walk, walked and talk, talked are found by their endings alone (after Soricut & Och 2015), so no
labels are needed, and the rules are those of the corpus's own language.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from jaxtyping import Int64

from rowspace.arrays import Vectors

FREQUENT = 10_000  # keys that take part, and that may be the answer
LONGEST_ENDING = 4
SHORTEST_STEM = 3
RULES = 12
FEWEST_PAIRS = 10  # of a rule
QUESTIONS = 150  # a rule
QUESTIONS_AT_A_TIME = 500

Questions = Int64[np.ndarray, "questions 4"]


@dataclass(frozen=True, eq=False)
class WordForms:
    """Questions of the kind walk is to walked as talk is to what, made from spelling.

    >>> stems = ["walk", "talk", "jump", "call", "play", "work", "look", "turn", "open", "help"]
    >>> forms = WordForms.find([*stems, *(stem + "ed" for stem in stems)], seed=0)
    >>> len(forms.questions)
    90
    """

    questions: Questions  # rows: a is to b as c is to d
    candidates: int

    @classmethod
    def find(cls, keys: Sequence[str], *, seed: int) -> WordForms:
        """Find the endings that most frequent keys exchange, and ask for them; keys by falling count."""
        rng = np.random.default_rng(seed)
        frequent = list(islice(keys, FREQUENT))
        asked = [_ask(np.array(pairs, np.int64), rng) for pairs in _largest(_rules(frequent))]
        return cls(np.concatenate([np.empty((0, 4), np.int64), *asked]), len(frequent))

    def score(self, units: Vectors) -> float:
        """The share of questions whose fourth word is the first answer (3CosAdd), in [0, 1]."""
        if not len(self.questions):
            return 0.0
        rows, right = units[: self.candidates], 0
        for start in range(0, len(self.questions), QUESTIONS_AT_A_TIME):
            a, b, c, d = self.questions[start : start + QUESTIONS_AT_A_TIME].T
            scores = (rows[b] - rows[a] + rows[c]) @ rows.T
            for given in (a, b, c):
                scores[np.arange(len(given)), given] = -np.inf
            right += int((scores.argmax(axis=1) == d).sum())
        return right / len(self.questions)


def _rules(keys: list[str]) -> dict[tuple[str, str], list[tuple[int, int]]]:
    """For each two endings the pairs of keys that differ in them alone, the more frequent stem first."""
    by_stem: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for row, key in enumerate(keys):
        for length in range(min(LONGEST_ENDING, len(key) - SHORTEST_STEM) + 1):
            if key.isalpha():
                by_stem[key[: len(key) - length]].append((key[len(key) - length :], row))
    rules: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for forms in by_stem.values():
        for ending, row in forms:
            for other, other_row in forms:
                if ending < other and ending[:1] != other[:1]:
                    rules[ending, other].append((row, other_row))
    return rules


def _largest(rules: dict[tuple[str, str], list[tuple[int, int]]]) -> list[list[tuple[int, int]]]:
    ordered = sorted(rules.items(), key=lambda rule: (-len(rule[1]), rule[0]))
    return [pairs for _, pairs in ordered[:RULES] if len(pairs) >= FEWEST_PAIRS]


def _ask(pairs: Int64[np.ndarray, "pairs 2"], rng: np.random.Generator) -> Questions:
    """Questions of two different pairs each: all of them where they are few."""
    first, second = np.nonzero(~np.eye(len(pairs), dtype=np.bool_))
    chosen = rng.permutation(len(first))[:QUESTIONS]
    return np.concatenate([pairs[first[chosen]], pairs[second[chosen]]], axis=1)
