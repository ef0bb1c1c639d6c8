"""FastText: words as bags of character n-grams (Bojanowski et al. 2017), or floret's compact hashing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Unpack

from rowspace.kernels.reference.ngram_hashes import MOST_HASHES
from rowspace.table import Table
from rowspace.training.fitting import fit
from rowspace.training.option import option
from rowspace.training.ranges import check_integer, check_unused
from rowspace.training.reading import Reading, VocabularyRules
from rowspace.training.run import Prepared
from rowspace.training.settings import FitOptions, Settings
from rowspace.training.size import sized
from rowspace.training.spans import TokenSpans
from rowspace.training.steps import Bags, num_outputs, state_of, step_of
from rowspace.training.subword_rows import start_subwords
from rowspace.training.window_recipe import WindowRecipe, check
from rowspace.vocabulary import Words
from rowspace.vocabulary.floret import Floret
from rowspace.vocabulary.ngrams import LONGEST_NGRAM, MOST_BUCKETS, NGrams, check_ngram_bounds
from rowspace.vocabulary.splitters import Splitter
from rowspace.vocabulary.subwords import Subwords


@dataclass(frozen=True)
class FastText(WindowRecipe):
    """The hyper-parameters of fastText; `fit` trains. Words never seen get vectors from their n-grams.

    >>> table = FastText(dim=8, min_count=1, buckets=1_000).fit(["a rose is a rose"] * 50, threads=1)
    >>> "roses" in table, table["roses"].shape
    (True, (8,))
    """

    min_n: int = option(3, "Characters in the shortest n-gram; the marks around a word are two of them.")
    max_n: int = option(6, "Characters in the longest n-gram; 0 for none.")
    buckets: int = option(2_000_000, "Rows that n-grams are hashed to; a table keeps those that it uses.")
    hashes: int = option(
        0, "1 to 4: floret's hashing, words and n-grams in as many of the buckets each; 0: fastText's."
    )

    def __post_init__(self) -> None:
        check(self)
        check_integer("min_n", self.min_n, 0, LONGEST_NGRAM)
        check_integer("max_n", self.max_n, 0, LONGEST_NGRAM)
        check_integer("buckets", self.buckets, 1, MOST_BUCKETS)
        check_integer("hashes", self.hashes, 0, MOST_HASHES)
        check_ngram_bounds(self.min_n, self.max_n, self.buckets)
        check_unused(self, "subwords", "combine")  # context rows belong to words, not to their parts

    def fit(
        self,
        corpus: Any,
        *,
        initial: Table | None = None,
        vocabulary: Words | Subwords | None = None,
        special: Sequence[str] = (),
        **options: Unpack[FitOptions],
    ) -> Table:
        """Train a table on `corpus`: a Corpus, or a path, folder, glob or iterable for open_corpus.

        Args:
            corpus: What to learn from.
            initial: A table to start from. One with the same n-grams gives its rows; of any other, the
                keys that it knows start at its vectors.
            vocabulary: Train these keys instead of counting out new ones; min_count, max_size, unknown
                and `special` are then not asked, nor, for keys with subwords, what says how to make them.
            special: Keys that get the first rows even if the corpus does not hold them.
            options: How to run: FitOptions says what there is.

        The table holds rows for those n-grams that its keys have, and one row of zeros for all others: an
        n-gram that no key has taught nothing.

        Ctrl-C ends the training within a fraction of a second and returns what was learned, with an
        InterruptedTrainingWarning and metadata["interrupted"] true; a second one raises.

        Raises RecipeError, CorpusError, FileAccessError, ShapeError (`initial` of another dim), and
        DivergedError with the last good rows as its `table`.
        """
        given = vocabulary if isinstance(vocabulary, Subwords) else None
        keys = VocabularyRules.of(
            self, special, vocabulary.words if isinstance(vocabulary, Subwords) else vocabulary
        )
        splitter = self.splitter() if given is None else given.splitter

        def prepare(reading: Reading) -> Prepared:
            return sized(self, reading.figures["kept"])._prepare(reading, splitter, initial)

        return fit(self, corpus, keys, Settings(**options), prepare)

    def splitter(self) -> Splitter:
        """What breaks keys into n-grams.

        >>> FastText(max_n=5, buckets=50_000, hashes=2).splitter()
        Floret(min_n=3, max_n=5, buckets=50000, hashes=2, seed=2166136261)
        """
        if self.hashes:
            return Floret(self.min_n, self.max_n, self.buckets, self.hashes)
        return NGrams(self.min_n, self.max_n, self.buckets)

    def _prepare(self, reading: Reading, splitter: Splitter, initial: Table | None) -> Prepared:
        vocabulary = Subwords(reading.words, splitter).compacted()
        matrices, taken = start_subwords(
            vocabulary,
            dim=self.dim,
            seed=self.seed,
            initial=initial,
            outputs=num_outputs(self, len(vocabulary)),
        )
        matrices = replace(matrices, state=state_of(self, initial))
        return Prepared(
            recipe=self,
            vocabulary=vocabulary,
            matrices=matrices,
            step=step_of(self, matrices, reading.counts, Bags.of(vocabulary.bags())),
            stream=TokenSpans(reading.stream),
            figures={**reading.figures, "rows": vocabulary.num_rows},
            fingerprint=reading.fingerprint,
            initial_rows=taken,
        )
