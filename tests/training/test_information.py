"""Information by the hand: the rest is tested through PPMI, against a definition in loops."""

from __future__ import annotations

import math

import numpy as np
import pytest

from rowspace.corpus import open_corpus
from rowspace.training.counting.cooccurrence import Cooccurrences, count_cooccurrences
from rowspace.training.information import positive_information


def pairs_of(documents: list[str]) -> Cooccurrences:
    with open_corpus(documents).scan() as scan:
        stream = scan.encode(np.arange(len(scan.keys), dtype=np.int32))
        return count_cooccurrences(
            stream,
            len(scan.keys),
            window=1,
            weighting="flat",
            symmetric=True,
            memory_bytes=1 << 28,
            threads=1,
        )


def test_by_hand() -> None:
    # Pairs: a-b 2, b-c 1, each in both directions; 6 in all.
    with pairs_of(["a b", "a b", "b c"]) as pairs:
        (cells,) = list(positive_information(pairs, smoothing=1.0, shift=1.0))
    found = dict(
        zip(zip(cells.rows.tolist(), cells.columns.tolist(), strict=True), cells.weights, strict=True)
    )
    assert found == pytest.approx(
        {(0, 1): math.log(2 * 6 / (2 * 3)), (1, 0): math.log(2), (1, 2): math.log(2), (2, 1): math.log(2)}
    )


def test_a_shift_takes_its_log_and_drops_what_is_left_below() -> None:
    with pairs_of(["a b", "a b", "b c"]) as pairs:
        (cells,) = list(positive_information(pairs, smoothing=1.0, shift=1.5))
        assert cells.weights == pytest.approx(math.log(2 / 1.5))
        (cells,) = list(positive_information(pairs, smoothing=1.0, shift=2.0))
        assert len(cells.weights) == 0


def test_smoothing_makes_rare_contexts_tell_less() -> None:
    with pairs_of(["a b"] * 8 + ["b c"]) as pairs:
        (plain,) = list(positive_information(pairs, smoothing=1.0, shift=1.0))
        (smooth,) = list(positive_information(pairs, smoothing=0.75, shift=1.0))
    rare = (plain.rows == 1) & (plain.columns == 2)
    same = (smooth.rows == 1) & (smooth.columns == 2)
    assert smooth.weights[same] < plain.weights[rare]
