"""Settings by trial within a time: asynchronous successive halving (Li et al., MLSys 2020).

A trial trains a candidate on one split of the data and scores it on the rest of that split. Every candidate
begins with the first split, and the best third of those goes on to the next, with another seed, so that luck
on one split or with one seed is found out. Candidates are drawn at random, half of them near the best so far.
The recipe that one starts with goes through all splits, and what is chosen has been through as many.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from tqdm import tqdm

from rowspace.corpus.labelled import LabelledTexts
from rowspace.errors import CorpusError, DivergedError, RecipeError

if TYPE_CHECKING:
    from rowspace.tasks.classification.text_classifier import TextClassifier

Metric = Literal["accuracy", "f1", "macro_f1", "log_loss"]
METRICS: tuple[Metric, ...] = ("accuracy", "f1", "macro_f1", "log_loss")
SPLITS = 8
KEPT = 3  # of as many candidates of a rung one goes on
HELD_OUT = 10  # a split tests on one text in so many
NEAR = 0.5  # the share of candidates drawn near the best
WORST = -np.inf
MOST_SEEDS = 1 << 63
PIECES = ("min_n", "max_n")  # which mean nothing one without the other

Split = tuple[LabelledTexts, LabelledTexts]


@dataclass(frozen=True)
class Tuning:
    """What a search found. Scores are means over `splits` splits, and higher is better but for log_loss."""

    recipe: Any
    metric: Metric
    score: float
    score_before: float  # of the recipe that the search started with, on the same splits
    splits: int
    candidates: int
    trials: int

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON values."""
        return {**vars(self), "recipe": self.recipe.to_dict()}

    def __str__(self) -> str:
        return (
            f"{self.metric} {self.score:.4f} against {self.score_before:.4f} before, on {self.splits} "
            f"splits; {self.candidates} candidates, {self.trials} trials"
        )


