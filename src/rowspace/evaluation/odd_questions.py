"""Odd-one-out questions: some words that belong together, and one that does not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from rowspace.errors import EvaluationError
from rowspace.evaluation.lines import Lines, malformed, numbered_blocks, set_files

OddSource = str | Path | Iterable[Sequence[str]]


def as_odd_questions(source: OddSource) -> list[tuple[str, ...]]:
    """The questions of a file or folder, or in memory: words of which the last is the odd one.

    >>> as_odd_questions([["cup", "mug", "glass", "cow"]])
    [('cup', 'mug', 'glass', 'cow')]
    """
    if isinstance(source, str | Path):
        return [question for path in set_files(source) for question in _read_file(path)]
    questions = []
    for place, question in enumerate(source):
        if isinstance(question, str) or len(question) < 3 or not all(isinstance(w, str) for w in question):
            raise EvaluationError(f"question {place} must be three words or more, but is {question!r}")
        questions.append(tuple(question))
    if not questions:
        raise EvaluationError("a test set needs at least one question, but none was given")
    return questions


def _read_file(path: Path) -> Iterator[tuple[str, ...]]:
    """The questions of one file, in either form."""
    blocks = numbered_blocks(path)
    if not blocks:
        raise EvaluationError(f"{path}: a test set needs at least one question, but this file holds none")
    if len(blocks) == 2 and all(len(_words(line)) == 1 for block in blocks for _, line in block):
        yield from _outliers(path, *blocks)
        return
    for number, line in (each for block in blocks for each in block):
        words = _words(line)
        if len(words) < 3 or not all(words):
            raise malformed(path, number, f"must hold three words or more, the odd one last, but is {words}")
        yield tuple(words)


def _outliers(path: Path, together: Lines, others: Lines) -> Iterator[tuple[str, ...]]:
    """A question for each outlier: the words that belong together, and this one."""
    if len(together) < 2:
        reason = "must begin two words or more that belong together, one a line"
        raise malformed(path, together[0][0], reason)
    words = [word for _, word in together]
    for _, outlier in others:
        yield (*words, outlier)


def _words(line: str) -> list[str]:
    return [word.strip() for word in line.split("\t")] if "\t" in line else line.split()
