"""Tokens of raw text, with the place of each."""

from __future__ import annotations

import re
from collections.abc import Sequence

# An address; a word with an @ or # before it and with hyphens and dots inside; what an apostrophe, typed
# or printed, begins
# ('s, 'm); any other sign alone.
TOKEN = re.compile(r"https?://\S+|[@#]?\w+(?:[-.]\w+)*|['\u2019]\w+|[^\w\s]")

Places = list[tuple[int, int]]


def tokenize(text: str) -> tuple[list[str], Places]:
    """The tokens of a text, and of each the first character and one past the last.

    A token is a web address, a word (letters, digits and underscores; hyphens and dots may stand inside,
    @ or # before it), an apostrophe with the letters behind it, or any other single sign.

    >>> tokenize("It's St. Kilda-born #Bo")[0]
    ['It', "'s", 'St', '.', 'Kilda-born', '#Bo']
    >>> tokenize("in St. Ives")[1]
    [(0, 2), (3, 5), (5, 6), (7, 11)]
    """
    places = [match.span() for match in TOKEN.finditer(text)]
    return [text[start:end] for start, end in places], places


def tokenize_lines(text: str) -> list[tuple[list[str], Places]]:
    r"""The tokens of each line of a text, and their places in the whole of it.

    >>> tokenize_lines("in Rome\nby Bo")
    [(['in', 'Rome'], [(0, 2), (3, 7)]), (['by', 'Bo'], [(8, 10), (11, 13)])]
    """
    lines, begin = [], 0
    for line in text.splitlines(keepends=True):
        tokens, places = tokenize(line)
        lines.append((tokens, [(start + begin, end + begin) for start, end in places]))
        begin += len(line)
    return lines


def joined_places(tokens: Sequence[str]) -> Places:
    """The places of tokens in the text that they make with one blank between two.

    >>> joined_places(["New", "York"])
    [(0, 3), (4, 8)]
    """
    places, start = [], 0
    for token in tokens:
        places.append((start, start + len(token)))
        start += len(token) + 1
    return places
