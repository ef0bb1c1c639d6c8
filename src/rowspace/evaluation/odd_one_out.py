"""Odd one out: is the word that does not belong the one least like the others?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rowspace.evaluation.lines import set_name
from rowspace.evaluation.matching import folds_case
from rowspace.evaluation.odd_questions import OddSource, as_odd_questions
from rowspace.evaluation.shares import Answers, Scorer, SectionScore, percent, percents
from rowspace.evaluation.words import Units, word_units
from rowspace.table import Table

ROUNDING = 1e-12  # mean cosines that differ by less are equal


@dataclass(frozen=True)
class OddOneOutReport:
    """What a table scores on odd-one-out questions. A question is covered if all its words are."""

    name: str
    total: SectionScore
    case_folded: bool
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON values."""
        rest = {"name": self.name, "case_folded": self.case_folded, "note": self.note}
        return rest | {"total": self.total.to_dict()}

    def __str__(self) -> str:
        total = self.total
        interval = f"  95 % {percents(total.interval)}" if total.interval else ""
        lines = [
            f"{self.name}: {total.covered} of {total.asked} questions covered, {total.correct} right",
            f"  of covered          {percent(total.accuracy):>7}{interval}",
            f"  all, missing wrong  {percent(total.accuracy_of_asked):>7}",
        ]
        return "\n".join(lines + ([f"  {self.note}"] if self.note else []))


def odd_one_out(
    table: Table,
    source: OddSource,
    *,
    limit: int | None = None,
    fold_case: bool | None = None,
    bootstrap: int = 1000,
    seed: int = 0,
) -> OddOneOutReport:
    """Find the word of each question that is least like the others, by its mean cosine with them.

    `source` is a file with a question a line, words parted by tabs or else white space, of which the LAST
    is the odd one; or such questions in memory. Also the outlier sets of Camacho-Collados & Navigli (2016):
    words that belong together one a line, a blank line, and outliers, each of which is one question. A
    folder stands for all ``.txt`` files in it. A tie with the odd word is a wrong answer. Words are found as
    in `similarity`. Raises EvaluationError naming file and line.

    >>> vectors = np.array([[1, 0], [1, 0.1], [1, 0.2], [0, 1]], np.float32)
    >>> table = Table.from_arrays(["cup", "mug", "glass", "cow"], vectors)
    >>> report = odd_one_out(table, [["cup", "mug", "glass", "cow"], ["cup", "cow", "mug"], ["a", "b", "c"]])
    >>> report.total.covered, report.total.accuracy
    (2, 0.5)
    """
    scorer = Scorer(bootstrap, seed)
    questions = as_odd_questions(source)
    fold = folds_case(table, fold_case, limit)
    answers = answer_odd(table, questions, fold=fold, limit=limit)
    return OddOneOutReport(
        name=set_name(source, "odd one out"),
        total=scorer.score("total", answers),
        case_folded=fold,
        note="" if answers.covered.any() else "no accuracy: no question has all its words in the table",
    )


def answer_odd(table: Table, questions: Sequence[Sequence[str]], *, fold: bool, limit: int | None) -> Answers:
    """Which questions are covered and answered rightly."""
    words = [word for question in questions for word in question]
    units, places = word_units(table, words, fold=fold, limit=limit)
    each = np.split(places, np.cumsum([len(question) for question in questions])[:-1])
    covered = np.array([bool((own >= 0).all()) for own in each], np.bool_)
    right = [known and last_is_odd(units[own]) for own, known in zip(each, covered.tolist(), strict=True)]
    return Answers(covered, np.array(right, np.bool_))


def last_is_odd(units: Units) -> bool:
    """Whether the last of some unit vectors is less like the others than any of them is.

    >>> last_is_odd(np.array([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0]]))
    True
    """
    cosines = units @ units.T
    to_others = (cosines.sum(axis=1) - np.diag(cosines)) / (len(units) - 1)
    return bool(to_others[-1] < to_others[:-1].min() - ROUNDING)
