"""Parts of texts."""

from __future__ import annotations

from rowspace.tasks.translation.cutting import MOST_WORDS, joined, parts_of


def test_lines_stay_lines_and_no_word_is_lost():
    text = "a  b\n\n" + "one two three. " * 100 + "\n" + "x " * 1000
    parts = parts_of(text)
    assert [len(line) for line in parts[:2]] == [1, 0]
    assert all(len(part.split()) <= MOST_WORDS for line in parts for part in line)
    assert all(part.endswith(".") for part in parts[2])
    back = joined(parts, {part: part for line in parts for part in line})
    assert [line.split() for line in back.split("\n")] == [line.split() for line in text.splitlines()]


def test_nothing_gives_nothing():
    assert joined(parts_of(""), {}) == ""
