"""Turn by turn: what was said before matters."""

from __future__ import annotations

import pytest

from rowspace.tasks.generation import TextGenerator

TALK = ["hello there", "good day", "how are you", "very well"] * 25


@pytest.fixture(scope="module")
def speaker(fields):
    """A model of a conversation that always goes the same way."""
    given = fields | {"epochs": 12, "samples": 9, "length": 12}
    return TextGenerator(**given).fit(TALK, threads=1)


def test_each_line_is_answered_by_the_sentence_behind_it(speaker):
    conversation = speaker.converse(temperature=0)
    assert [conversation.answer(line) for line in ("hello there", "how are you")] == ["good day", "very well"]


def test_nothing_said_goes_on(speaker):
    conversation = speaker.converse(temperature=0)
    assert conversation.answer("hello there") == "good day"
    assert conversation.answer("") == "how are you"


def test_lengths_unknown_words_and_seeds(speaker):
    assert speaker.converse(length=1, temperature=0).answer("hello there") == "good"
    assert "<unk>" not in speaker.converse(temperature=3.0).answer("zzz zzz")
    answers = [speaker.converse(temperature=2.0, seed=4).answer("good day") for _ in range(2)]
    assert answers[0] == answers[1]
