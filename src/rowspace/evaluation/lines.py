"""The lines of a test set, numbered, with errors that name their place."""

from __future__ import annotations

from pathlib import Path

from rowspace.errors import EvaluationError, FileAccessError


def numbered_lines(path: str | Path) -> list[tuple[int, str]]:
    """The lines that are neither blank nor a `#` comment, with their numbers from one on.

    A byte order mark and Windows line ends are dropped. Raises FileAccessError, and EvaluationError for
    text that is not UTF-8.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise FileAccessError(f"a test set must be a readable file, but {path}: {error.strerror}") from error
    lines = []
    for number, raw in enumerate(data.removeprefix(b"\xef\xbb\xbf").splitlines(), start=1):
        try:
            line = raw.decode("utf-8").strip()
        except UnicodeDecodeError as error:
            raise malformed(path, number, f"must be UTF-8, but byte {error.start + 1} is not") from None
        if line and not line.startswith("#"):
            lines.append((number, line))
    return lines


def malformed(path: str | Path, number: int, reason: str) -> EvaluationError:
    """The error for one line of a test set."""
    return EvaluationError(f"{path}: line {number} {reason}")
