"""Analogy tests: for how many questions is the fourth word the first answer?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool, Int64

from rowspace.evaluation.matching import first_keys, folds_case
from rowspace.evaluation.questions import Kind, Section, read_questions
from rowspace.search.analogy import Method, check_method, mul_scores, unit
from rowspace.search.exact import ExactIndex
from rowspace.search.neighbors import key_store
from rowspace.table import Table

FLOATS_AT_A_TIME = 1 << 22  # 16 MB of scores

Questions = Int64[np.ndarray, "questions 4"]  # the classes of a, b, c and d
Classes = Int64[np.ndarray, "candidates"]


@dataclass(frozen=True)
class SectionScore:
    """The score of one section or total. A question is covered if all four words are candidates."""

    name: str
    kind: Kind
    asked: int
    covered: int
    correct: int

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
        return {"name": self.name, "kind": self.kind} | counts | rates


@dataclass(frozen=True)
class AnalogyReport:
    """What a table scores on one analogy test: each section, and the totals."""

    name: str
    sections: list[SectionScore]
    semantic: SectionScore
    syntactic: SectionScore
    total: SectionScore
    method: Method = "add"
    candidates: int = 0
    case_folded: bool = False
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON values."""
        totals = {name: getattr(self, name).to_dict() for name in ("semantic", "syntactic", "total")}
        rest = {name: getattr(self, name) for name in ("name", "method", "candidates", "case_folded", "note")}
        return rest | totals | {"sections": [section.to_dict() for section in self.sections]}

    def __str__(self) -> str:
        shown = [
            score for score in (*self.sections, self.semantic, self.syntactic, self.total) if score.asked
        ]
        width = max((len(score.name) for score in shown), default=0)
        lines = [
            f"{self.name}: {self.total.covered} of {self.total.asked} questions covered "
            f"by {self.candidates} candidates, method {self.method}",
            f"  {'':<{width}}  asked  covered  correct  of covered  of asked",
        ]
        for score in shown:
            counts = f"{score.asked:5d}  {score.covered:7d}  {score.correct:7d}"
            rates = f"{_percent(score.accuracy):>10}  {_percent(score.accuracy_of_asked):>8}"
            lines.append(f"  {score.name or '(no section)':<{width}}  {counts}  {rates}")
        return "\n".join(lines + ([f"  {self.note}"] if self.note else []))


def analogies(
    table: Table,
    path: str | Path,
    *,
    limit: int | None = 30_000,
    method: Method = "add",
    fold_case: bool | None = None,
    threads: int | None = None,
) -> AnalogyReport:
    """Answer the questions of a file, a is to b as c is to ?, and count the right answers by section.

    Candidates are the first `limit` keys, the most frequent ones (None: all), without the question's own
    words. A question with a word that is no candidate, or has no finite vector, is not covered. Case is
    folded as in `similarity`; then keys that fold alike count as one word. Needs questions x candidates
    x dim multiply-adds; `method` is that of `rowspace.search.analogy`. Raises EvaluationError naming file
    and line.
    """
    check_method(method)
    sections = read_questions(path)
    fold = folds_case(table, fold_case, limit)
    classes, class_of = _classes(table, fold=fold, limit=limit)
    words = [[word.lower() if fold else word for word in words] for s in sections for words in s.questions]
    questions = np.array([[class_of.get(word, -1) for word in four] for four in words], np.int64)
    covered: Bool[np.ndarray, "questions"] = np.asarray((questions >= 0).all(axis=1))
    covered[covered] = _are_finite(table, questions[covered])
    answer = _answer_by_adding if method == "add" else _answer_by_multiplying
    correct = np.zeros(len(questions), np.bool_)
    if covered.any():
        index = ExactIndex(key_store(table), limit=limit, threads=threads)
        correct[covered] = answer(table, index, classes, questions[covered]) == questions[covered, 3]
    scores = list(_section_scores(sections, covered, correct))
    return AnalogyReport(
        name=Path(path).stem,
        sections=scores,
        semantic=_sum("semantic", "semantic", [score for score in scores if score.kind == "semantic"]),
        syntactic=_sum("syntactic", "syntactic", [score for score in scores if score.kind == "syntactic"]),
        total=_sum("total", "", scores),
        method=method,
        candidates=len(classes),
        case_folded=fold,
        note="" if covered.any() else "no accuracy: no question has all its words among the candidates",
    )


