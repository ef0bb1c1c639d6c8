"""The lines of a test set, numbered, with errors that name their place."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from rowspace.errors import EvaluationError, FileAccessError

Lines = list[tuple[int, str]]


def numbered_lines(path: str | Path) -> Lines:
    """The lines that are neither blank nor a `#` comment, with their numbers from one on.

    A byte order mark and Windows line ends are dropped. Raises FileAccessError, and EvaluationError for
    text that is not UTF-8.
    """
    return [line for block in numbered_blocks(path) for line in block]


def numbered_blocks(path: str | Path) -> list[Lines]:
    """The same lines, those between two blank lines together."""
    lines = [(number, line) for number, line in _decoded(path) if not line.startswith("#")]
    return [list(block) for is_text, block in groupby(lines, lambda line: bool(line[1])) if is_text]


def set_files(path: str | Path) -> list[Path]:
    """The file itself, or for a folder every ``.txt`` file below it, by name.

    Raises EvaluationError for a folder without one.
    """
    path = Path(path)
    if not path.is_dir():
        return [path]
    files = sorted(path.rglob("*.txt"))
    if not files:
        raise EvaluationError(f"{path}: a folder of test sets needs a .txt file, but this one holds none")
    return files


def set_name(source: object, otherwise: str) -> str:
    """What a report calls a test set: its file's name without the ending, `otherwise` if it has none."""
    return Path(source).stem if isinstance(source, str | Path) else otherwise


def malformed(path: str | Path, number: int, reason: str) -> EvaluationError:
    """The error for one line of a test set."""
    return EvaluationError(f"{path}: line {number} {reason}")


def _decoded(path: str | Path) -> Lines:
    """All lines without the white space around them."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise FileAccessError(f"a test set must be a readable file, but {path}: {error.strerror}") from error
    lines = []
    for number, raw in enumerate(data.removeprefix(b"\xef\xbb\xbf").splitlines(), start=1):
        try:
            lines.append((number, raw.decode("utf-8").strip()))
        except UnicodeDecodeError as error:
            raise malformed(path, number, f"must be UTF-8, but byte {error.start + 1} is not") from None
    return lines
