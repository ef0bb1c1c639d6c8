"""One line for each test that a table was put to, whatever the kind of test."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rowspace import evaluation
from rowspace.cli.output import aligned, number, shown

Report = (
    evaluation.SimilarityReport
    | evaluation.AnalogyReport
    | evaluation.CategoryReport
    | evaluation.OddOneOutReport
    | evaluation.RelationReport
)
HEADING = ("test", "measure", "covered", "score", "95 %", "missing as 0")


class Score(NamedTuple):
    """The figures of one test: over what is covered, and over all with the rest as wrong or as cosine 0."""

    test: str
    measure: str
    covered: int
    asked: int
    score: float | None
    interval: tuple[float, float] | None
    score_of_asked: float | None


def score_of(report: Report) -> Score:
    """The one score of a report that people quote.

    >>> section = evaluation.SectionScore("total", "", asked=4, covered=2, correct=1)
    >>> score_of(evaluation.OddOneOutReport("odd", section, case_folded=False))[2:]
    (2, 4, 0.5, None, 0.25)
    """
    if isinstance(report, evaluation.SimilarityReport):
        figures = report.covered, report.pairs, report.spearman, report.interval, report.spearman_with_zeros
        return Score(report.name, "Spearman", *figures)
    if isinstance(report, evaluation.CategoryReport):
        figures = report.covered, report.words, report.purity, report.interval, report.purity_of_asked
        return Score(report.name, "purity", *figures)
    total = report.total
    figures = total.covered, total.asked, total.accuracy, total.interval, total.accuracy_of_asked
    return Score(report.name, "accuracy", *figures)


def score_table(reports: Iterable[Report]) -> str:
    """All scores in columns under a heading."""
    return aligned([HEADING, *(_cells(score_of(report)) for report in reports)], right=[2, 3, 5])


def _cells(score: Score) -> Sequence[str]:
    interval = "" if score.interval is None else f"[{score.interval[0]:.3f}, {score.interval[1]:.3f}]"
    covered = f"{number(score.covered)} of {number(score.asked)}"
    rest = _figure(score.score), interval, _figure(score.score_of_asked)
    return shown(score.test), score.measure, covered, *rest


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
