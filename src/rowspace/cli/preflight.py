"""A corpus that says, between counting and training, what the training will take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rowspace.cli.output import note
from rowspace.corpus import Corpus, Scan
from rowspace.kernels.reference.skipgram import FEW_WORDS, LANES, NEGATIVES, num_rounds
from rowspace.training import FastText, Word2Vec
from rowspace.training.settings import usable_cores
from rowspace.training.size import sized
from rowspace.vocabulary import Report, Subwords, build_words, preflight

# Multiply-adds a second and thread: a cautious guess, below half of what one core with AVX-512 was seen
# to do, so that an estimate is more often too long than too short.
OPERATIONS_A_SECOND = 30e9


class Announced:
    """A corpus that prints a pre-flight report once it has been counted."""

    def __init__(self, corpus: Corpus, recipe: Any, *, threads: int | None) -> None:
        """Wrap `corpus`; `threads` None stands for all cores."""
        self._corpus = corpus
        self._recipe = recipe
        self._threads = threads or usable_cores()

    def scan(self, *, threads: int = 1, progress: bool = False) -> Scan:
        """Count every token, and print the report."""
        scan = self._corpus.scan(threads=threads, progress=progress)
        try:
            note(str(self._report(scan)))
        except BaseException:
            scan.close()
            raise
        return scan

    def _report(self, scan: Scan) -> Report:
        recipe = self._recipe
        words = build_words(
            scan,
            min_count=recipe.min_count,
            max_size=recipe.max_size,
            unknown_key=recipe.unknown_key if recipe.unknown == "unknown" else None,
        )
        if isinstance(recipe, FastText):
            parts = Subwords(words, recipe.splitter()).compacted()
            return preflight(scan, words, dim=recipe.dim, center_rows=parts.num_rows)
        if not isinstance(recipe, Word2Vec) or (recipe.model, recipe.loss) != ("skipgram", "negatives"):
            return preflight(scan, words, dim=recipe.dim)  # nobody has measured a rule for the others' time
        speed = self._threads * OPERATIONS_A_SECOND / operations_a_word(recipe)
        epochs = sized(recipe, 0 if words.counts is None else int(words.counts.sum())).epochs
        return preflight(scan, words, dim=recipe.dim, epochs=epochs or 1, words_per_second=speed)

    def shard(self, index: int, count: int) -> Corpus:
        """Part `index` of `count`, which announces nothing."""
        return self._corpus.shard(index, count)

    def __iter__(self) -> Iterator[list[str]]:
        """The documents as tokens."""
        return iter(self._corpus)


def operations_a_word(recipe: Word2Vec) -> float:
    """Multiply-adds of one token: it meets its block's negatives and context rows in three products.

    >>> operations_a_word(Word2Vec(dim=100, window=5, negatives=5))
    17400.0
    """
    rounds = num_rounds(
        recipe.window, recipe.negatives, fixed_window=recipe.fixed_window, num_words=FEW_WORDS
    )
    rows = NEGATIVES * rounds + LANES + 2 * recipe.window
    return float(3 * rows * recipe.dim)
