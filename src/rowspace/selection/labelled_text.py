"""Labelled texts: a label, a tab and a text on each line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rowspace.errors import EvaluationError
from rowspace.evaluation.lines import malformed, numbered_lines

TEST_SHARE = 0.2


class LabelledText(NamedTuple):
    """Texts with white space between words, and the label of each."""

    labels: Sequence[str]
    texts: Sequence[str]


def read_labelled(path: str | Path, *, lowercase: bool = False) -> LabelledText:
    """Read lines of label, tab, text; blank lines and those that begin with # are passed over.

    Raises EvaluationError naming the line that has no tab, and for a file without lines.
    """
    labels, texts = [], []
    for number, line in numbered_lines(path):
        label, tab, text = line.partition("\t")
        if not tab:
            raise malformed(path, number, f"must be a label, a tab and a text, but is {line[:40]!r}")
        labels.append(label)
        texts.append(text.lower() if lowercase else text)
    if not labels:
        raise EvaluationError(f"{path}: labelled texts are needed, but there is no line")
    return LabelledText(labels, texts)


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
