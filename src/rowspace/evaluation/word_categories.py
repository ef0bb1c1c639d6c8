"""Words with the categories that people put them in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rowspace.errors import EvaluationError
from rowspace.evaluation.lines import malformed, numbered_lines

DELIMITERS = "\t;,"  # the first of these that every line has; a file without any is split at white space
# The names under which a first line heads the two columns.
WORD_HEADERS = {"word", "words", "concept", "concepts", "noun", "term", "key", "target"}
CATEGORY_HEADERS = {"category", "categories", "class", "label", "cluster", "group"}

CategorySource = str | Path | Mapping[str, str] | Iterable[tuple[str, str]]


@dataclass(frozen=True)
class WordCategories:
    """Distinct pairs of a word and a category of it; a word of two categories is there twice."""

    words: list[str]
    categories: list[str]

    def __len__(self) -> int:
        return len(self.words)


def as_categories(source: CategorySource) -> WordCategories:
    """The words of a file, of a mapping from word to category, or of (word, category) pairs.

    >>> as_categories({"cat": "animal", "plum": "fruit"}).categories
    ['animal', 'fruit']
    """
    if isinstance(source, str | Path):
        return read_categories(source)
    pairs = list(source.items()) if isinstance(source, Mapping) else list(source)
    for place, pair in enumerate(pairs):
        is_pair = isinstance(pair, tuple | list) and len(pair) == 2
        if not is_pair or not all(isinstance(text, str) and text for text in pair):
            raise EvaluationError(f"entry {place} must be a word and its category, but is {pair!r}")
    if not pairs:
        raise EvaluationError("a test set needs at least one word with its category, but none was given")
    distinct = list(dict.fromkeys((word, category) for word, category in pairs))
    return WordCategories([word for word, _ in distinct], [category for _, category in distinct])


def read_categories(path: str | Path) -> WordCategories:
    """Read a word and its category a line, parted by tab, semicolon, comma or white space.

    The first line may be a header such as "word,category"; further columns are left out. Lines that start
    with `#` and blank lines are left out. Raises EvaluationError naming file and line, and FileAccessError.
    """
    lines = numbered_lines(path)
    delimiter = next((mark for mark in DELIMITERS if all(mark in line for _, line in lines)), None)
    rows = [(number, _fields(line, delimiter)) for number, line in lines]
    if len(rows) > 1 and _is_header(rows[0][1]):
        rows = rows[1:]
    for number, fields in rows:
        if len(fields) < 2 or not all(fields[:2]):
            raise malformed(path, number, f"must hold a word and its category, but is {fields}")
    if not rows:
        raise EvaluationError(f"{path}: a test set needs at least one word, but this file holds none")
    return as_categories([(fields[0], fields[1]) for _, fields in rows])


def _fields(line: str, delimiter: str | None) -> list[str]:
    if delimiter is None:
        return line.split(maxsplit=1)  # "fox land mammal"
    return [field.strip().strip('"') for field in line.split(delimiter)]


def _is_header(fields: list[str]) -> bool:
    return len(fields) > 1 and fields[0].lower() in WORD_HEADERS and fields[1].lower() in CATEGORY_HEADERS
