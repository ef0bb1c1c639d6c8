"""Answers by 3CosMul: products of cosines, which no search by one query vector can rank."""

from __future__ import annotations

import numpy as np
from jaxtyping import Int64

from rowspace.evaluation.candidates import Candidates
from rowspace.search.analogy import mul_scores, unit

SCORES_AT_A_TIME = 1 << 22  # 16 MB


def best_products(
    candidates: Candidates, asked: Int64[np.ndarray, "questions 3"]
) -> Int64[np.ndarray, "questions"]:
    """The class with the highest 3CosMul score that is none of a, b, c: some rows times some questions."""
    words, place = np.unique(asked, return_inverse=True)
    units, place = candidates.units(words).astype(np.float32), place.reshape(-1, 3)
    best = np.full(len(asked), -np.inf, np.float32)
    answers = np.full(len(asked), -1, np.int64)
    for start, block in candidates.index.blocks():
        here = candidates.classes[start : start + len(block)]
        rows = unit(block).astype(np.float32)
        bad = ~np.isfinite(rows).all(axis=1)
        rows[bad] = 0
        cosines = units @ rows.T
        at_a_time = max(1, SCORES_AT_A_TIME // len(block))
        for first in range(0, len(asked), at_a_time):
            part = slice(first, first + at_a_time)
            scores = mul_scores(*(cosines[place[part, word]] for word in range(3)))
            scores[:, bad] = -np.inf
            for word in range(3):
                scores[here == asked[part, word, None]] = -np.inf
            top = np.argmax(scores, axis=1)
            value = scores[np.arange(len(scores)), top]
            higher = value > best[part]
            best[part] = np.where(higher, value, best[part])
            answers[part] = np.where(higher, here[top], answers[part])
    return answers
