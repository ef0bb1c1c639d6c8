"""What a comparison of two tables says, in numbers and in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rowspace.evaluation.statistics import Interval

TestKind = Literal["similarity", "analogies", "categories", "odd one out", "relations"]
Measure = Literal["Spearman", "accuracy", "purity"]
Scores = tuple[float | None, float | None]  # of the first and of the second table

CHANCE = 0.05  # a p-value below this is called a difference


@dataclass(frozen=True)
class Comparison:
    """Two tables on one test set. The difference, second minus first, is over what both cover."""

    kind: TestKind
    name: str
    measure: Measure
    unit: str  # what the set consists of: pairs, questions or words
    asked: int
    covered: tuple[int, int]
    shared: int  # covered by both
    of_shared: Scores
    of_covered: Scores  # each over what it covers itself
    of_asked: Scores  # what is not covered counted as wrong, a pair's cosine as 0
    difference: float | None
    interval: Interval | None  # 95 % paired bootstrap interval of the difference
    p_value: float | None  # two-sided, by `test`
    test: Literal["permutation", "McNemar", "bootstrap"]

    def verdict(self, names: tuple[str, str]) -> str:
        """What the difference comes to, in plain words."""
        if self.difference is None or self.p_value is None:
            if not self.shared:
                return f"nothing to compare: no {self.unit} that both cover"
            return f"nothing to compare: no correlation over {self._shared()} that both cover"
        if self.p_value >= CHANCE:
            return f"no difference that {self._shared()} could show"
        ahead = names[self.difference > 0]
        return f"{ahead} is ahead, by more than the choice of {self._shared()} explains"

    def _shared(self) -> str:
        return f"these {self.shared} {self.unit}" if self.shared > 1 else f"this one {self.unit[:-1]}"

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON values."""
        shown = ("kind", "name", "measure", "unit", "asked", "difference", "p_value", "test")
        of_both = {
            name: dict(zip(("first", "second"), getattr(self, name), strict=True))
            for name in ("covered", "of_shared", "of_covered", "of_asked")
        }
        interval = list(self.interval) if self.interval else None
        rest = {name: getattr(self, name) for name in shown}
        return rest | {"shared": self.shared} | of_both | {"interval": interval}


@dataclass(frozen=True)
class ComparisonReport:
    """Two tables on some test sets, side by side."""

    name: str
    names: tuple[str, str]
    comparisons: list[Comparison]

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON values, each comparison with its verdict."""
        tests = [each.to_dict() | {"verdict": each.verdict(self.names)} for each in self.comparisons]
        return {"name": self.name, "first": self.names[0], "second": self.names[1], "comparisons": tests}

    def __str__(self) -> str:
        heading = ["", "both", "of", "A", "B", "B - A", "95 %", "p", "all: A", "B"]
        rows = [heading, *(_row(each) for each in self.comparisons)]
        lines = [f"A = {self.names[0]}, B = {self.names[1]}", *_columns(rows), *self._verdicts()]
        tests = len(self.comparisons)
        if tests > 1:
            lines.append(f"{tests} tests: of twenty between equal tables, one shows a difference by chance")
        return "\n".join(lines)

    def _verdicts(self) -> Iterator[str]:
        for each in self.comparisons:
            yield f"{each.name}: {each.verdict(('A', 'B'))}"


def _row(each: Comparison) -> list[str]:
    scores = [_score(each, score) for score in each.of_shared]
    interval = "-" if each.interval is None else f"[{', '.join(_change(each, end) for end in each.interval)}]"
    counts = [str(each.shared), str(each.asked)]
    rest = [_change(each, each.difference), interval, _p_value(each.p_value)]
    return [
        each.name if each.name.startswith(each.kind) else f"{each.kind} {each.name}",
        *counts,
        *scores,
        *rest,
        *(_score(each, score) for score in each.of_asked),
    ]


def _score(each: Comparison, score: float | None) -> str:
    """A correlation, or a share in percent."""
    if score is None:
        return "-"
    return f"{score:.3f}" if each.measure == "Spearman" else f"{100 * score:.1f} %"


def _p_value(p_value: float | None) -> str:
    if p_value is None:
        return "-"
    return f"{p_value:.4f}" if p_value >= 0.0001 else "<0.0001"


def _change(each: Comparison, score: float | None) -> str:
    if score is None:
        return "-"
    return f"{score:+.3f}" if each.measure == "Spearman" else f"{100 * score:+.1f}"


def _columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The first column flush left, the others flush right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for name, *cells in rows:
        right = (cell.rjust(width) for cell, width in zip(cells, widths[1:], strict=True))
        yield "  ".join(["  " + name.ljust(widths[0]), *right])
