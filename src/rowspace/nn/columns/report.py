"""What a layer did not know of a frame, column by column."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ColumnReport:
    """One column of one frame."""

    name: str
    num_rows: int
    num_unknown: int  # values with the unknown row: never seen in training, or too rare there
    num_missing: int
    examples: tuple[str, ...] = ()  # unknown categories, the most frequent first

    @property
    def unknown_rate(self) -> float:
        """The share of rows whose value is unknown, in [0, 1]."""
        return self.num_unknown / max(self.num_rows, 1)

    @property
    def missing_rate(self) -> float:
        """The share of rows without a value, in [0, 1]."""
        return self.num_missing / max(self.num_rows, 1)


@dataclass(frozen=True)
class ColumnsReport:
    """All columns of one frame, by name; as a string a table.

    >>> print(ColumnsReport((ColumnReport("city", 4, 1, 2, ("Oslo",)), ColumnReport("age", 4, 0, 0))))
    column  unknown  missing  unknown values
    city      25.0%    50.0%  Oslo
    age        0.0%     0.0%
    """

    columns: tuple[ColumnReport, ...]

    def __getitem__(self, name: str) -> ColumnReport:
        """The report of the column called `name`; KeyError if there is none."""
        return {column.name: column for column in self.columns}[name]

    def __str__(self) -> str:
        width = max(len("column"), *(len(column.name) for column in self.columns))
        lines = [f"{'column':<{width}}  unknown  missing  unknown values"]
        for each in self.columns:
            rates = f"{each.unknown_rate:>7.1%}  {each.missing_rate:>7.1%}"
            lines.append(f"{each.name:<{width}}  {rates}  {', '.join(each.examples)}".rstrip())
        return "\n".join(lines)
