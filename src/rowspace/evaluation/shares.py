"""Shares of right answers: by section, in total, over the covered and over all that was asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from jaxtyping import Bool

from rowspace.errors import RecipeError
from rowspace.evaluation.statistics import Interval, middle_95

Kind = Literal["semantic", "syntactic", ""]
Flags = Bool[np.ndarray, "questions"]


class Answers(NamedTuple):
    """For each question of a test set: could the table answer it, and was the answer right?"""

    covered: Flags
    correct: Flags  # false where not covered

    def where(self, chosen: Flags) -> Answers:
        """The answers to the chosen questions."""
        return Answers(self.covered[chosen], self.correct[chosen])


@dataclass(frozen=True)
class SectionScore:
    """The score of one section or total."""

    name: str
    kind: Kind
    asked: int
    covered: int
    correct: int
    interval: Interval | None = None  # 95 % bootstrap interval of accuracy

    @property
    def accuracy(self) -> float | None:
        """The share of covered questions answered rightly, as is usual; None if none is covered."""
        return self.correct / self.covered if self.covered else None

    @property
    def accuracy_of_asked(self) -> float | None:
        """The same share with every question that is not covered counted as wrong."""
        return self.correct / self.asked if self.asked else None

    def to_dict(self) -> dict[str, Any]:
        """The fields and both accuracies as JSON values."""
        counts = {"asked": self.asked, "covered": self.covered, "correct": self.correct}
        rates = {"accuracy": self.accuracy, "accuracy_of_asked": self.accuracy_of_asked}
        interval = list(self.interval) if self.interval else None
        return {"name": self.name, "kind": self.kind} | counts | rates | {"interval": interval}


class Scorer:
    """Makes scores with intervals of so many resamples; the same section has the same in every report.

    >>> right = np.array([True, True, True, False])
    >>> Scorer(bootstrap=1000, seed=0).score("cities", Answers(np.ones(4, np.bool_), right)).accuracy
    0.75
    """

    def __init__(self, bootstrap: int, seed: int) -> None:
        """Raise RecipeError for a negative number of resamples."""
        self.bootstrap = check_bootstrap(bootstrap)
        self.seed = seed

    def score(self, name: str, answers: Answers, kind: Kind = "") -> SectionScore:
        """The score of all of `answers`."""
        covered, correct = int(answers.covered.sum()), int(answers.correct.sum())
        interval = share_interval(correct, covered, resamples=self.bootstrap, seed=self.seed)
        return SectionScore(name, kind, len(answers.covered), covered, correct, interval)

    def sections(self, sections: Sequence[tuple[str, Kind, int]], answers: Answers) -> Iterator[SectionScore]:
        """The score of each section, given its name, kind and number of questions."""
        start = 0
        for name, kind, size in sections:
            part = slice(start, start + size)
            yield self.score(name, Answers(answers.covered[part], answers.correct[part]), kind)
            start += size


def check_bootstrap(bootstrap: int) -> int:
    """`bootstrap` if it is a number of resamples, else RecipeError."""
    if bootstrap < 0:
        raise RecipeError(f"bootstrap must be a number of resamples from 0 on, but is {bootstrap!r}")
    return bootstrap


def share_interval(right: int, asked: int, *, resamples: int, seed: int) -> Interval | None:
    """The 2.5 and 97.5 percentile of a share over resampled questions.

    A resample of right and wrong answers is a binomial draw, so no question is drawn one by one. None for
    a share of 0 or 1, all of whose resamples are alike, which tells nothing of chance.

    >>> share_interval(50, 100, resamples=10_000, seed=0)
    (0.4, 0.6)
    """
    if not asked:
        return None
    return middle_95(np.random.default_rng(seed).binomial(asked, right / asked, resamples) / asked)


def score_lines(scores: Sequence[SectionScore]) -> list[str]:
    """A heading and a line for each score, in columns."""
    width = max((len(score.name or "(no section)") for score in scores), default=0)
    lines = [f"  {'':<{width}}  asked  covered  correct  of covered  {'95 %':>15}  of asked"]
    for score in scores:
        counts = f"{score.asked:5d}  {score.covered:7d}  {score.correct:7d}"
        covered = f"{percent(score.accuracy):>10}  {percents(score.interval):>15}"
        name = score.name or "(no section)"
        lines.append(f"  {name:<{width}}  {counts}  {covered}  {percent(score.accuracy_of_asked):>8}")
    return lines


def percent(share: float | None) -> str:
    """A share for people, or a dash."""
    return "-" if share is None else f"{100 * share:.1f} %"


def percents(interval: Interval | None) -> str:
    """An interval of shares for people, or nothing."""
    return "" if interval is None else f"[{100 * interval[0]:.1f}, {100 * interval[1]:.1f}]"
