"""What becomes a slot, and what comes back."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.tasks.translation.copying import LONGEST_WORD, SLOTS, Copying, show, words_of

NAMES = [f"N{'abcdefghijklmnopqrstuvwxyz'[n]}me" for n in range(26)]
NOUNS = [f"{'abcdefghijklmnopqrstuvwxyz'[n]}uff" for n in range(26)]
PAIRS = [
    (f"we saw {name} and {noun} 17", f"wir {name} mit {noun[::-1]} 17")
    for name, noun in zip(NAMES, NOUNS, strict=True)
]


@pytest.fixture(scope="module")
def copying():
    return Copying.learn(PAIRS)


def test_shapes_decide_about_words_that_nobody_knows(copying):
    assert copying.translated == {"x"}  # rare small words were translated, rare names taken over
    text = "we saw Zame and zuff"
    hidden, words = copying.hide(text)
    assert (hidden, words) == (f"we saw {SLOTS[0]} and zuff", ["Zame"])
    assert show(hidden, words) == text


@pytest.mark.parametrize(
    "text",
    [
        "we saw 你好 世界 and Ω3", "→", f"{SLOTS[3]}", "we " + "y" * (LONGEST_WORD + 1), "", "  ",
        " ".join(f"we Z{n}" for n in range(20)), "q9" * 1_000_000,
    ],
)  # fmt: skip
def test_all_that_is_hidden_comes_back(copying, text):
    hidden, words = copying.hide(text)
    assert len(words) <= len(SLOTS)
    assert show(hidden, words) == text
    if len(words) < len(SLOTS):
        assert set(hidden) - set(SLOTS) <= copying.characters | {" "}


def test_neighbors_share_a_slot(copying):
    assert copying.hide("saw 你好 世界 and Ω")[1] == ["你好 世界", "Ω"]


def test_slots_without_a_word_vanish():
    assert show(f"a{SLOTS[1]}b{SLOTS[0]}", ["x"]) == "abx"


def test_pairs_with_a_slot_hide_the_rarest_word_on_both_sides(copying):
    made = copying.hidden_pairs(PAIRS, np.random.default_rng(0))
    assert len(made) == len(PAIRS)
    for number, ((source, target), chance) in made.items():
        slot = next(sign for sign in source if sign in SLOTS)
        assert PAIRS[number] == (source.replace(slot, NAMES[number]), target.replace(slot, NAMES[number]))
        assert chance == 0.75
    assert len({source[7] for (source, _), _ in made.values()}) > 4  # all slots learn


def test_words(copying):
    assert words_of("See www.x.org/a, (it's) U.S.") == [
        "See",
        "www.x.org/a",
        ",",
        "(",
        "it's",
        ")",
        "U.S",
        ".",
    ]
    assert copying.known["we"] == 26
