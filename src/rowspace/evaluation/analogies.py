"""Analogy tests: for how many questions is the fourth word the first answer?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Int64

from rowspace.evaluation.candidates import Candidates
from rowspace.evaluation.cosine_products import best_products
from rowspace.evaluation.lines import set_name
from rowspace.evaluation.matching import folds_case
from rowspace.evaluation.questions import QuestionSource, Section, as_sections
from rowspace.evaluation.shares import Answers, Scorer, SectionScore, score_lines
from rowspace.search.analogy import Method, check_method
from rowspace.table import Table

FLOATS_AT_A_TIME = 1 << 22  # 32 MB of queries
NOTHING_COVERED = "no accuracy: no question has all its words among the candidates"


@dataclass(frozen=True)
class AnalogyReport:
    """What a table scores on one analogy test: each section, and the totals.

    A question is covered if all four words are candidates.
    """

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
        scores = [
            score for score in (*self.sections, self.semantic, self.syntactic, self.total) if score.asked
        ]
        heading = (
            f"{self.name}: {self.total.covered} of {self.total.asked} questions covered "
            f"by {self.candidates} candidates, method {self.method}"
        )
        return "\n".join([heading, *score_lines(scores)] + ([f"  {self.note}"] if self.note else []))


def analogies(
    table: Table,
    source: QuestionSource,
    *,
    limit: int | None = 30_000,
    method: Method = "add",
    fold_case: bool | None = None,
    bootstrap: int = 1000,
    seed: int = 0,
    threads: int | None = None,
) -> AnalogyReport:
    """Answer the questions of a file, a is to b as c is to ?, and count the right answers by section.

    `source` may also be questions in memory, or a mapping from section to questions. Candidates are the
    first `limit` keys, the most frequent ones (None: all), without the question's own words. A question
    with a word that is no candidate, or has no finite vector, is not covered. Case is folded as in
    `similarity`; then keys that fold alike count as one word. Of equally good candidates the first row
    answers. Needs questions x candidates x dim multiply-adds; `method` is that of
    `rowspace.search.analogy`. Raises EvaluationError naming file and line.

    >>> vectors = np.array([[1, 0, 0], [1, 0, 1], [0, 1, 0], [0, 1, 1]], np.float32)
    >>> table = Table.from_arrays(["man", "king", "woman", "queen"], vectors)
    >>> analogies(table, [("man", "king", "woman", "queen"), ("man", "king", "boy", "prince")]).total
    SectionScore(name='total', kind='', asked=2, covered=1, correct=1, interval=None)
    """
    check_method(method)
    scorer = Scorer(bootstrap, seed)
    sections = as_sections(source)
    fold = folds_case(table, fold_case, limit)
    candidates = Candidates(table, fold=fold, limit=limit, threads=threads)
    answers = answer_analogies(candidates, sections, method)
    kinds = np.array([section.kind for section in sections for _ in section.questions], np.str_)
    return AnalogyReport(
        name=set_name(source, "analogies"),
        sections=list(scorer.sections([(s.name, s.kind, len(s.questions)) for s in sections], answers)),
        semantic=scorer.score("semantic", answers.where(kinds == "semantic"), "semantic"),
        syntactic=scorer.score("syntactic", answers.where(kinds == "syntactic"), "syntactic"),
        total=scorer.score("total", answers),
        method=method,
        candidates=len(candidates),
        case_folded=fold,
        note="" if answers.covered.any() else NOTHING_COVERED,
    )


def answer_analogies(candidates: Candidates, sections: Sequence[Section], method: Method) -> Answers:
    """Which questions, in the order of their sections, are covered and answered rightly."""
    words = [word for section in sections for four in section.questions for word in four]
    questions: Int64[np.ndarray, "questions 4"] = candidates.find(words).reshape(-1, 4)
    covered: Bool[np.ndarray, "questions"] = np.asarray((questions >= 0).all(axis=1))
    correct = np.zeros(len(questions), np.bool_)
    if covered.any():
        answer = _best_sums if method == "add" else best_products
        asked = questions[covered]
        correct[covered] = answer(candidates, asked[:, :3]) == asked[:, 3]
    return Answers(covered, correct)


def _best_sums(
    candidates: Candidates, asked: Int64[np.ndarray, "questions 3"]
) -> Int64[np.ndarray, "questions"]:
    """The class that 3CosAdd answers."""
    words, place = np.unique(asked, return_inverse=True)
    units, place = candidates.units(words), place.reshape(-1, 3)
    answers = np.full(len(asked), -1, np.int64)
    at_a_time = max(1, FLOATS_AT_A_TIME // max(units.shape[1], 1))
    for start in range(0, len(asked), at_a_time):
        part = slice(start, start + at_a_time)
        a, b, c = place[part].T
        answers[part] = candidates.answer(units[b] - units[a] + units[c], asked[part])
    return answers
