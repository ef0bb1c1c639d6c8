"""Two tables on the same tests: which knows more, and could chance explain it?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np
from jaxtyping import Bool

from rowspace.evaluation.analogies import answer_analogies
from rowspace.evaluation.candidates import Candidates
from rowspace.evaluation.categories import category_ids, cluster_words
from rowspace.evaluation.comparison import Comparison, ComparisonReport, Scores, TestKind
from rowspace.evaluation.lines import set_name
from rowspace.evaluation.matching import folds_case
from rowspace.evaluation.odd_one_out import answer_odd
from rowspace.evaluation.odd_questions import OddSource, as_odd_questions
from rowspace.evaluation.paired import paired_purity, paired_shares, paired_spearman
from rowspace.evaluation.purity import in_majority
from rowspace.evaluation.questions import QuestionSource, as_sections
from rowspace.evaluation.relation_pairs import RelationSource, as_relations
from rowspace.evaluation.relations import answer_relations
from rowspace.evaluation.shares import Answers
from rowspace.evaluation.similarity import PairSource, as_pairs, pair_cosines
from rowspace.evaluation.statistics import spearman
from rowspace.evaluation.word_categories import CategorySource, WordCategories, as_categories
from rowspace.evaluation.words import word_units
from rowspace.search.exact import at_least_one
from rowspace.table import Table

CANDIDATES = 30_000  # as many as `analogies` and `relations` take
RESTARTS = 10  # as many as `categories` makes

Covered = Bool[np.ndarray, "n"]
Source = TypeVar("Source")


def compare(
    first: Table,
    second: Table,
    *,
    similarity: str | Path | Iterable[PairSource] = (),
    analogies: str | Path | Iterable[QuestionSource] = (),
    categories: str | Path | Iterable[CategorySource] = (),
    odd_one_out: str | Path | Iterable[OddSource] = (),
    relations: str | Path | Iterable[RelationSource] = (),
    names: tuple[str, str] = ("first", "second"),
    limit: int | None = None,
    fold_case: bool | None = None,
    bootstrap: int = 2000,
    seed: int = 0,
    threads: int | None = None,
) -> ComparisonReport:
    """Score two tables on the same test sets, with a paired test of each difference.

    Each argument takes the sources of one kind of test, a path or a list of what the function of that name
    takes.
    The difference is over the pairs, questions or words that both tables cover; the scores of each table
    alone, with what it does not cover left out or counted as wrong, stand beside it. Its interval is that of
    a bootstrap over the questions; the p-value that of a permutation test for correlations, of McNemar's
    exact test for right and wrong answers, and of the bootstrap for purity. All take the questions for
    independent; those of analogy sets share words, so that their p-values are too small.
    `limit` leaves the first keys of each table; without one, analogies and relations take the usual 30,000
    candidates. Each table folds case as its own keys ask. Raises EvaluationError naming file and line.

    >>> old = Table.from_arrays(["cup", "mug", "car"], np.array([[1, 0], [1, 0.1], [0, 1]], np.float32))
    >>> new = Table.from_arrays(["cup", "mug", "car"], np.array([[1, 0], [0, 1], [1, 0.1]], np.float32))
    >>> pairs = [("cup", "mug", 9.0), ("cup", "car", 1.0), ("mug", "car", 2.0), ("mug", "jar", 8.0)]
    >>> test = compare(old, new, similarity=[pairs]).comparisons[0]
    >>> test.shared, test.of_shared, test.verdict(("old", "new"))
    (3, (1.0, -1.0), 'no difference that these 3 pairs could show')
    """
    at_least_one(bootstrap, "bootstrap")
    sides = tuple(_Side(table, limit, fold_case, threads) for table in (first, second))
    tests = _Tests(sides[0], sides[1], bootstrap, seed)
    return ComparisonReport(
        name=f"{names[0]} and {names[1]}",
        names=names,
        comparisons=[
            *(tests.similarity(source) for source in _each(similarity)),
            *(test for source in _each(analogies) for test in tests.analogies(source)),
            *(tests.categories(source) for source in _each(categories)),
            *(tests.odd_one_out(source) for source in _each(odd_one_out)),
            *(tests.relations(source) for source in _each(relations)),
        ],
    )


def _each(sources: str | Path | Iterable[Source]) -> list[str | Path | Source]:
    """The sources; one path is a list of one."""
    return [sources] if isinstance(sources, str | Path) else list(sources)


@dataclass(frozen=True)
class _Side:
    """One table and how its words are found."""

    table: Table
    limit: int | None
    fold_case: bool | None
    threads: int | None

    @cached_property
    def fold(self) -> bool:
        return folds_case(self.table, self.fold_case, self.limit)

    @cached_property
    def candidates(self) -> Candidates:
        limit = CANDIDATES if self.limit is None else self.limit
        fold = folds_case(self.table, self.fold_case, limit)
        return Candidates(self.table, fold=fold, limit=limit, threads=self.threads)


@dataclass(frozen=True)
class _Tests:
    """One method for each kind of test."""

    first: _Side
    second: _Side
    resamples: int
    seed: int

    def similarity(self, source: PairSource) -> Comparison:
        test = as_pairs(source)
        (x, x_covered), (y, y_covered) = (
            pair_cosines(side.table, test, fold=side.fold, limit=side.limit) for side in self._sides()
        )
        both, human = x_covered & y_covered, test.scores
        paired = paired_spearman(x[both], y[both], human[both], resamples=self.resamples, seed=self.seed)
        return Comparison(
            kind="similarity",
            name=test.name,
            measure="Spearman",
            unit="pairs",
            asked=len(test),
            covered=(int(x_covered.sum()), int(y_covered.sum())),
            shared=int(both.sum()),
            of_shared=(spearman(x[both], human[both]), spearman(y[both], human[both])),
            of_covered=(spearman(x[x_covered], human[x_covered]), spearman(y[y_covered], human[y_covered])),
            of_asked=(spearman(x, human), spearman(y, human)),
            **paired._asdict(),
            test="permutation",
        )

    def analogies(self, source: QuestionSource) -> Iterator[Comparison]:
        """The total; then semantic and syntactic questions, where there are both."""
        sections = as_sections(source)
        answers = [answer_analogies(side.candidates, sections, "add") for side in self._sides()]
        name = set_name(source, "analogies")
        yield self._shares("analogies", name, "questions", *answers)
        kinds = np.array([section.kind for section in sections for _ in section.questions], np.str_)
        if {"semantic", "syntactic"} <= set(kinds.tolist()):
            for kind in ("semantic", "syntactic"):
                chosen = (each.where(kinds == kind) for each in answers)
                yield self._shares("analogies", f"{name} {kind}", "questions", *chosen)

    def odd_one_out(self, source: OddSource) -> Comparison:
        questions = as_odd_questions(source)
        answers = (
            answer_odd(side.table, questions, fold=side.fold, limit=side.limit) for side in self._sides()
        )
        return self._shares("odd one out", set_name(source, "odd one out"), "questions", *answers)

    def relations(self, source: RelationSource) -> Comparison:
        tested = as_relations(source)
        answers = (answer_relations(side.candidates, tested) for side in self._sides())
        return self._shares("relations", set_name(source, "relations"), "pairs", *answers)

    def categories(self, source: CategorySource) -> Comparison:
        """Clusters are made anew of the words that both tables cover."""
        test = as_categories(source)
        covered = [self._covers(side, test) for side in self._sides()]
        both = covered[0] & covered[1]
        of_both = [self._in_majority(side, test, both) for side in self._sides()]
        of_own = [
            self._in_majority(side, test, own) for side, own in zip(self._sides(), covered, strict=True)
        ]
        return Comparison(
            kind="categories",
            name=set_name(source, "categories"),
            measure="purity",
            unit="words",
            asked=len(test),
            covered=(int(covered[0].sum()), int(covered[1].sum())),
            shared=int(both.sum()),
            of_shared=_shares_of(of_both),
            of_covered=_shares_of(of_own),
            of_asked=(float(of_own[0].sum()) / len(test), float(of_own[1].sum()) / len(test)),
            **paired_purity(*of_both, resamples=self.resamples, seed=self.seed)._asdict(),
            test="bootstrap",
        )

    def _sides(self) -> tuple[_Side, _Side]:
        return self.first, self.second

    def _covers(self, side: _Side, test: WordCategories) -> Covered:
        _, places = word_units(side.table, test.words, fold=side.fold, limit=side.limit)
        return np.asarray(places >= 0)

    def _in_majority(self, side: _Side, test: WordCategories, chosen: Covered) -> Bool[np.ndarray, "chosen"]:
        """Which chosen words lie with their own kind, where only they are clustered."""
        units, places = word_units(side.table, test.words, fold=side.fold, limit=side.limit)
        kinds = category_ids(test, chosen)
        clusters = cluster_words(units[places[chosen]], kinds, restarts=RESTARTS, seed=self.seed)
        return in_majority(clusters, kinds)

    def _shares(self, kind: TestKind, name: str, unit: str, first: Answers, second: Answers) -> Comparison:
        """The comparison of right and wrong answers."""
        both: Covered = first.covered & second.covered
        right = first.correct[both], second.correct[both]
        asked = max(len(both), 1)
        return Comparison(
            kind=kind,
            name=name,
            measure="accuracy",
            unit=unit,
            asked=len(both),
            covered=(int(first.covered.sum()), int(second.covered.sum())),
            shared=int(both.sum()),
            of_shared=_shares_of(right),
            of_covered=_shares_of([each.correct[each.covered] for each in (first, second)]),
            of_asked=(float(first.correct.sum()) / asked, float(second.correct.sum()) / asked),
            **paired_shares(*right, resamples=self.resamples, seed=self.seed)._asdict(),
            test="McNemar",
        )


def _shares_of(right: Sequence[Bool[np.ndarray, "_"]]) -> Scores:
    first, second = (float(each.mean()) if len(each) else None for each in right)
    return first, second
