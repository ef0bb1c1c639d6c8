"""PPMI: positive pointwise mutual information, factorised (Levy, Goldberg & Dagan 2015)."""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Unpack, get_args

import numpy as np
from tqdm import tqdm

from rowspace.errors import RecipeError
from rowspace.stores import DenseStore
from rowspace.table import Table
from rowspace.training.counting.cooccurrence import Cooccurrences, Weighting, count_cooccurrences
from rowspace.training.counting.factorising import Factors, factorise, num_products
from rowspace.training.counting.sparse_matrix import SparseMatrix
from rowspace.training.information import positive_information
from rowspace.training.option import option
from rowspace.training.progress import SHOW_AFTER_SECONDS
from rowspace.training.ranges import check_choice, check_integer, check_real
from rowspace.training.reading import Reading, VocabularyRules, read_corpus
from rowspace.training.run import Combine, NothingLearnedWarning, recipe_to_json
from rowspace.training.sampling import keep_thresholds
from rowspace.training.schedule import generator
from rowspace.training.settings import FitOptions, Settings
from rowspace.version import __version__
from rowspace.vocabulary import Missing, Words

NOTHING = (
    "no two keys occur together more often than by chance, so all rows are zero; give longer documents, a "
    "lower min_count or a lower shift"
)


@dataclass(frozen=True)
class PPMI:
    """The hyper-parameters of a count-based model; `fit` counts and factorises.

    >>> table = PPMI(dim=2, min_count=1, subsample=0).fit([["a", "rose", "is", "a", "rose"]] * 20)
    >>> table.shape, sorted(table.keys)
    ((3, 2), ['a', 'is', 'rose'])
    """

    dim: int = option(100, "Values in a vector, 1 to 65536.")
    window: int = option(5, "Context tokens on each side.")
    weighting: Weighting = option(
        "linear", "What a pair at distance d counts: harmonic 1/d; linear, falling evenly; flat 1."
    )
    symmetric: bool = option(True, "Count the tokens before a center too, not only those behind it.")
    min_count: int = option(5, "A key needs this many occurrences to get a row.")
    max_size: int | None = option(None, "Rows at most; the most frequent keys get them. Default: no limit.")
    subsample: float = option(0.0, "Keys with a larger share of the corpus are thinned out; 0 keeps all.")
    smoothing: float = option(0.75, "A context's probability is in proportion to its count to this power.")
    shift: float = option(1.0, "The log of this is taken from each PMI, as if by so many negatives.")
    eigenvalue_power: float = option(0.5, "Singular vectors are multiplied by their values to this power.")
    oversampling: int = option(28, "Dimensions of the random subspace beyond dim.")
    power_iterations: int = option(4, "Turns of the subspace towards the leading singular vectors.")
    memory_gb: float = option(1.0, "Memory that counting may use, in units of 2**30 bytes.")
    combine: Combine = option("sum", "The rows of the table: center, or its sum or mean with context.")
    seed: int = option(1, "Of every random draw; the same seed gives the same rows.")
    unknown: Missing = option(
        "raise", "For unknown keys: raise, unknown (a row for all rare keys), zero or skip."
    )
    unknown_key: str = option("<unk>", "The name of the row for unknown keys, where unknown is 'unknown'.")

    def __post_init__(self) -> None:
        check_integer("dim", self.dim, 1, 65_536)
        check_integer("window", self.window, 1, 1_000)
        check_choice("weighting", self.weighting, get_args(Weighting))
        check_integer("min_count", self.min_count, 1)
        if self.max_size is not None:
            check_integer("max_size", self.max_size, 1)
        check_real("subsample", self.subsample, 0, 1)
        check_real("smoothing", self.smoothing, 0, 1)
        check_real("shift", self.shift, 0, sys.float_info.max, above_low=True)
        check_real("eigenvalue_power", self.eigenvalue_power, 0, 1)
        check_integer("oversampling", self.oversampling, 0, 65_536)
        check_integer("power_iterations", self.power_iterations, 0, 100)
        check_real("memory_gb", self.memory_gb, 0, 2**30, above_low=True)
        check_choice("combine", self.combine, get_args(Combine))
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
        """Make a table of `corpus`: a Corpus, or a path, folder, glob or iterable for open_corpus.

        Args:
            corpus: What to learn from.
            initial: None: a factorisation starts from nothing. Other recipes can start from its table.
            vocabulary: Rows for these keys instead of counting out new ones; min_count, max_size, unknown
                and `special` are then not asked.
            special: Keys that get the first rows even if the corpus does not hold them.
            options: FitOptions. The rows are the same for any number of threads, so `deterministic` changes
                nothing; one pass has no checkpoints.

        Ctrl-C raises at once: there is nothing to return before the end. `metadata["singular_values"]` holds
        the values that the columns were multiplied by a power of.

        Raises RecipeError, CorpusError and FileAccessError.
        """
        settings = _checked(Settings(**options), initial)
        started = time.monotonic()
        rules = VocabularyRules.of(self, special, vocabulary)
        reading = read_corpus(corpus, rules, threads=settings.readers, progress=settings.shows_progress)
        read = time.monotonic()
        with reading.stream, self._count(reading, settings) as pairs:
            information = positive_information(pairs, smoothing=self.smoothing, shift=self.shift)
            rows = pairs.num_rows
            with SparseMatrix.from_cells(information, rows=rows, columns=rows) as matrix:
                factors = self._factorise(matrix, settings)
                figures = {"pairs": pairs.num_cells, "positive_pairs": matrix.num_cells}
        if matrix.num_cells == 0:
            warnings.warn(NOTHING, NothingLearnedWarning, stacklevel=2)
        metadata = _describe(self, reading, factors, settings, started, read) | figures
        return self._table(reading, factors, metadata, with_context=settings.context)

    def _count(self, reading: Reading, settings: Settings) -> Cooccurrences:
        return count_cooccurrences(
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
        )

    def _factorise(self, matrix: SparseMatrix, settings: Settings) -> Factors:
        with tqdm(
            desc="factorising",
            total=matrix.num_cells * num_products(self.power_iterations),
            unit=" cells",
            unit_scale=True,
            disable=not settings.shows_progress,
            delay=SHOW_AFTER_SECONDS,
            dynamic_ncols=True,
        ) as bar:
            return factorise(
                matrix,
                self.dim,
                oversampling=self.oversampling,
                power_iterations=self.power_iterations,
                rng=generator(self.seed),
                threads=settings.readers,
                advance=bar.update,
            )

    def _table(
        self, reading: Reading, factors: Factors, metadata: dict[str, Any], *, with_context: bool
    ) -> Table:
        powers = np.where(factors.values > 0, factors.values, 1) ** np.float32(self.eigenvalue_power)
        center, context = factors.left * powers, factors.right * powers
        vectors = center if self.combine == "center" else center + context
        if self.combine == "mean":
            vectors /= 2
        return Table(
            reading.words, DenseStore(vectors), metadata, DenseStore(context) if with_context else None
        )


