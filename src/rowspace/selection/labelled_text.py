"""Labelled texts with one label each, and how a part is split off for the test."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rowspace.corpus.labelled import open_labelled
from rowspace.errors import EvaluationError

TEST_SHARE = 0.2


class LabelledText(NamedTuple):
    """Texts with white space between words, and the label of each."""

    labels: Sequence[str]
    texts: Sequence[str]


def read_labelled(path: str | Path, *, lowercase: bool = False) -> LabelledText:
    """Read a file of labelled texts, of any form that `open_labelled` knows.

    Raises EvaluationError for a text that has not just one label, and what `open_labelled` raises.
    """
    read = open_labelled(path, lowercase=lowercase)
    for number, own in enumerate(read.labels, start=1):
        if len(own) != 1:
            raise EvaluationError(
                f"{path}: each text must have one label, but text {number} has {len(own)}; choose one"
            )
    return LabelledText([own[0] for own in read.labels], read.texts)


def split_off(data: LabelledText, *, seed: int = 0) -> tuple[LabelledText, LabelledText]:
    """Training texts, and a fifth of all, drawn by lot, for the test.

    >>> train, test = split_off(LabelledText(["+"] * 10, [str(place) for place in range(10)]))
    >>> len(train.texts), sorted([*train.texts, *test.texts]) == [str(place) for place in range(10)]
    (8, True)
    """
    order = np.random.default_rng(seed).permutation(len(data.texts))
    num_test = round(TEST_SHARE * len(order))
    return _taken(data, order[num_test:].tolist()), _taken(data, order[:num_test].tolist())


def _taken(data: LabelledText, places: list[int]) -> LabelledText:
    return LabelledText([data.labels[place] for place in places], [data.texts[place] for place in places])
