"""Every error that rowspace raises.

::

    RowspaceError
    |-- UnknownKeyError     (KeyError)         a key that the vocabulary does not hold
    |-- RowIdError          (IndexError)       a row id outside the store
    |-- ShapeError          (ValueError)       an array of another shape or dtype than promised
    |-- RecipeError         (ValueError)       a hyper-parameter outside its range
    |-- CorpusError         (ValueError)       text that cannot be read as asked, or that holds nothing
    |-- FormatError         (ValueError)       a damaged, lying or unrecognised file
    |-- UnwritableKeyError  (ValueError)       a key that the chosen file format cannot hold
    |-- EvaluationError     (ValueError)       a test set that cannot be scored, or nothing to measure
    |-- FileAccessError     (OSError)          a path that is missing, unreadable, unwritable or a folder
    |-- MissingExtraError   (ImportError)      an optional dependency that is not installed
    `-- DivergedError       (ArithmeticError)  training left the finite numbers

Each also derives from the built-in error it specialises, so ``except KeyError`` keeps working.
A message states the rule, what came instead, and what to do.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any


class RowspaceError(Exception):
    """The root of every error that rowspace raises on purpose."""

    def __str__(self) -> str:
        """Return the message as written: KeyError alone would show it in quotes."""
        return str(self.args[0]) if self.args else ""


class UnknownKeyError(RowspaceError, KeyError):
    """A key is not in the vocabulary and the policy is to raise."""


class RowIdError(RowspaceError, IndexError):
    """A row id lies outside [0, num_rows)."""


class ShapeError(RowspaceError, ValueError):
    """An array's shape or dtype is not the one the caller promised."""


class RecipeError(RowspaceError, ValueError):
    """A hyper-parameter lies outside its range, or two contradict each other."""


class CorpusError(RowspaceError, ValueError):
    """Text cannot be read as asked, or holds nothing to learn from."""


class FormatError(RowspaceError, ValueError):
    """A file is damaged, lies about its size, or is of no known format."""

    def __init__(self, path: str | Path, offset: int, reason: str) -> None:
        """Name the file, the byte offset where reading failed, and the reason with its remedy."""
        super().__init__(f"{path}: byte {offset}: {reason}")
        self.path = Path(path)
        self.offset = offset
        self.reason = reason


class UnwritableKeyError(RowspaceError, ValueError):
    """A key holds a byte that the chosen file format cannot carry."""


class EvaluationError(RowspaceError, ValueError):
    """A test set is malformed, or no part of it can be scored."""


class FileAccessError(RowspaceError, OSError):
    """A path is missing, unreadable, unwritable, or a folder where a file is needed."""


class MissingExtraError(RowspaceError, ImportError):
    """An optional dependency is needed; the message gives the pip line."""


class DivergedError(RowspaceError, ArithmeticError):
    """Training left the finite numbers; the message names the step.

    `table` is the Table of the last good rows where training kept them, else None. Its type is Any
    because tables stand layers above errors.
    """

    table: Any = None
