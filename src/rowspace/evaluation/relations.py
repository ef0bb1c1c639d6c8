"""Relation tests: is a relation one direction, the same for all its pairs?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Float64, Int64

from rowspace.evaluation.candidates import Candidates
from rowspace.evaluation.lines import set_name
from rowspace.evaluation.matching import folds_case
from rowspace.evaluation.relation_pairs import Relation, RelationSource, as_relations
from rowspace.evaluation.shares import Answers, Scorer, SectionScore, score_lines
from rowspace.table import Table


@dataclass(frozen=True)
class RelationReport:
    """What a table scores on a set of relations: each of them, and the total over all pairs."""

    name: str
    relations: list[SectionScore]
    total: SectionScore
    candidates: int
    case_folded: bool
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON values."""
        rest = {name: getattr(self, name) for name in ("name", "candidates", "case_folded", "note")}
        scores = {"relations": [score.to_dict() for score in self.relations]}
        return rest | {"total": self.total.to_dict()} | scores

    def __str__(self) -> str:
        heading = (
            f"{self.name}: {self.total.covered} of {self.total.asked} pairs covered "
            f"by {self.candidates} candidates"
        )
        lines = [heading, *score_lines([*self.relations, self.total])]
        return "\n".join(lines + ([f"  {self.note}"] if self.note else []))


def relations(
    table: Table,
    source: RelationSource,
    *,
    limit: int | None = 30_000,
    fold_case: bool | None = None,
    bootstrap: int = 1000,
    seed: int = 0,
    threads: int | None = None,
) -> RelationReport:
    """Find each pair's second word by the mean offset of the other pairs of its relation.

    The answer is the candidate with the greatest cosine to the first word plus the mean of second minus
    first word over all other covered pairs, of unit vectors: 3CosAvg of Drozd et al. (2016), leaving one
    out. `source` is a file with two words a line, several right answers parted by slashes, and `: name`
    before each relation; a folder of such files, as BATS is (Gladkova et al. 2016); or pairs in memory,
    or a mapping from relation to pairs. Candidates are the first `limit` keys, without the pair's first
    word. A pair is covered if its first word and a right answer are candidates with finite vectors, and if
    that also holds for another pair of its relation. Of equally good candidates the first row answers.
    Needs pairs x candidates x dim multiply-adds. Raises EvaluationError naming file and line.

    >>> vectors = np.array([[1, 0, 0], [1, 0, 1], [0, 1, 0], [0, 1, 1]], np.float32)
    >>> table = Table.from_arrays(["man", "king", "woman", "queen"], vectors)
    >>> relations(table, {"royal": [("man", "king"), ("woman", "queen"), ("boy", "prince")]}).total.correct
    2
    """
    scorer = Scorer(bootstrap, seed)
    tested = as_relations(source)
    fold = folds_case(table, fold_case, limit)
    candidates = Candidates(table, fold=fold, limit=limit, threads=threads)
    answers = answer_relations(candidates, tested)
    return RelationReport(
        name=set_name(source, "relations"),
        relations=list(scorer.sections([(each.name, "", len(each.pairs)) for each in tested], answers)),
        total=scorer.score("total", answers),
        candidates=len(candidates),
        case_folded=fold,
        note="" if answers.covered.any() else "no accuracy: no relation has two pairs among the candidates",
    )


def answer_relations(candidates: Candidates, tested: Sequence[Relation]) -> Answers:
    """Which pairs, in the order of their relations, are covered and answered rightly."""
    each = [_answer_relation(candidates, relation) for relation in tested]
    covered = np.concatenate([answers.covered for answers in each])
    return Answers(covered, np.concatenate([answers.correct for answers in each]))


class _Known(NamedTuple):
    """The classes of a relation's pairs, -1 for a word that is no candidate."""

    first: Int64[np.ndarray, "pairs"]
    second: Int64[np.ndarray, "pairs"]  # of the first right answer that is a candidate
    right: list[set[int]]  # of all right answers


def _answer_relation(candidates: Candidates, relation: Relation) -> Answers:
    known = _known(candidates, relation)
    usable: Bool[np.ndarray, "pairs"] = np.minimum(known.first, known.second) >= 0
    first, second = known.first[usable], known.second[usable]
    queries, has_others = _queries(candidates, first, second)
    covered, correct = usable.copy(), np.zeros(len(usable), np.bool_)
    covered[usable] = has_others
    if covered.any():
        answers = candidates.answer(queries[has_others], first[has_others, None]).tolist()
        right = [known.right[place] for place in np.flatnonzero(covered)]
        correct[covered] = [answer in each for answer, each in zip(answers, right, strict=True)]
    return Answers(covered, correct)


def _known(candidates: Candidates, relation: Relation) -> _Known:
    sizes = [len(right) for _, right in relation.pairs]
    ends = np.cumsum(sizes, dtype=np.int64)
    found = np.split(candidates.find([word for _, right in relation.pairs for word in right]), ends[:-1])
    known = [classes[classes >= 0].tolist() for classes in found[: len(sizes)]]
    first = candidates.find([word for word, _ in relation.pairs])
    second = np.array([classes[0] if classes else -1 for classes in known], np.int64)
    return _Known(first, second, [set(classes) for classes in known])


def _queries(
    candidates: Candidates, first: Int64[np.ndarray, "n"], second: Int64[np.ndarray, "n"]
) -> tuple[Float64[np.ndarray, "n dim"], Bool[np.ndarray, "n"]]:
    """Each first word plus the mean offset of the pairs with another first word; and if there are such."""
    units = candidates.units(first)
    offsets = candidates.units(second) - units
    _, own = np.unique(first, return_inverse=True)
    sums = np.zeros((len(first), units.shape[1]))
    np.add.at(sums, own, offsets)
    others = len(first) - np.bincount(own, minlength=1)[own]
    means = (offsets.sum(axis=0) - sums[own]) / np.maximum(others, 1)[:, None]
    return units + means, np.asarray(others > 0)