def _checked(settings: Settings, initial: Table | None) -> Settings:
    """`settings`, or RecipeError for what a factorisation does not have."""
    refused = ("checkpoint", "validation", "patience", "hooks", "frozen", "anchored")
    given = [name for name in refused if getattr(settings, name)] + ["initial"] * (initial is not None)
    if given:
        raise RecipeError(
            f"PPMI counts and factorises once, without epochs or a start, so it has no {given[0]}; leave it "
            "out, or pass the table that it makes to another recipe as initial"
        )
    return settings


def _describe(
    recipe: PPMI, reading: Reading, factors: Factors, settings: Settings, started: float, read: float
) -> dict[str, Any]:
    """The record of the fit: JSON values only. The corpus was read at `read`, on the monotonic clock."""
    now = time.monotonic()
    return {
        "recipe": recipe_to_json(recipe),
        "corpus": reading.figures,
        "losses": [],
        "epochs_done": 1.0,
        "interrupted": False,
        "initial_rows": 0,
        "threads": settings.readers,
        "deterministic": True,
        "seconds": round(now - started, 3),
        "training_seconds": round(now - read, 3),
        "words_per_second": round(reading.figures["tokens"] / max(now - read, 1e-9)),
        "singular_values": [float(value) for value in factors.values],
        "version": __version__,
    }
