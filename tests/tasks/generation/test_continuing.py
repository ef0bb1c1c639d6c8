"""Going on with texts: ends, lengths, and draws that do not depend on the others."""

from __future__ import annotations

import numpy as np

from rowspace.tasks.generation.continuing import go_on
from rowspace.tasks.generation.sampling import Sampling


class Clock:
    """Expects the id after the last, up to 4, behind which comes the end, 0."""

    def __init__(self, texts):
        self.last = [int(text[-1]) for text in texts]

    def log_chances(self):
        found = np.full((len(self.last), 5), -20.0)
        found[range(len(self.last)), [(last + 1) % 5 for last in self.last]] = -1e-6
        return found

    def read(self, texts):
        self.last = [
            int(text[-1]) if len(text) else last for last, text in zip(self.last, texts, strict=True)
        ]


def run(texts, length, **options):
    texts = [np.array(text) for text in texts]
    rngs = [np.random.default_rng(1) for _ in texts]
    never = options.pop("never", [])
    return go_on(
        Clock(texts), texts, Sampling(temperature=0, **options), length=length, end=0, never=never, rngs=rngs
    )


def test_up_to_the_end_or_the_length():
    assert run([[0], [2], [4]], 9) == [[1, 2, 3, 4], [3, 4], []]
    assert run([[0], [2]], 1) == [[1], [3]]
    assert run([[0]], 0) == [[]]


def test_what_is_never_drawn():
    assert run([[0]], 3, never=[1, 0])[0][0] == 2


def test_repetition_is_against_words_of_the_text():
    [found] = run([[1, 0]], 2, repetition=100.0, never=[4])
    assert found[0] == 1  # -1e-6 times 100 is still the best
    [found] = run([[2, 0]], 1, repetition=1.0)
    assert found == [1]
