"""Word2Vec: skip-gram and CBOW (Mikolov et al. 2013)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Unpack

from rowspace.table import Table
from rowspace.training.fitting import fit, start
from rowspace.training.reading import Reading, VocabularyRules
from rowspace.training.run import Prepared
from rowspace.training.settings import FitOptions, Settings
from rowspace.training.size import sized, usual_combination
from rowspace.training.spans import TokenSpans
from rowspace.training.steps import num_outputs, state_of, step_of
from rowspace.training.window_recipe import WindowRecipe, check
from rowspace.vocabulary import Words


@dataclass(frozen=True)
class Word2Vec(WindowRecipe):
    """The hyper-parameters of word2vec; `fit` trains.

    Skip-gram or CBOW, with negative samples or a Huffman tree (hierarchical softmax). The corrected
    gradient of CBOW is that of Irsoy et al. 2021.

    >>> table = Word2Vec(dim=8, min_count=1, subsample=0).fit([["a", "rose", "is", "a", "rose"]] * 20)
    >>> table.shape, sorted(table.keys)
    ((3, 8), ['a', 'is', 'rose'])
    """

    def __post_init__(self) -> None:
        check(self)

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

        def prepare(reading: Reading) -> Prepared:
            recipe = sized(self, reading.figures["kept"])
            if recipe.loss == "negatives":  # else context rows belong to no word
                recipe = replace(recipe, combine=recipe.combine or usual_combination(recipe))
            return recipe._prepare(reading, initial)

        return fit(self, corpus, VocabularyRules.of(self, special, vocabulary), Settings(**options), prepare)

    def _prepare(self, reading: Reading, initial: Table | None) -> Prepared:
        outputs = num_outputs(self, len(reading.words))
        matrices, taken = start(reading, dim=self.dim, seed=self.seed, initial=initial, outputs=outputs)
        matrices = replace(matrices, state=state_of(self, initial))
        return Prepared(
            recipe=self,
            vocabulary=reading.words,
            matrices=matrices,
            step=step_of(self, matrices, reading.counts),
            stream=TokenSpans(reading.stream),
            figures=reading.figures,
            fingerprint=reading.fingerprint,
            initial_rows=taken,
            combine=self.combine or "center",
        )
