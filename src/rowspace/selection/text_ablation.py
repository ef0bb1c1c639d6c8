"""The ablation of a table on text classification, with a small model that is built in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from rowspace.errors import EvaluationError
from rowspace.nn.mean_classifier import MeanClassifier
from rowspace.selection.ablation import SEEDS, ablate
from rowspace.selection.ablation_report import AblationReport
from rowspace.selection.labelled_text import LabelledText, read_labelled, split_off
from rowspace.selection.layers import embedding
from rowspace.selection.model import Model
from rowspace.selection.trial import Failure, Trial
from rowspace.selection.variant import Variant
from rowspace.table import Table
from rowspace.vocabulary import Words


def ablate_text(
    train: str | Path | LabelledText,
    table: Table | None = None,
    *,
    test: str | Path | LabelledText | None = None,
    dims: Sequence[int] | None = None,
    seeds: int | Iterable[int] = SEEDS,
    lowercase: bool = False,
    progress: Callable[[Trial | Failure], object] | None = None,
) -> AblationReport:
    """Classify texts with and without an embedding, by the mean of their words' vectors and a linear map.

    `train` and `test` are files of labelled texts, in any form that `open_labelled` knows, or what such a
    file holds; without `test` a fifth of `train` is split off. Scores are accuracies. Every variant knows
    the words of the training texts; pre-trained ones also know those words of the test that are in their
    table. See `ablate` for the other arguments and the errors; EvaluationError for fewer than two labels.
    """
    learned = _opened(train, lowercase)
    learned, held_out = split_off(learned) if test is None else (learned, _opened(test, lowercase))
    classes = sorted(set(learned.labels))
    if len(classes) < 2 or not held_out.labels:
        raise EvaluationError(
            f"classification needs two labels at least and texts to test on, but got {len(classes)} labels "
            f"and {len(held_out.labels)} test texts"
        )
    seen = _distinct_words(learned)
    words = Words.from_keys(seen)
    more = (
        words if table is None else Words.from_keys([*seen, *_known(table, _distinct_words(held_out), words)])
    )

    def make(variant: Variant, seed: int) -> Model:
        own = more if variant.is_pretrained else words
        return MeanClassifier(embedding(variant, own, seed), own, classes, seed)

    return ablate(make, learned, held_out, table, dims=dims, seeds=seeds, progress=progress)


def _opened(source: str | Path | LabelledText, lowercase: bool) -> LabelledText:
    if isinstance(source, str | Path):
        return read_labelled(source, lowercase=lowercase)
    return LabelledText(source.labels, [text.lower() for text in source.texts]) if lowercase else source


def _distinct_words(data: LabelledText) -> list[str]:
    """In the order in which they first come."""
    return [*dict.fromkeys(word for text in data.texts for word in text.split())]


def _known(table: Table, candidates: Sequence[str], others: Words) -> list[str]:
    """The candidates that the table has a vector for, without those among `others`."""
    new = [word for word in candidates if word not in others]
    sizes = np.diff(table.vocabulary.rows_of(new, "zero").offsets)
    return [word for word, size in zip(new, sizes.tolist(), strict=True) if size]