class Search:
    """One search: `fit` trains a recipe on texts, and gives a model to evaluate."""

    def __init__(
        self,
        recipe: TextClassifier,
        splits: Callable[[int], Split],
        *,
        metric: Metric,
        fit: Callable[..., Any],
    ) -> None:
        self._start, self._splits, self._metric, self._fit = recipe, splits, metric, fit
        self._rng = np.random.default_rng([recipe.seed, 4])
        self._scores: dict[TextClassifier, list[float]] = {}
        self._promoted: list[set[TextClassifier]] = [set() for _ in range(SPLITS)]
        self._pace = 0.0  # seconds for a unit of work, see _work
        self.trials = 0

    def run(self, *, seconds: float, trials: int | None, shows_progress: bool) -> Tuning:
        """Try until the time is over, or `trials` are done."""
        begun = time.monotonic()
        bar = tqdm(total=round(seconds), unit="s", disable=not shows_progress, dynamic_ncols=True)
        with bar:
            self._try(self._start)
            while (trials is None or self.trials < trials) and time.monotonic() < begun + seconds:
                chosen = self._next(begun + seconds - time.monotonic())
                if chosen is None:
                    break
                self._try(chosen)
                bar.update(round(min(time.monotonic() - begun, seconds)) - bar.n)
                bar.set_postfix(
                    best=f"{abs(self._mean(self._best())):.4f}", trials=self.trials, refresh=False
                )
        return self._tuning()

    def _try(self, recipe: TextClassifier) -> None:
        """Score a candidate on its next split; one that diverges is the worst there."""
        scores = self._scores.setdefault(recipe, [])
        number = len(scores)
        train, test = self._splits(number)
        begun = time.monotonic()
        try:
            report = self._fit(replace(recipe, seed=(recipe.seed + number) % MOST_SEEDS), train).evaluate(
                test
            )
        except DivergedError:
            scores.append(WORST)
        else:
            value = getattr(report, self._metric)
            if value is None:
                raise RecipeError(
                    "log_loss needs texts of one label each and no one-vs-all; choose another metric"
                )
            scores.append(-value if self._metric == "log_loss" else value)
            self._pace = max(self._pace, (time.monotonic() - begun) / _work(recipe))
        self.trials += 1

    def _next(self, seconds: float) -> TextClassifier | None:
        """Who is tried next: one that has earned another split, else a new one that the time allows."""
        for rung in reversed(range(SPLITS - 1)):
            there = sorted(
                (each for each, scores in self._scores.items() if len(scores) > rung),
                key=lambda each: -float(np.mean(self._scores[each][: rung + 1])),
            )
            for each in there[: len(there) // KEPT]:
                if each not in self._promoted[rung]:
                    self._promoted[rung].add(each)
                    if len(self._scores[each]) == rung + 1:
                        return each
        behind = max(map(len, self._scores.values())) > len(self._scores[self._start])
        return self._start if behind else self._new(seconds)

    def _new(self, seconds: float) -> TextClassifier | None:
        """A recipe not tried yet that takes no more than `seconds`; None where none is found."""
        for _ in range(200):
            drawn = _drawn(self._rng)
            if self._rng.random() < NEAR:  # the best one with one setting changed
                name = str(self._rng.choice([*drawn]))
                names = PIECES if name in PIECES else (name,)
                recipe = replace(self._best(), **{each: drawn[each] for each in names})
            else:
                recipe = replace(self._start, **drawn)
            if recipe not in self._scores and self._pace * _work(recipe) <= seconds:
                return recipe
        return None

    def _best(self) -> TextClassifier:
        """The best of those that have been through most splits."""
        most = max(map(len, self._scores.values()))
        return max((each for each, scores in self._scores.items() if len(scores) == most), key=self._mean)

    def _mean(self, recipe: TextClassifier) -> float:
        return float(np.mean(self._scores[recipe]))

    def _tuning(self) -> Tuning:
        """The best on the splits that the first recipe has been through."""
        splits = len(self._scores[self._start])
        best = max(
            (each for each, scores in self._scores.items() if len(scores) >= splits),
            key=lambda each: float(np.mean(self._scores[each][:splits])),
        )
        found, before = (float(np.mean(self._scores[each][:splits])) for each in (best, self._start))
        sign = -1 if self._metric == "log_loss" else 1
        return Tuning(best, self._metric, sign * found, sign * before, splits, len(self._scores), self.trials)


def splits_of(data: LabelledTexts, validation: LabelledTexts | None, seed: int) -> Callable[[int], Split]:
    """The splits by number: the given validation data each time, or another tenth of the texts.

    Raises CorpusError where there are too few texts to split.
    """
    if validation is not None:
        return lambda number: (data, validation)
    if len(data) < HELD_OUT:
        raise CorpusError(
            f"{HELD_OUT} texts are needed to hold some out, but there are {len(data)}; give validation data"
        )
    order = np.random.default_rng([seed, 5]).permutation(len(data))
    parts = np.array_split(order, HELD_OUT)

    def split(number: int) -> Split:
        rest = np.concatenate([part for place, part in enumerate(parts) if place != number])
        return data.take(np.sort(rest)), data.take(np.sort(parts[number]))

    return split


def _drawn(rng: np.random.Generator) -> dict[str, Any]:
    """Values of the settings that are searched."""
    longest = int(rng.choice([0, 0, 0, 4, 5, 6]))
    return {
        "dim": int(rng.choice([16, 50, 100, 200])),
        "epochs": int(np.rint(np.exp(rng.uniform(np.log(3), np.log(50))))),
        "learning_rate": float(np.round(np.exp(rng.uniform(np.log(0.02), np.log(2))), 3)),
        "word_ngrams": int(rng.integers(1, 4)),
        "max_n": longest,
        "min_n": int(rng.integers(2, 4)) if longest else 3,
        "min_count": int(rng.choice([1, 1, 2, 3])),
        "evidence": float(np.round(np.exp(rng.uniform(np.log(0.5), np.log(16))), 2)),
    }


def _work(recipe: TextClassifier) -> float:
    """About how long a recipe takes beside others; to find the rows costs as much as two epochs."""
    rows = recipe.word_ngrams + 5 * (recipe.max_n - recipe.min_n + 1 if recipe.max_n else 0)
    return rows * (2 + recipe.epochs * (1 + recipe.dim / 50))
