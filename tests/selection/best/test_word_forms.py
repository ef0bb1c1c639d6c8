"""Word forms: rules are found by spelling, and rows that follow them answer."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.selection.best.postprocessing import units
from rowspace.selection.best.word_forms import QUESTIONS, WordForms

STEMS = [f"{a}{b}" for a in ("walk", "jump", "call", "plan") for b in ("er", "us", "im", "ot")]
KEYS = [*STEMS, *(stem + "ing" for stem in STEMS), "of", "a1b", "zyx"]


@pytest.fixture
def forms():
    return WordForms.find(KEYS, seed=0)


def test_every_question_asks_for_one_change_of_ending(forms):
    assert 0 < len(forms.questions) <= QUESTIONS * 12
    for four in forms.questions:
        a, b, c, d = (KEYS[row] for row in four)
        assert a != c
        assert {a, b} != {c, d}
        if b == a + "ing":
            assert d == c + "ing"


def test_rows_that_follow_the_rule_answer_all(forms):
    rng = np.random.default_rng(2)
    stems = rng.standard_normal((len(STEMS), 30)).astype(np.float32)
    change = np.full(30, 0.5, np.float32)
    rest = rng.standard_normal((3, 30)).astype(np.float32)
    good = units(np.concatenate([stems, stems + change, rest]))
    bad = units(rng.standard_normal(good.shape).astype(np.float32))
    assert forms.score(good) > 0.9
    assert forms.score(bad) < 0.2


def test_the_answer_is_never_one_of_the_three(forms):
    """Where all keys are alike but for the fourth word's, no given word may be answered."""
    four = forms.questions[0]
    rows = np.ones((len(KEYS), 2), np.float32)
    rows[four[3]] = 2
    assert WordForms(forms.questions[:1], forms.candidates).score(rows) == 1


def test_keys_without_forms():
    forms = WordForms.find(["of", "and", "12"], seed=0)
    assert forms.questions.shape == (0, 4)
    assert forms.score(np.eye(3, dtype=np.float32)) == 0
