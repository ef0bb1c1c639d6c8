"""GloVe (Pennington, Socher & Manning 2014), from text or from counted co-occurrences to vectors."""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Unpack, get_args

import numpy as np

from rowspace.errors import CorpusError
from rowspace.formats import cooccurrence_file
from rowspace.formats.cooccurrence_file import Cells
from rowspace.table import Table
from rowspace.training.counting.cooccurrence import Weighting, count_cooccurrences
from rowspace.training.counting.tiles import TiledCells, count_axes, tile_cells
from rowspace.training.fitting import fit
from rowspace.training.glove_step import glove_step, new_matrices
from rowspace.training.initial import take_
from rowspace.training.option import option
from rowspace.training.ranges import check_choice, check_integer, check_real
from rowspace.training.reading import Reading, VocabularyRules
from rowspace.training.run import Combine, Prepared, Run, recipe_to_json
from rowspace.training.sampling import keep_thresholds
from rowspace.training.settings import FitOptions, Settings
from rowspace.vocabulary import Missing, Words

SMALLEST_WEIGHT = 1e-30  # of x_max: far below any weight, and not lost in float32
HASHED_BYTES = 1 << 20


@dataclass(frozen=True)
class GloVe:
    """The hyper-parameters of GloVe; `fit` trains.

    >>> table = GloVe(dim=8, min_count=1, epochs=2).fit([["a", "rose", "is", "a", "rose"]] * 20)
    >>> table.shape, sorted(table.keys)
    ((3, 8), ['a', 'is', 'rose'])
    """

    dim: int = option(100, "Values in a vector, 1 to 65536.")
    window: int = option(15, "Context tokens on each side.")
    weighting: Weighting = option(
        "harmonic", "What a pair at distance d counts: harmonic 1/d; linear, falling evenly; flat 1."
    )
    symmetric: bool = option(True, "Count the tokens before a center too, not only those behind it.")
    x_max: float = option(10.0, "A pair of rows that weighs as much counts in full, a rarer one less.")
    alpha: float = option(0.75, "How much less: (weight / x_max) to this power.")
    epochs: int = option(15, "Passes over the co-occurrences.")
    learning_rate: float = option(0.05, "AdaGrad's; it lowers the rate of each value by itself.")
    min_count: int = option(5, "A key needs this many occurrences to get a row.")
    max_size: int | None = option(None, "Rows at most; the most frequent keys get them. Default: no limit.")
    subsample: float = option(0.0, "Keys with a larger share of the corpus are thinned out; 0 keeps all.")
    memory_gb: float = option(4.0, "Memory that counting may use, in units of 2**30 bytes.")
    combine: Combine = option("sum", "The rows of the table: center, or its sum or mean with context.")
    seed: int = option(1, "Of every random draw; the same seed and one thread give the same rows.")
    unknown: Missing = option(
        "raise", "For unknown keys: raise, unknown (a row trained on all rare keys), zero or skip."
    )
    unknown_key: str = option("<unk>", "The name of the row for unknown keys, where unknown is 'unknown'.")

    def __post_init__(self) -> None:
        check_integer("dim", self.dim, 1, 65_536)
        check_integer("window", self.window, 1, 1_000)
        check_choice("weighting", self.weighting, get_args(Weighting))
        check_real("x_max", self.x_max, SMALLEST_WEIGHT, 1e30)
        check_real("alpha", self.alpha, 0, 10)
        check_integer("epochs", self.epochs, 1, 1_000_000)
        check_real("learning_rate", self.learning_rate, 0, sys.float_info.max, above_low=True)
        check_integer("min_count", self.min_count, 1)
        if self.max_size is not None:
            check_integer("max_size", self.max_size, 1)
        check_real("subsample", self.subsample, 0, 1)
        check_real("memory_gb", self.memory_gb, 0, 2**30, above_low=True)
        check_choice("combine", self.combine, get_args(Combine))
        check_integer("seed", self.seed, 0, 2**64 - 1)
        check_choice("unknown", self.unknown, get_args(Missing))

    @property
    def final_learning_rate(self) -> float:
        """The learning rate at the end: the same as at the start, since AdaGrad lowers the rates itself."""
        return self.learning_rate

    def fit(
        self,
        corpus: Any,
        *,
        initial: Table | None = None,
        vocabulary: Words | None = None,
        special: Sequence[str] = (),
        **options: Unpack[FitOptions],
    ) -> Table:
        """Count co-occurrences in `corpus`, whatever open_corpus takes, and train a table on them.

        Args:
            corpus: What to learn from.
            initial: A table whose rows (and context rows, if any) are the start for the keys it knows.
            vocabulary: Train these keys instead of counting out new ones; min_count, max_size, unknown
                and `special` are then not asked.
            special: Keys that get the first rows even if the corpus does not hold them.
            options: How to run: FitOptions says what there is.

        Counting needs up to 32 bytes of disk for each pair of rows that occur together, in the folder
        for temporary files (TMPDIR). Ctrl-C ends the training within a fraction of a second and returns
        what was learned, with an InterruptedTrainingWarning.

        Raises RecipeError, CorpusError, FileAccessError (a full disk among them), ShapeError (`initial`
        of another dim), and DivergedError with the last good rows as its `table`.
        """
        settings = Settings(**options)
        rules = VocabularyRules.of(self, special, vocabulary)
        with ExitStack() as files:
            return fit(
                self,
                corpus,
                rules,
                settings,
                lambda reading: self._prepare(reading, initial, settings, files),
            )

    def fit_file(
        self,
        path: str | os.PathLike[str],
        vocabulary: str | os.PathLike[str] | Words,
        *,
        initial: Table | None = None,
        **options: Unpack[FitOptions],
    ) -> Table:
        """Train a table on the co-occurrences that GloVe's `cooccur` or `shuffle` wrote to `path`.

        `vocabulary` is the vocab.txt that belongs to it, or its words. What concerns counting (window,
        weighting, symmetric, subsample, memory_gb, and which keys get a row) is not asked.

        Raises FormatError for a damaged file, with the offset, and what `fit` raises.
        """
        settings = Settings(**options)
        return _fit_file(self, path, vocabulary, settings, initial)

    def _prepare(
        self, reading: Reading, initial: Table | None, settings: Settings, files: ExitStack
    ) -> Prepared:
        """Count, put the cells into their order, and make the rows."""
        with count_cooccurrences(
            reading.stream,
            len(reading.words),
            window=self.window,
            weighting=self.weighting,
            symmetric=self.symmetric,
            memory_bytes=int(self.memory_gb * 2**30),
            threads=settings.readers,
            keep=keep_thresholds(reading.counts, self.subsample) if self.subsample else None,
            seed=self.seed,
            progress=settings.shows_progress,
        ) as cooccurrences:
            rows = np.diff(cooccurrences.starts)
            columns = rows if self.symmetric else count_axes(cooccurrences.blocks, len(rows))[1]
            cells = files.enter_context(
                tile_cells(cooccurrences.blocks, (rows, columns), seed=self.seed, threads=settings.readers)
            )
        figures = {**reading.figures, "cells": cells.num_ids}
        return self._prepared(reading.words, cells, figures, reading.fingerprint, initial)

    def _prepared(
        self,
        words: Words,
        cells: TiledCells,
        figures: Mapping[str, int],
        fingerprint: Callable[[], Mapping[str, str]],
        initial: Table | None,
    ) -> Prepared:
        if cells.num_ids == 0:
            raise CorpusError(
                "GloVe learns from tokens that occur together, but no document holds two of them; give "
                "longer documents, a lower min_count or less sub-sampling"
            )
        matrices = new_matrices(len(words), self.dim, self.seed)
        taken = 0 if initial is None else take_(matrices, words, initial)
        return Prepared(
            recipe=self,
            vocabulary=words,
            matrices=matrices,
            step=glove_step(matrices, x_max=self.x_max, alpha=self.alpha),
            stream=cells,
            figures=figures,
            fingerprint=fingerprint,
            initial_rows=taken,
            combine=self.combine,
        )


