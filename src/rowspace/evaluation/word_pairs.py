"""Word pairs with human scores, in the forms in which such test sets are passed around."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float64

from rowspace.errors import EvaluationError
from rowspace.evaluation.lines import malformed, numbered_lines

DELIMITERS = "\t;,"  # looked for in this order; a file without any is split at white space
QUOTED = ";,"  # delimiters of spreadsheet files, which may put fields in double quotes


@dataclass(frozen=True, eq=False)
class WordPairs:
    """Pairs of words and how similar people found them, on any scale."""

    name: str
    first: list[str]
    second: list[str]
    scores: Float64[np.ndarray, "pairs"]

    def __len__(self) -> int:
        return len(self.scores)


def pairs_from(pairs: Iterable[tuple[str, str, float]], name: str = "pairs") -> WordPairs:
    """Word pairs from (word, word, score) triples; EvaluationError names the first that is none.

    >>> pairs_from([("cup", "mug", 9.0), ("cup", "car", 1.5)]).scores
    array([9. , 1.5])
    """
    first, second, scores = [], [], []
    for place, triple in enumerate(pairs):
        score = _number(triple[2]) if len(triple) == 3 else None
        if score is None or not isinstance(triple[0], str) or not isinstance(triple[1], str):
            raise EvaluationError(f"pair {place} must be (word, word, finite score), but is {triple!r}")
        first.append(triple[0])
        second.append(triple[1])
        scores.append(score)
    if not scores:
        raise EvaluationError(f"a test set needs at least one pair, but {name} holds none")
    return WordPairs(name, first, second, np.array(scores, np.float64))


def read_pairs(path: str | Path) -> WordPairs:
    """Read a file with two words and a score a line.

    Fields are parted by tabs, semicolons, commas or, where there are none, white space. The first line
    may be a header. The score is the first column behind the words that holds a number, so columns like
    SimLex-999's part of speech, or single raters behind the mean, do no harm. Lines that start with `#` and
    blank lines are left out. Raises EvaluationError naming file and line, and FileAccessError.
    """
    lines = numbered_lines(path)
    if not lines:
        raise EvaluationError(f"{path}: a test set needs at least one pair, but this file holds none")
    typical = lines[min(1, len(lines) - 1)][1]  # the first line may be a header
    delimiter = next((mark for mark in DELIMITERS if typical.count(mark) >= 2), None)
    rows = [(number, _fields(line, delimiter)) for number, line in lines]
    column = _score_column(rows[min(1, len(rows) - 1)][1])
    if _is_header(rows[0][1], column) and len(rows) > 1:
        rows = rows[1:]
    return pairs_from([_triple(path, number, fields, column) for number, fields in rows], Path(path).stem)


def _fields(line: str, delimiter: str | None) -> list[str]:
    if delimiter is None:
        return line.split()
    if delimiter in QUOTED:
        return [field.strip() for field in next(csv.reader([line], delimiter=delimiter))]
    return [field.strip() for field in line.split(delimiter)]


def _score_column(fields: list[str]) -> int:
    """The first column behind the words that holds a number; the third if none does."""
    return next((column for column in range(2, len(fields)) if _number(fields[column]) is not None), 2)


def _is_header(fields: list[str], column: int) -> bool:
    """Whether the score column names a score instead of being one, right or wrong, as 0,5 or nan would be."""
    text = fields[column].lower() if len(fields) > column else ""
    return text[:1].isalpha() and text not in ("nan", "inf", "infinity")


def _triple(path: str | Path, number: int, fields: list[str], column: int) -> tuple[str, str, float]:
    if len(fields) <= column or not fields[0] or not fields[1]:
        raise malformed(
            path, number, f"must hold two words and a score in column {column + 1}, but is {fields}"
        )
    score = _number(fields[column])
    if score is None:
        reason = f"must hold a finite number in column {column + 1}, but holds {fields[column]!r}"
        raise malformed(path, number, reason + ("; write 0.5 for 0,5" if "," in fields[column] else ""))
    return fields[0], fields[1], score


def _number(text: object) -> float | None:
    """A finite float, or None."""
    try:
        number = float(text)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None
