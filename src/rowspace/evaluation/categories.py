"""Concept categorization: do words of one category lie together?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Int64

from rowspace.evaluation.clusters import cluster
from rowspace.evaluation.lines import set_name
from rowspace.evaluation.matching import folds_case
from rowspace.evaluation.purity import in_majority, mutual_information
from rowspace.evaluation.shares import check_bootstrap, percent, percents, share_interval
from rowspace.evaluation.statistics import Interval
from rowspace.evaluation.word_categories import CategorySource, WordCategories, as_categories
from rowspace.evaluation.words import Units, word_units
from rowspace.search.exact import at_least_one
from rowspace.table import Table


@dataclass(frozen=True)
class CategoryReport:
    """How well the clusters of a table's vectors agree with categories that people made.

    Scores are None where they are undefined; `note` then says why.
    """

    name: str
    words: int
    covered: int
    categories: int  # of the covered words, and as many clusters were made
    purity: float | None  # the share of covered words in a cluster mostly of their own category
    interval: Interval | None  # 95 % bootstrap interval of purity over words
    purity_of_asked: float | None  # the same share with every word that is not covered counted as wrong
    mutual_information: float | None  # normalized, over the covered words
    case_folded: bool
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON values."""
        return asdict(self) | {"interval": list(self.interval) if self.interval else None}

    def __str__(self) -> str:
        shared = "-" if self.mutual_information is None else f"{self.mutual_information:.3f}"
        interval = f"  95 % {percents(self.interval)}" if self.interval else ""
        lines = [
            f"{self.name}: {self.covered} of {self.words} words covered, {self.categories} categories",
            f"  purity of covered     {percent(self.purity):>7}{interval}",
            f"  all, missing wrong    {percent(self.purity_of_asked):>7}",
            f"  mutual information    {shared:>7}",
        ]
        return "\n".join(lines + ([f"  {self.note}"] if self.note else []))


def categories(
    table: Table,
    source: CategorySource,
    *,
    limit: int | None = None,
    fold_case: bool | None = None,
    restarts: int = 10,
    bootstrap: int = 1000,
    seed: int = 0,
) -> CategoryReport:
    """Cluster words without their categories, and count how many lie with their own kind.

    `source` is a file (see `read_categories`), a mapping from word to category, or pairs of both. The
    covered words are clustered by spherical k-means into as many clusters as they have categories; the run
    with the best sum of cosines counts, of `restarts` seeded ones, whatever its purity. Words are found as
    in `similarity`. The interval holds the clusters fixed: it tells of the choice of words, not of the
    choice of clusters. Raises EvaluationError naming file and line.

    >>> table = Table.from_arrays(["cat", "cow", "fig"], np.array([[1, 0], [1, 0.1], [0, 1]], np.float32))
    >>> report = categories(table, {"cat": "animal", "cow": "animal", "fig": "fruit", "plum": "fruit"})
    >>> report.covered, report.purity, report.purity_of_asked
    (3, 1.0, 0.75)
    """
    check_bootstrap(bootstrap)
    test = as_categories(source)
    fold = folds_case(table, fold_case, limit)
    units, places = word_units(table, test.words, fold=fold, limit=limit)
    covered: Bool[np.ndarray, "words"] = places >= 0
    kinds = category_ids(test, covered)
    clusters = cluster_words(units[places[covered]], kinds, restarts=restarts, seed=seed)
    right = int(in_majority(clusters, kinds).sum())
    return CategoryReport(
        name=set_name(source, "categories"),
        words=len(test),
        covered=len(kinds),
        categories=len(np.unique(kinds)),
        purity=right / len(kinds) if len(kinds) else None,
        interval=share_interval(right, len(kinds), resamples=bootstrap, seed=seed),
        purity_of_asked=right / len(test),
        mutual_information=mutual_information(clusters, kinds),
        case_folded=fold,
        note=_note(kinds),
    )


def category_ids(test: WordCategories, chosen: Bool[np.ndarray, "words"]) -> Int64[np.ndarray, "chosen"]:
    """The category of each chosen word, numbered by name."""
    names: Sequence[str] = [test.categories[place] for place in np.flatnonzero(chosen)]
    number = {name: place for place, name in enumerate(sorted(set(names)))}
    return np.array([number[name] for name in names], np.int64)


def cluster_words(
    units: Units, kinds: Int64[np.ndarray, "words"], *, restarts: int, seed: int
) -> Int64[np.ndarray, "words"]:
    """The cluster of each word, given its unit vector; of the categories only their number counts."""
    at_least_one(restarts, "restarts")
    if not len(kinds):
        return kinds
    return cluster(units, len(np.unique(kinds)), restarts=restarts, seed=seed).labels


def _note(kinds: Int64[np.ndarray, "words"]) -> str:
    """What to know of the figures, or nothing."""
    if not len(kinds):
        return "no purity: no word is covered"
    if kinds.max() == 0:
        return "one category: any clusters would be as pure"
    if len(np.unique(kinds)) == len(kinds):
        return "every word has a category of its own: the figures tell how many vectors differ, no more"
    return ""
