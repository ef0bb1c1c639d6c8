"""Parallel text: pairs of a sentence and its translation, from files or from memory."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from rowspace.corpus.compression import decompressed
from rowspace.corpus.paths import reading, shorten
from rowspace.corpus.text_file import BYTE_ORDER_MARK
from rowspace.errors import CorpusError

Pair = tuple[str, str]
OnePath = str | os.PathLike[str]
Source = OnePath | Iterable[Any]

MOST_CHARACTERS = 10_000  # of a side; no sentence is that long, and what is would fill the memory


def read_pairs(
    source: Source,
    *,
    source_field: str = "source",
    target_field: str = "target",
    backward: bool = False,
) -> list[Pair]:
    r"""Read pairs of a text and its translation.

    Args:
        source: A path, two paths of files whose lines belong together (a tuple), or an iterable of pairs. One
            file, plain or compressed, is JSON lines, CSV with a header that names both fields, or lines
            of ``source<TAB>target``; columns behind the second, as Tatoeba's attributions, are left out.
        source_field: The field of JSON lines, or the column, that holds the text.
        target_field: That of the translation.
        backward: Take the second for the text and the first for the translation.

    Empty lines are left out. Raises CorpusError, with file and line, for text that is not UTF-8, for columns
    or fields that are missing, for a side that is empty or has more than 10,000 characters, where two files
    have not as many lines as each other, and where there is no pair at all; FileAccessError for a file that
    cannot be read.

    >>> path = Path(getfixture("tmp_path")) / "some.tsv"
    >>> _ = path.write_text("Thank you.\tDanke.\nGood night.\tGute Nacht.\n")
    >>> read_pairs(path, backward=True)
    [('Danke.', 'Thank you.'), ('Gute Nacht.', 'Good night.')]
    """
    if isinstance(source, str | os.PathLike):
        name, found = str(source), _of_file(Path(source), (source_field, target_field))
    elif _is_two_paths(source):
        first, second = map(Path, source)
        name, found = f"{first} and {second}", _side_by_side(first, second)
    elif hasattr(source, "__iter__"):
        name, found = "the data", ((f"pair {n}", pair) for n, pair in enumerate(source, 1))
    else:
        raise CorpusError(f"parallel text must be a path, or pairs, but is {type(source).__name__}")
    pairs = [_checked(place, pair) for place, pair in found]
    if not pairs:
        raise CorpusError(f"{name} must hold a pair of texts at least, but holds none; look into it")
    return [(second, first) for first, second in pairs] if backward else pairs


Placed = Iterator[tuple[str, Any]]  # where a pair stands, for messages, and the pair


def _is_two_paths(source: Any) -> bool:
    paths = isinstance(source, tuple) and all(isinstance(part, str | os.PathLike) for part in source)
    return paths and len(source) == 2


def _of_file(path: Path, fields: tuple[str, str]) -> Placed:
    text = _text(path)
    head = text.lstrip()[:4096]
    if head.startswith("{"):
        return _json(path, text, fields)
    for delimiter in ",\t;":
        if set(fields) <= set(
            next(csv.reader([head.split("\n", 1)[0].rstrip("\r")], delimiter=delimiter), [])
        ):
            return _csv(path, text, fields, delimiter)
    return _tabbed(path, text)


def _tabbed(path: Path, text: str) -> Placed:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        columns = line.rstrip("\r").split("\t")
        if len(columns) < 2:
            raise CorpusError(
                f"{path}: line {number} must be a text, a tab and its translation, but is "
                f"{shorten(line)!r}; a CSV file needs a header with the names of its fields"
            )
        yield f"{path}: line {number}", columns[:2]


def _csv(path: Path, text: str, fields: tuple[str, str], delimiter: str) -> Placed:
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            yield f"{path}: line {reader.line_num}", [row[field] for field in fields]
    except csv.Error as error:
        raise CorpusError(f"{path}: line {reader.line_num}: no CSV that can be read: {error}") from None


def _json(path: Path, text: str, fields: tuple[str, str]) -> Placed:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            pair = [record[field] for field in fields]
        except (ValueError, TypeError, KeyError, RecursionError):
            raise CorpusError(
                f"{path}: line {number} must be a JSON object with {fields[0]!r} and {fields[1]!r}, but is "
                f"{shorten(line)!r}; name the fields that it has"
            ) from None
        yield f"{path}: line {number}", pair


def _side_by_side(first: Path, second: Path) -> Placed:
    sides = [_text(path).split("\n") for path in (first, second)]
    for lines in sides:
        if not lines[-1]:
            lines.pop()
    if len(sides[0]) != len(sides[1]):
        raise CorpusError(
            f"{first} and {second} must have a line for each line of the other, but have {len(sides[0])} and "
            f"{len(sides[1])}"
        )
    for number, pair in enumerate(zip(*sides, strict=True), 1):
        if any(side.strip() for side in pair):
            yield f"{first} and {second}: line {number}", pair


def _checked(place: str, pair: Any) -> Pair:
    if isinstance(pair, str) or not hasattr(pair, "__len__") or len(pair) != 2:
        raise CorpusError(f"{place} must be a text and its translation, but is {shorten(str(pair))!r}")
    source, target = pair
    for side in pair:
        if not isinstance(side, str):
            raise CorpusError(f"{place} must be two strings, but holds {shorten(repr(side))}")
        if not side.strip():
            raise CorpusError(f"{place} must have text on both sides, but one is empty; take the pair out")
        if len(side) > MOST_CHARACTERS:
            raise CorpusError(
                f"{place} must be of sentences, of at most {MOST_CHARACTERS:,} characters, but has "
                f"{len(side):,}; cut it"
            )
    return source.strip(), target.strip()


def _text(path: Path) -> str:
    """The text of a file of UTF-8, unpacked."""
    with reading(path), path.open("rb") as file, decompressed(file, str(path)) as stream:
        data = stream.read().removeprefix(BYTE_ORDER_MARK)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CorpusError(
            f"{path}: line {line} must be UTF-8, but byte 0x{data[error.start]:02x} is not; convert the file"
        ) from None
