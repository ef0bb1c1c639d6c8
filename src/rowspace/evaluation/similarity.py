"""Word similarity: do cosines order word pairs as people do?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool, Float64

from rowspace.evaluation.matching import folds_case
from rowspace.evaluation.shares import check_bootstrap
from rowspace.evaluation.statistics import Interval, pearson, spearman, spearman_interval
from rowspace.evaluation.word_pairs import WordPairs, pairs_from, read_pairs
from rowspace.evaluation.words import word_units
from rowspace.table import Table

PairSource = str | Path | WordPairs | Iterable[tuple[str, str, float]]


@dataclass(frozen=True)
class SimilarityReport:
    """What a table scores on one set of word pairs. A pair is covered if both words are.

    Scores are None where they are undefined; `note` then says why.
    """

    name: str
    pairs: int
    covered: int
    spearman: float | None  # over the covered pairs, as is usual
    pearson: float | None
    interval: Interval | None  # 95 % bootstrap interval of spearman
    spearman_with_zeros: float | None  # over all pairs, those not covered at cosine 0
    pearson_with_zeros: float | None
    case_folded: bool
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON values."""
        fields = asdict(self)
        return fields | {"interval": list(self.interval) if self.interval else None}

    def __str__(self) -> str:
        interval = "" if self.interval is None else f"  95 % [{self.interval[0]:.3f}, {self.interval[1]:.3f}]"
        lines = [
            f"{self.name}: {self.covered} of {self.pairs} pairs covered",
            "                    Spearman  Pearson",
            f"  covered pairs     {_figure(self.spearman)}  {_figure(self.pearson, 7)}{interval}",
            f"  all, missing as 0 {_figure(self.spearman_with_zeros)}  {_figure(self.pearson_with_zeros, 7)}",
        ]
        return "\n".join(lines + ([f"  {self.note}"] if self.note else []))


def similarity(
    table: Table,
    pairs: PairSource,
    *,
    limit: int | None = None,
    fold_case: bool | None = None,
    bootstrap: int = 1000,
    seed: int = 0,
) -> SimilarityReport:
    """Correlate the cosines of word pairs with human scores, from a file or from triples.

    Words count as known where they match one of the first `limit` keys (default: all) whose vector is
    finite; without a limit also where the table knows them by their subwords. Case is folded unless the
    table's keys tell upper from lower case (one in a hundred has a capital); `fold_case` overrides that,
    and of keys that fold alike the first answers. Raises EvaluationError for a malformed or empty test
    set; see `read_pairs` for the forms.

    >>> table = Table.from_arrays(["cup", "mug", "car"], np.array([[1, 0], [1, 0.1], [0, 1]], np.float32))
    >>> report = similarity(table, [("Cup", "mug", 9), ("cup", "car", 1), ("mug", "car", 2), ("?", "car", 5)])
    >>> report.covered, report.spearman
    (3, 1.0)
    """
    check_bootstrap(bootstrap)
    test = as_pairs(pairs)
    fold = folds_case(table, fold_case, limit)
    cosines, covered = pair_cosines(table, test, fold=fold, limit=limit)
    known, human = cosines[covered], test.scores[covered]
    return SimilarityReport(
        name=test.name,
        pairs=len(test),
        covered=int(covered.sum()),
        spearman=spearman(known, human),
        pearson=pearson(known, human),
        interval=spearman_interval(known, human, resamples=bootstrap, seed=seed),
        spearman_with_zeros=spearman(cosines, test.scores),
        pearson_with_zeros=pearson(cosines, test.scores),
        case_folded=fold,
        note=_note(known, human, bootstrap),
    )


def as_pairs(pairs: PairSource) -> WordPairs:
    """The word pairs of a file or of triples."""
    if isinstance(pairs, WordPairs):
        return pairs
    return read_pairs(pairs) if isinstance(pairs, str | Path) else pairs_from(pairs)


def pair_cosines(
    table: Table, test: WordPairs, *, fold: bool, limit: int | None
) -> tuple[Float64[np.ndarray, "pairs"], Bool[np.ndarray, "pairs"]]:
    """The cosine of each pair, 0 where it is not covered, and which are."""
    units, places = word_units(table, [*test.first, *test.second], fold=fold, limit=limit)
    x, y = places[: len(test)], places[len(test) :]
    covered: Bool[np.ndarray, "pairs"] = np.minimum(x, y) >= 0
    cosines = np.zeros(len(test), np.float64)
    cosines[covered] = np.einsum("pd,pd->p", units[x[covered]], units[y[covered]])
    return cosines, covered


def _note(known: Float64[np.ndarray, "n"], human: Float64[np.ndarray, "n"], bootstrap: int) -> str:
    """Why a figure is missing, or nothing."""
    if len(known) < 2:
        return f"no correlation: it needs two covered pairs, but has {len(known)}"
    if spearman(known, human) is None:
        side = "human scores" if human.min() == human.max() else "cosines"
        return f"no correlation: the {side} of all covered pairs are equal"
    return ""


def _figure(score: float | None, width: int = 8) -> str:
    return f"{'-' if score is None else f'{score:.3f}':>{width}}"
