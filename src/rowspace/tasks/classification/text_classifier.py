"""TextClassifier: the fast linear model of fastText (Joulin et al., EACL 2017)."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from rowspace.corpus.labelled import LabelledTexts, open_labelled
from rowspace.errors import RecipeError
from rowspace.table import Table
from rowspace.tasks.classification.checkpoint import Checkpoint, identity_of
from rowspace.tasks.classification.evidence import add_evidence_
from rowspace.tasks.classification.linear_model import LinearTextModel
from rowspace.tasks.classification.matrices import Matrices, padded_zeros
from rowspace.tasks.classification.model_file import ModelParts
from rowspace.tasks.classification.outputs import LabelCounts, Loss, Outputs, num_outputs, tree_of
from rowspace.tasks.classification.text_features import Learned, NgramRule, learn_features
from rowspace.tasks.classification.training import Plan, Trainer
from rowspace.tasks.classification.training_texts import check_labels, hold_out
from rowspace.tasks.classification.tuning import METRICS, Metric, Search, Tuning, splits_of
from rowspace.tasks.classification.word_rows import WordRows
from rowspace.training.option import option
from rowspace.training.ranges import check_choice, check_integer, check_real
from rowspace.training.settings import Settings

Pretrained = Literal["tuned", "frozen"]


@dataclass(frozen=True)
class TextClassifier:
    """The hyper-parameters of the linear text classifier; `fit` trains.

    A text is the mean of the rows of its words and word n-grams, and, if asked, of its words' character
    n-grams; one linear map reads it. The map starts at random, and each row at what naive Bayes reads from
    it (Wang & Manning 2012), so that training only mends what words say together.

    >>> data = [("good", "what a fine film"), ("bad", "what a dull film")] * 20
    >>> model = TextClassifier(dim=8, epochs=5).fit(data, threads=1)
    >>> model.predict(["a fine day", "so dull"])
    ['good', 'bad']
    """

    dim: int = option(100, "Values in a vector, 1 to 65536.")
    epochs: int = option(10, "Passes over the texts.")
    learning_rate: float = option(0.5, "At the start; falls to zero in a straight line.")
    loss: Loss = option(
        "softmax",
        "softmax: one label a text; one-vs-all: any number of labels; hierarchical: for thousands of labels.",
    )
    word_ngrams: int = option(2, "The longest run of words that has a row; 1 for words alone.")
    min_n: int = option(3, "The shortest character n-gram that has a row, where max_n asks for them.")
    max_n: int = option(0, "The longest one; 0 for none.")
    buckets: int = option(1 << 31, "Into how many numbers n-grams are hashed; only those met take memory.")
    min_count: int = option(1, "A word needs this many occurrences to get a row.")
    label_length: float = option(10.0, "The length, on average, of the rows that labels start from.")
    evidence: float = option(
        6.0, "How many words' evidence, as naive Bayes weighs it, a text starts with; 0 starts rows at zero."
    )
    pretrained: Pretrained = option("tuned", "What becomes of a table's rows: tuned or frozen.")
    patience: int | None = option(
        None, "End after so many epochs without a better validation accuracy, and keep the best."
    )
    seed: int = option(1, "Of every random draw; the same seed and one thread give the same model.")

    def __post_init__(self) -> None:
        check_integer("dim", self.dim, 1, 65_536)
        check_integer("epochs", self.epochs, 1, 100_000)
        check_real("learning_rate", self.learning_rate, 0, 100, above_low=True)
        check_choice("loss", self.loss, ("softmax", "one-vs-all", "hierarchical"))
        check_integer("word_ngrams", self.word_ngrams, 1, 16)
        check_integer("min_n", self.min_n, 1, 64)
        check_integer("max_n", self.max_n, 0, 64)
        if 0 < self.max_n < self.min_n:
            raise RecipeError(
                f"max_n must be 0 or at least min_n = {self.min_n}, but is {self.max_n}; lower min_n"
            )
        check_integer("buckets", self.buckets, 1, 1 << 31)
        check_integer("min_count", self.min_count, 1)
        check_real("label_length", self.label_length, 0, 1e4, above_low=True)
        check_real("evidence", self.evidence, 0, 1e4)
        check_choice("pretrained", self.pretrained, ("tuned", "frozen"))
        if self.patience is not None:
            check_integer("patience", self.patience, 1)
        check_integer("seed", self.seed, 0, (1 << 63) - 1)

    def fit(
        self,
        train: Any,
        *,
        validation: Any = None,
        table: Table | None = None,
        threads: int | None = None,
        progress: bool | None = None,
        checkpoint: str | Path | None = None,
        checkpoint_minutes: float = 1.0,
        resume: bool = False,
    ) -> LinearTextModel:
        """Learn a model from labelled texts: a path or (label, text) pairs, see `open_labelled`.

        Args:
            train: What to learn from.
            validation: Labelled texts that are not trained on; the accuracy on them is measured each epoch.
                With `patience` and without them a tenth of the training texts is held out.
            table: Pre-trained rows of the recipe's dim, for the words it knows.
            threads: Workers; by default every core. More than one give models that differ a little.
            progress: Show a bar; by default where standard error is a terminal.
            checkpoint: A file that keeps the state of the training, written after an epoch where the last
                writing is `checkpoint_minutes` ago.
            checkpoint_minutes: 0 writes it after every epoch.
            resume: Go on from the checkpoint if it exists; with one thread, to the same model.

        Raises RecipeError, CorpusError, FileAccessError, ShapeError (`table` of another dim) and
        DivergedError where the learning rate is too high.
        """
        started = time.monotonic()
        settings = Settings(
            threads=threads, progress=progress, checkpoint=checkpoint, checkpoint_minutes=60.0, resume=resume
        )
        pretrained = WordRows(table, self.pretrained == "frozen")
        pretrained.check(self.dim)
        kept = Checkpoint.opened(checkpoint, minutes=checkpoint_minutes, resume=resume)
        data = open_labelled(train)
        held_out = None if validation is None else open_labelled(validation)
        if held_out is None and self.patience is not None:
            data, held_out = hold_out(data, self.seed)
        check_labels(data, several=self.loss == "one-vs-all")
        plan, parts = self._prepare(data, pretrained, settings)
        model = LinearTextModel(parts)
        trainer = Trainer(
            plan,
            measure=None if held_out is None else lambda: model.evaluate(held_out).accuracy,
            checkpoint=kept,
            identity=identity_of(self.to_dict(), data) if kept else {},
        )
        figures = trainer.run()
        facts = {**parts.facts, "texts": len(data), "rows": len(parts.vectors), **figures}
        return LinearTextModel(replace(parts, facts={**facts, "seconds": time.monotonic() - started}))

    def tune(
        self,
        train: Any,
        *,
        validation: Any = None,
        minutes: float = 5.0,
        trials: int | None = None,
        metric: Metric = "accuracy",
        threads: int | None = None,
        progress: bool | None = None,
    ) -> Tuning:
        """Search for better settings, beginning with these, and tell what was found.

        See `autotune`; the Tuning holds the recipe, its score, and the score of this recipe beside it.
        """
        check_real("minutes", minutes, 0, 1e6, above_low=True)
        check_choice("metric", metric, METRICS)
        if trials is not None:
            check_integer("trials", trials, 1)
        data = open_labelled(train)
        check_labels(data, several=self.loss == "one-vs-all")
        splits = splits_of(data, None if validation is None else open_labelled(validation), self.seed)
        shown = sys.stderr.isatty() if progress is None else progress
        search = Search(
            self,
            splits,
            metric=metric,
            fit=lambda recipe, texts: recipe.fit(texts, threads=threads, progress=False),
        )
        return search.run(seconds=60 * minutes, trials=trials, shows_progress=shown)

    def autotune(
        self,
        train: Any,
        *,
        validation: Any = None,
        minutes: float = 5.0,
        trials: int | None = None,
        metric: Metric = "accuracy",
        threads: int | None = None,
        progress: bool | None = None,
    ) -> TextClassifier:
        """Search for better settings within a time; return the recipe, to be fitted on all texts.

        Tried are dim, epochs, learning_rate, word_ngrams, min_n, max_n, min_count and evidence; the other
        fields stay.

        Args:
            train: Labelled texts.
            validation: What candidates are scored on; without it on tenths of `train` in turn.
            minutes: The search ends about then; a trial that would take longer is not begun.
            trials: The search ends after so many, if the time is not over before.
            metric: accuracy, f1, macro_f1 or log_loss on the validation texts.
            threads: Workers of each training; by default every core.
            progress: Show a bar; by default where standard error is a terminal.

        Raises what `fit` does.

        >>> data = [("good", "what a fine film"), ("bad", "what a dull film")] * 20
        >>> recipe = TextClassifier(dim=8).autotune(data, trials=4, threads=1)
        >>> recipe.fit(data, threads=1).predict(["so dull"])
        ['bad']
        """
        found: TextClassifier = self.tune(
            train,
            validation=validation,
            minutes=minutes,
            trials=trials,
            metric=metric,
            threads=threads,
            progress=progress,
        ).recipe
        return found

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON values."""
        return asdict(self)

    def _prepare(
        self, data: LabelledTexts, pretrained: WordRows, settings: Settings
    ) -> tuple[Plan, ModelParts]:
        """Features, and rows as they start."""
        rule = NgramRule(self.word_ngrams, self.min_n, self.max_n, self.buckets)
        learned = learn_features(data.block, rule, min_count=self.min_count, order_words=pretrained.order)
        label_counts = np.bincount(data.label_ids, minlength=len(data.names))
        first_moving = pretrained.num_frozen(learned.features.words)
        vectors = padded_zeros(learned.num_rows, self.dim)
        pretrained.place_(learned.features.words, vectors)
        outputs = self._outputs(label_counts)
        if self.evidence:
            add_evidence_(
                vectors,
                learned,
                data,
                outputs=outputs,
                label_counts=label_counts,
                first_moving=first_moving,
                evidence=self.evidence,
            )
        facts = {"recipe": self.to_dict()}
        parts = ModelParts(
            learned.features, vectors, outputs, data.names, label_counts, self.dim, learned.row_counts, facts
        )
        return self._plan(data, learned, parts, first_moving=first_moving, settings=settings), parts

    def _outputs(self, label_counts: LabelCounts) -> Outputs:
        """The map as it starts."""
        rows = padded_zeros(num_outputs(self.loss, len(label_counts)), self.dim)
        drawn = np.random.default_rng(self.seed).standard_normal((len(rows), self.dim), np.float32)
        rows[:, : self.dim] = np.float32(self.label_length / self.dim**0.5) * drawn
        return Outputs(self.loss, rows, tree_of(self.loss, label_counts))

    def _plan(
        self,
        data: LabelledTexts,
        learned: Learned,
        parts: ModelParts,
        *,
        first_moving: int,
        settings: Settings,
    ) -> Plan:
        return Plan(
            matrices=Matrices(parts.vectors, parts.outputs.rows),
            learned=learned,
            label_ids=data.label_ids,
            label_offsets=data.label_offsets,
            tree=parts.outputs.tree,
            loss=self.loss,
            epochs=self.epochs,
            learning_rate=self.learning_rate,
            patience=self.patience,
            seed=self.seed,
            first_moving=first_moving,
            threads=settings.workers,
            shows_progress=settings.shows_progress,
        )