def _classes(table: Table, *, fold: bool, limit: int | None) -> tuple[Classes, dict[str, int]]:
    """Each candidate's class, the row of the first that folds alike; and the class of each word."""
    class_of: dict[str, int] = {}
    classes = [
        class_of.setdefault(key.lower() if fold else key, row)
        for row, key in enumerate(first_keys(table, limit))
    ]
    return np.array(classes, np.int64), class_of


def _are_finite(table: Table, questions: Questions) -> Bool[np.ndarray, "questions"]:
    words, place = np.unique(questions, return_inverse=True)
    finite = np.isfinite(key_store(table).gather(words)).all(axis=1)
    are: Bool[np.ndarray, "questions"] = finite[place.reshape(questions.shape)].all(axis=1)
    return are


def _answer_by_adding(
    table: Table, index: ExactIndex, classes: Classes, questions: Questions
) -> Int64[np.ndarray, "questions"]:
    """The class that 3CosAdd answers: the best of enough rows that one is none of the question's."""
    words, place = np.unique(questions[:, :3], return_inverse=True)
    units, place = unit(key_store(table).gather(words)), place.reshape(-1, 3)
    sizes = np.bincount(classes)
    answers = np.full(len(questions), -1, np.int64)
    at_a_time = max(1, FLOATS_AT_A_TIME // max(index.dim, 1))
    for start in range(0, len(questions), at_a_time):
        a, b, c = place[start : start + at_a_time].T
        asked = questions[start : start + at_a_time, :3]
        k = 1 + int(sizes[asked].sum(axis=1).max())
        ids = index.search((units[b] - units[a] + units[c]).astype(np.float32), k).ids
        found = np.where(ids >= 0, classes[ids], -1)
        allowed = (found[:, :, None] != asked[:, None, :]).all(axis=2)
        first = np.argmax(allowed, axis=1)[:, None]
        best = np.take_along_axis(found, first, 1)
        answers[start : start + at_a_time] = np.where(np.take_along_axis(allowed, first, 1), best, -1)[:, 0]
    return answers


def _answer_by_multiplying(
    table: Table, index: ExactIndex, classes: Classes, questions: Questions
) -> Int64[np.ndarray, "questions"]:
    """The class that 3CosMul answers: some candidates times some questions at a time."""
    words, place = np.unique(questions[:, :3], return_inverse=True)
    units, place = unit(key_store(table).gather(words)).astype(np.float32), place.reshape(-1, 3)
    best = np.full(len(questions), -np.inf, np.float32)
    answers = np.full(len(questions), -1, np.int64)
    for start, block in index.blocks():
        here = classes[start : start + len(block)]
        rows = unit(block).astype(np.float32)
        bad = ~np.isfinite(rows).all(axis=1)
        rows[bad] = 0
        cosines = units @ rows.T
        at_a_time = max(1, FLOATS_AT_A_TIME // len(block))
        for first in range(0, len(questions), at_a_time):
            part = slice(first, first + at_a_time)
            scores = mul_scores(*(cosines[place[part, word]] for word in range(3)))
            scores[:, bad] = -np.inf
            for word in range(3):
                scores[here == questions[part, word, None]] = -np.inf
            top = np.argmax(scores, axis=1)
            value = scores[np.arange(len(scores)), top]
            higher = value > best[part]
            best[part] = np.where(higher, value, best[part])
            answers[part] = np.where(higher, here[top], answers[part])
    return answers


def _section_scores(
    sections: Sequence[Section],
    covered: Bool[np.ndarray, "questions"],
    correct: Bool[np.ndarray, "questions"],
) -> Iterator[SectionScore]:
    start = 0
    for section in sections:
        stop = start + len(section.questions)
        right = int(correct[start:stop].sum())
        yield SectionScore(section.name, section.kind, stop - start, int(covered[start:stop].sum()), right)
        start = stop


def _sum(name: str, kind: Kind, scores: Sequence[SectionScore]) -> SectionScore:
    asked, covered, correct = (
        sum(getattr(s, what) for s in scores) for what in ("asked", "covered", "correct")
    )
    return SectionScore(name, kind, asked, covered, correct)


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f} %"
