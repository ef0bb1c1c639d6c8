"""The answer of choose_dim: what each dimension measured, the one recommended, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

Values = list[float | None]  # one a dimension; None where it was not measured


@dataclass(frozen=True)
class DimensionCurve:
    """Measures by dimension, and the smallest dimension that is as good as the best.

    `measures[deciding]` decided; the other measures stand beside it for comparison. `str()` gives a table.

    >>> curve = DimensionCurve([4, 8], {"loss": [0.5, None]}, "loss", 4, (4, 4), "4 is the best", {"rule": 9})
    >>> print(curve)
    dim  loss
    4 *   0.5
    8       -
    <BLANKLINE>
    recommended: 4; 4 is the best
    flat region: 4 to 4
    rules, for comparison: rule 9
    """

    dims: list[int]  # rising
    measures: dict[str, Values]
    deciding: str
    recommended: int
    flat: tuple[int, int]  # the first and the last measured dimension that is as good as the best
    reason: str
    rules: dict[str, int]
    warnings: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON values."""
        return asdict(self) | {"flat": list(self.flat)}

    def __str__(self) -> str:
        heads = ["dim", *self.measures]
        lines = [
            [self._label(dim), *(_figure(values[place]) for values in self.measures.values())]
            for place, dim in enumerate(self.dims)
        ]
        said = [
            "",
            f"recommended: {self.recommended}; {self.reason}",
            f"flat region: {self.flat[0]} to {self.flat[1]}",
            "rules, for comparison: " + ", ".join(f"{name} {dim}" for name, dim in self.rules.items()),
            *(f"note: {warning}" for warning in self.warnings),
        ]
        return "\n".join([*_table([heads, *lines]), *(said if self.rules else [*said[:3], *said[4:]])])

    def _label(self, dim: int) -> str:
        """The dimension, with a star where it is recommended."""
        return f"{dim} *" if dim == self.recommended else str(dim)


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def _table(lines: Iterable[Sequence[str]]) -> list[str]:
    """Lines with columns of equal width: the first flush left, the others flush right."""
    cells = [list(line) for line in lines]
    first, *others = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(
            [
                line[0].ljust(first),
                *(cell.rjust(width) for cell, width in zip(line[1:], others, strict=True)),
            ]
        ).rstrip()
        for line in cells
    ]
