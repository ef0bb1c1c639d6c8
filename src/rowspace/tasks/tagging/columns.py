"""Tagged sentences: from files in CoNLL's columns, or from pairs of tokens and tags."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from rowspace.errors import CorpusError
from rowspace.formats.sources import check_readable
from rowspace.tasks.tagging.ranges import split_tag

LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z]+)*:(?=.)")
DOCUMENT_START = "-DOCSTART-"

Source = str | os.PathLike[str] | Iterable[Any]


@dataclass(frozen=True)
class Sentence:
    """Tokens, and a tag for each."""

    tokens: tuple[str, ...]
    tags: tuple[str, ...]


def read_sentences(source: Source) -> list[Sentence]:
    """The sentences of a file in columns, or of an iterable of (tokens, tags).

    Each line of a file has a token in its first column and a tag in its last, with a tab between columns, or
    blanks in a file without tabs; an empty line ends a sentence, and lines of -DOCSTART- are left out. A
    language that stands before every token (``en:London``), as in WikiANN, is dropped.

    Raises CorpusError, with the file and the line or the number of the sentence, for text that is not UTF-8,
    wrong columns, tags of no scheme, as many tags as not tokens, and where there is no sentence at all.

    >>> read_sentences([(["in", "Rome"], ["O", "B-LOC"])])
    [Sentence(tokens=('in', 'Rome'), tags=('O', 'B-LOC'))]
    """
    if isinstance(source, str | os.PathLike):
        path = check_readable(source)
        found, name = list(_of_lines(path, _decoded(path))), str(path)
    else:
        found = [_of_pair(number, pair) for number, pair in enumerate(source, start=1)]
        name = "the data"
    found = [sentence for sentence in found if sentence.tokens]
    if not found:
        raise CorpusError(f"{name} must hold a tagged sentence at least, but holds none; look into it")
    return _without_language(found)


def _of_lines(path: Path, lines: Sequence[str]) -> Iterator[Sentence]:
    separator = "\t" if any("\t" in line for line in lines) else None
    numbered = enumerate((line.rstrip("\r\n") for line in lines), start=1)
    for is_text, block in groupby(numbered, lambda line: bool(line[1].strip())):
        if not is_text:
            continue
        columns = [_columns(path, number, line, separator) for number, line in block]
        kept = [(token, tag) for token, tag in columns if token != DOCUMENT_START]
        yield Sentence(tuple(token for token, _ in kept), tuple(tag for _, tag in kept))


def _columns(path: Path, number: int, line: str, separator: str | None) -> tuple[str, str]:
    """The token and the tag of one line."""
    columns = line.split(separator)
    if len(columns) < 2 or not columns[0].strip():
        raise CorpusError(
            f"{path}: line {number} must have a token in its first column and a tag in its last, but is "
            f"{line[:80]!r}"
        )
    try:
        split_tag(columns[-1].strip())
    except CorpusError as error:
        raise CorpusError(f"{path}: line {number}: {error}") from None
    return columns[0], columns[-1].strip()


def _of_pair(number: int, pair: Any) -> Sentence:
    """A sentence of an iterable, checked."""
    try:
        tokens, tags = (tuple(part) for part in pair)
    except (TypeError, ValueError):
        raise CorpusError(
            f"sentence {number} must be a pair of tokens and tags, but is {str(pair)[:80]!r}"
        ) from None
    if isinstance(pair[0], str) or not all(isinstance(each, str) for each in (*tokens, *tags)):
        raise CorpusError(f"sentence {number} must be two lists of str, but is {str(pair)[:80]!r}")
    if len(tokens) != len(tags):
        raise CorpusError(
            f"sentence {number} must have a tag for each token, but has {len(tokens)} tokens and "
            f"{len(tags)} tags"
        )
    try:
        for tag in tags:
            split_tag(tag)
    except CorpusError as error:
        raise CorpusError(f"sentence {number}: {error}") from None
    return Sentence(tokens, tags)


def _without_language(sentences: list[Sentence]) -> list[Sentence]:
    """The same without the language, where one and the same stands before every token."""
    match = LANGUAGE.match(sentences[0].tokens[0])
    prefix = match.group() if match else ""
    if not prefix or not all(token.startswith(prefix) for each in sentences for token in each.tokens):
        return sentences
    size = len(prefix)
    return [Sentence(tuple(token[size:] for token in each.tokens), each.tags) for each in sentences]


def _decoded(path: Path) -> list[str]:
    """The lines of a file of UTF-8."""
    data = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    try:
        return data.decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        number = data.count(b"\n", 0, error.start) + 1
        raise CorpusError(
            f"{path}: line {number} must be UTF-8, but byte {error.start + 1} of the file is not; convert it"
        ) from None