def _fit_file(
    recipe: GloVe,
    path: str | os.PathLike[str],
    vocabulary: str | os.PathLike[str] | Words,
    settings: Settings,
    initial: Table | None,
) -> Table:
    """What `training.fitting.fit` does for text."""
    started = time.monotonic()
    checkpoint = settings.open_checkpoint()
    if checkpoint is not None:
        checkpoint.check_same({"recipe": recipe_to_json(recipe)})
    words = vocabulary if isinstance(vocabulary, Words) else cooccurrence_file.read_words(vocabulary)
    tokens = 0 if words.counts is None else int(words.counts.sum())

    def blocks() -> Iterator[Cells]:
        return cooccurrence_file.read_blocks(path, len(words))

    counts = count_axes(blocks, len(words))
    with tile_cells(blocks, counts, seed=recipe.seed, threads=settings.readers) as cells:
        figures = {"tokens": tokens, "rows": len(words), "cells": cells.num_ids}
        prepared = recipe._prepared(words, cells, figures, lambda: _fingerprint(path, words), initial)
        return Run(prepared, settings, checkpoint, started).train()


def _fingerprint(path: str | os.PathLike[str], words: Words) -> dict[str, str]:
    """Digests of vocabulary and file."""
    vocabulary, content = (hashlib.blake2b(digest_size=16) for _ in range(2))
    for array in (words.keys.data, words.keys.offsets):
        vocabulary.update(np.ascontiguousarray(array).data)
    with Path(path).open("rb") as file:
        while piece := file.read(HASHED_BYTES):
            content.update(piece)
    return {"vocabulary": vocabulary.hexdigest(), "stream": content.hexdigest()}
