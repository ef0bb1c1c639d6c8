"""Word2Vec: skip-gram with negative sampling (Mikolov et al. 2013)."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Unpack, get_args

from rowspace.errors import RecipeError
from rowspace.table import Table
from rowspace.training.fitting import fit, start
from rowspace.training.ranges import check_choice, check_integer, check_real
from rowspace.training.reading import Reading, VocabularyRules
from rowspace.training.run import Prepared
from rowspace.training.settings import FitOptions, Settings
from rowspace.training.spans import TokenSpans
from rowspace.training.steps import skipgram_step
from rowspace.vocabulary import Missing, Words


def _option(default: Any, text: str) -> Any:
    return field(default=default, metadata={"help": text})


@dataclass(frozen=True)
class Word2Vec:
    """The hyper-parameters of skip-gram with negative sampling; `fit` trains.

    >>> table = Word2Vec(dim=8, min_count=1, subsample=0).fit([["a", "rose", "is", "a", "rose"]] * 20)
    >>> table.shape, sorted(table.keys)
    ((3, 8), ['a', 'is', 'rose'])
    """

    dim: int = _option(100, "Values in a vector, 1 to 65536.")
    window: int = _option(5, "Context tokens on each side; nearer ones count more.")
    negatives: int = _option(5, "Noise rows for each pair of center and context.")
    epochs: int = _option(5, "Passes over the corpus.")
    min_count: int = _option(5, "A key needs this many occurrences to get a row.")
    max_size: int | None = _option(None, "Rows at most; the most frequent keys get them. Default: no limit.")
    subsample: float = _option(1e-3, "Keys with a larger share of the corpus are thinned out; 0 keeps all.")
    learning_rate: float = _option(0.025, "At the start; falls in a straight line.")
    final_learning_rate: float = _option(1e-4, "At the end; not above the learning rate.")
    noise_exponent: float = _option(0.75, "A noise row is drawn in proportion to its count to this power.")
    seed: int = _option(1, "Of every random draw; the same seed and one thread give the same rows.")
    unknown: Missing = field(
        default="raise",
        metadata={"help": "For unknown keys: raise, unknown (a row trained on all rare keys), zero or skip."},
    )
    unknown_key: str = _option("<unk>", "The name of the row for unknown keys, where unknown is 'unknown'.")

    def __post_init__(self) -> None:
        check_integer("dim", self.dim, 1, 65_536)
        check_integer("window", self.window, 1, 1_000)
        check_integer("negatives", self.negatives, 1, 1_000)
        check_integer("epochs", self.epochs, 1, 1_000_000)
        check_integer("min_count", self.min_count, 1)
        if self.max_size is not None:
            check_integer("max_size", self.max_size, 1)
        check_real("subsample", self.subsample, 0, 1)
        check_real("learning_rate", self.learning_rate, 0, sys.float_info.max, above_low=True)
        check_real("final_learning_rate", self.final_learning_rate, 0, sys.float_info.max)
        if self.final_learning_rate > self.learning_rate:
            raise RecipeError(
                f"the learning rate must not rise, but learning_rate is {self.learning_rate:g} and "
                f"final_learning_rate {self.final_learning_rate:g}; lower final_learning_rate"
            )
        check_real("noise_exponent", self.noise_exponent, -10, 10)
        check_integer("seed", self.seed, 0, 2**64 - 1)
        check_choice("unknown", self.unknown, get_args(Missing))

    def fit(
        self,
        corpus: Any,
        *,
        initial: Table | None = None,
        vocabulary: Words | None = None,
        special: Sequence[str] = (),
        **options: Unpack[FitOptions],
    ) -> Table:
        """Train a table on `corpus`: a Corpus, or a path, folder, glob or iterable for open_corpus.

        Args:
            corpus: What to learn from.
            initial: A table whose rows (and context rows, if any) are the start for the keys it knows.
            vocabulary: Train these keys instead of counting out new ones; min_count, max_size, unknown
                and `special` are then not asked.
            special: Keys that get the first rows even if the corpus does not hold them.
            options: How to run: FitOptions says what there is.

        Ctrl-C ends the training within a fraction of a second and returns what was learned, with an
        InterruptedTrainingWarning and metadata["interrupted"] true; a second one raises.

        Raises RecipeError, CorpusError, FileAccessError, ShapeError (`initial` of another dim), and
        DivergedError with the last good rows as its `table`.
        """
        rules = self._rules(special, vocabulary)
        return fit(self, corpus, rules, Settings(**options), lambda reading: self._prepare(reading, initial))

    def _rules(self, special: Sequence[str], vocabulary: Words | None) -> VocabularyRules:
        return VocabularyRules(
            min_count=self.min_count,
            max_size=self.max_size,
            unknown=self.unknown,
            unknown_key=self.unknown_key,
            special=special,
            given=vocabulary,
        )

    def _prepare(self, reading: Reading, initial: Table | None) -> Prepared:
        matrices, taken = start(reading, dim=self.dim, seed=self.seed, initial=initial)
        return Prepared(
            vocabulary=reading.words,
            matrices=matrices,
            step=skipgram_step(self, matrices, reading.counts),
            stream=TokenSpans(reading.stream),
            figures=reading.figures,
            fingerprint=reading.fingerprint,
            initial_rows=taken,
        )
