"""Texts cut into parts that are translated by themselves, and put together again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

MOST_WORDS = 40  # in a part
ENDS = (".", "!", "?", "…", ":", ";", "。")


def parts_of(text: str) -> list[list[str]]:
    r"""The parts of each line: all of it, or where it has more than 40 words, pieces of at most so many.

    A part ends with a sentence where one ends in its second half.

    >>> parts_of("Good night.\n\nSleep well!")
    [['Good night.'], [], ['Sleep well!']]
    >>> [len(part.split()) for part in parts_of("one two three. " * 20)[0]]
    [39, 21]
    """
    return [[" ".join(part) for part in _cut(line.split())] for line in text.splitlines()]


def joined(lines: Sequence[Sequence[str]], translation_of: Mapping[str, str]) -> str:
    """The translations of all parts, each line on a line of its own."""
    return "\n".join(" ".join(translation_of[part] for part in line) for line in lines)


def _cut(words: list[str]) -> list[list[str]]:
    parts, first = [], 0
    while len(words) - first > MOST_WORDS:
        sizes = range(MOST_WORDS, MOST_WORDS // 2, -1)
        size = next((size for size in sizes if words[first + size - 1].endswith(ENDS)), MOST_WORDS)
        parts.append(words[first : first + size])
        first += size
    return [*parts, words[first:]] if words else parts
