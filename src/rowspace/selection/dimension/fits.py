"""Trainings of one recipe at several dims, and what each of them measured."""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from statistics import fmean
from types import TracebackType
from typing import Any

import numpy as np
from tqdm import tqdm

from rowspace.arrays import Vectors
from rowspace.evaluation.similarity import as_pairs, similarity
from rowspace.selection.dimension.agreement import HeldOutPairs
from rowspace.selection.dimension.curve import Values
from rowspace.selection.dimension.prefixes import prefixes, principal
from rowspace.selection.dimension.text_split import TextSplit
from rowspace.table import Table
from rowspace.training import FastText, Word2Vec
from rowspace.vocabulary import Words

LOSSES = ("held-out loss", "training loss")
RISEN = 1.01  # times its least value: what a loss must reach for its rise to be told


class Fits:
    """A function of (dim, seed) for `sweep` that trains, measures and remembers; its bar is to be closed."""

    def __init__(
        self, text: TextSplit, keys: Words, recipe: Any, pairs: Any, *, threads: int, progress: bool | None
    ) -> None:
        """Train `recipe` on the text, with rows for `keys`; `pairs` may be None. Counts the held-out part."""
        self._text, self._keys, self._recipe, self._threads = text, keys, recipe, threads
        self._pairs = None if pairs is None else as_pairs(pairs)  # read once, and before the work
        self._held_out = HeldOutPairs.count(text.held_out, keys, window=recipe.window, threads=threads)
        self._found: dict[tuple[str, int], list[float]] = {}
        self._histories: dict[int, list[float]] = {}  # the held-out loss by epoch, of the first seed
        self._widest: Table | None = None
        shown = sys.stderr.isatty() if progress is None else progress
        self._bar = tqdm(desc="choosing a dim", unit=" trainings", disable=not shown, dynamic_ncols=True)

    def __enter__(self) -> Fits:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.close()

    def __call__(self, dim: int, seed: int) -> tuple[float, float]:
        """Train at `dim`: the loss in training (0 where there is none), and minus the agreement."""
        self._bar.set_postfix(dim=dim, seed=seed)
        table = self._train(dim, seed)
        if self._widest is None or dim > self._widest.dim:
            self._widest = table
        self._remember(table, dim)
        agreement = self._held_out.agreement(table.vectors)
        self._bar.update()
        return self._found.get(("training loss", dim), [0.0])[-1], -agreement

    @property
    def names(self) -> list[str]:
        """The measures that each training gave beside the agreement."""
        return [*LOSSES, *(["pairs"] if self._pairs is not None else [])]

    def mean(self, name: str, dim: int) -> float | None:
        """The mean of a measure over seeds, or None."""
        found = self._found.get((name, dim))
        return fmean(found) if found else None

    def prefix_measures(self, dims: list[int]) -> dict[str, Values]:
        """The agreement, and the score on pairs, of the narrower tables within the widest one."""
        if self._widest is None:
            return {}
        vectors = self._widest.vectors
        measures: dict[str, Values] = {}
        for name, turned in (("first columns", vectors), ("principal columns", principal(vectors))):
            parts = list(prefixes(turned, dims))
            lacking: Values = [None] * (len(dims) - len(parts))
            measures[name] = [*map(self._held_out.agreement, parts), *lacking]
            if self._pairs is not None:
                measures[f"pairs, {name}"] = [*map(self._pair_score, parts), *lacking]
        return measures

    def remarks_on_epochs(self, dim: int) -> list[str]:
        """Say where the held-out loss at `dim` was least before the last epoch."""
        losses = self._histories.get(dim, [])
        if not losses or losses[-1] < RISEN * min(losses):
            return []
        best = int(np.argmin(losses)) + 1
        return [
            f"at {dim} the held-out loss is least after epoch {best} of {len(losses)}: {min(losses):.4g}, "
            f"against {losses[-1]:.4g} at the end"
        ]

    def _train(self, dim: int, seed: int) -> Table:
        options: dict[str, Any] = {"threads": self._threads, "progress": False}
        if isinstance(self._recipe, Word2Vec | FastText):  # the others have no loss of a text
            options["validation"] = self._text.held_out
        table: Table = replace(self._recipe, dim=dim, seed=seed).fit(
            self._text.train, vocabulary=self._keys, **options
        )
        if table.metadata["interrupted"]:
            raise KeyboardInterrupt
        return table

    def _remember(self, table: Table, dim: int) -> None:
        histories = table.metadata.get("held_out_losses") or [], table.metadata["losses"]
        for name, losses in zip(LOSSES, histories, strict=True):
            if losses and math.isfinite(losses[-1]):
                self._found.setdefault((name, dim), []).append(losses[-1])
        self._histories.setdefault(dim, list(histories[0]))
        if self._pairs is not None and (score := self._pair_score(table.vectors)) is not None:
            self._found.setdefault(("pairs", dim), []).append(score)

    def _pair_score(self, vectors: Vectors) -> float | None:
        if self._pairs is None:
            return None
        table = Table.from_arrays(self._keys.keys, vectors)
        return similarity(table, self._pairs, bootstrap=0).spearman
