"""Which words and questions a demo shows: chosen before training, or by frequency."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice

import numpy as np

from rowspace.table import Table

LEAST_COUNT = 20  # a rarer word has been seen too seldom for good neighbours
FUNCTION_WORDS = 100  # the most frequent rows of a text are mostly "the", "of", "is"
CANDIDATES = 400  # content words looked at when a text is new to us
SHORTEST_BYTES = 4  # of a content word: short ones are mostly function words (UTF-8, so two CJK signs pass)

PYTHON_WORDS = (
    "file", "thread", "color", "matrix", "exception", "string", "class", "socket", "test", "date",
    "dictionary", "graph", "integer", "encoding", "window", "package",
)  # fmt: skip

Question = tuple[str, str, str, str]  # a is to b as c is to the fourth

PYTHON_QUESTIONS: tuple[Question, ...] = (
    ("row", "rows", "column", "columns"),
    ("min", "minimum", "max", "maximum"),
    ("left", "right", "top", "bottom"),
    ("width", "horizontal", "height", "vertical"),
    ("read", "reading", "write", "writing"),
    ("string", "strings", "integer", "integers"),
)
ENGLISH_QUESTIONS: tuple[Question, ...] = (
    ("man", "king", "woman", "queen"),
    ("france", "paris", "italy", "rome"),
    ("he", "his", "she", "her"),
    ("good", "better", "bad", "worse"),
    ("day", "days", "year", "years"),
    ("is", "was", "are", "were"),
    ("one", "first", "two", "second"),
    ("take", "took", "come", "came"),
)


def content_words(table: Table, preferred: Sequence[str] = (), *, amount: int = 6) -> list[str]:
    """Up to `amount` words of different meaning: the `preferred` ones, then the most frequent.

    Function-like words are passed over. A word too like one taken already is taken only where nothing
    else is left.
    """
    known = [word for word in preferred if word in table and _is_frequent(table, word)]
    candidates = list(dict.fromkeys(chain(known, _frequent_words(table))))
    if not candidates:
        candidates = table.keys[:amount]
    vectors = table.lookup(candidates)
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-30)
    taken: list[int] = []
    for most_alike in (0.35, 0.6, 2.0):  # cosines; 2 takes whatever is there
        for place in range(len(candidates)):
            if len(taken) == amount:
                break
            if place not in taken and np.all(unit[taken] @ unit[place] < most_alike):
                taken.append(place)
    return [candidates[place] for place in taken]


def fitting_questions(table: Table, questions: Sequence[Question], *, amount: int = 4) -> list[Question]:
    """The first `amount` questions whose four words the table knows well."""
    fitting = (
        question
        for question in questions
        if all(word in table and _is_frequent(table, word) for word in question)
    )
    return list(islice(fitting, amount))


def _frequent_words(table: Table) -> Iterator[str]:
    """Words by falling count, without the first, function-like ones."""
    skipped = min(FUNCTION_WORDS, len(table) // 10)
    for word in table.keys[skipped : skipped + CANDIDATES]:
        if word.isalpha() and len(word.encode()) >= SHORTEST_BYTES and _is_frequent(table, word):
            yield word


def _is_frequent(table: Table, word: str) -> bool:
    if table.counts is None:
        return True
    row = int(table.vocabulary.rows_of([word]).ids[0])
    return int(table.counts[row]) >= LEAST_COUNT
