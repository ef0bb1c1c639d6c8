"""A fitted linear text classifier: predicts, explains, and is kept in one file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, final

import numpy as np

from rowspace import kernels
from rowspace.arrays import Vectors
from rowspace.corpus.labelled import LabelledTexts, open_labelled
from rowspace.corpus.tokenizer import Tokenizer
from rowspace.errors import CorpusError, RecipeError
from rowspace.stores import DenseStore
from rowspace.table import Table
from rowspace.tasks.classification import compression, fasttext_reading, fasttext_writing, model_file
from rowspace.tasks.classification.best_labels import Predicted, best_labels
from rowspace.tasks.classification.explanation import Explanation
from rowspace.tasks.classification.model_file import ModelParts
from rowspace.tasks.classification.outputs import Chances
from rowspace.tasks.classification.report import ClassificationReport, report
from rowspace.tasks.classification.text_features import Entries

TEXTS_A_STEP = 16_384  # bounds the memory for means and chances
USUAL_THRESHOLD = 0.5


@final
@dataclass(frozen=True, eq=False)
class LinearTextModel:
    """What `TextClassifier.fit` learned.

    >>> from rowspace.tasks.classification import TextClassifier
    >>> data = [("good", "what a fine film"), ("bad", "what a dull film")] * 20
    >>> model = TextClassifier(dim=8, epochs=5).fit(data, threads=1)
    >>> model.labels, model.chances(["fine"]).argmax(axis=1)
    (('bad', 'good'), array([1]))
    >>> model.explain("a fine film").strongest(1)[0][0]
    'fine'
    """

    parts: ModelParts

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels in the order of the columns of chances."""
        return self.parts.labels

    @property
    def facts(self) -> Mapping[str, Any]:
        """How it was trained, as JSON values: recipe, losses, accuracies on validation data, seconds."""
        return self.parts.facts

    def chances(self, texts: Sequence[str]) -> Chances:
        """The chance of each label for each text, float32 (texts, labels).

        An empty text has what the end of every text says: about how frequent the labels are.
        """
        _check_texts(texts)
        parts = [np.empty((0, len(self.labels)), np.float32)]
        for first in range(0, len(texts), TEXTS_A_STEP):
            parts.append(
                self.parts.outputs.chances(self._means(self._entries(texts[first : first + TEXTS_A_STEP])))
            )
        return np.concatenate(parts)

    def predict(self, texts: Sequence[str]) -> list[str]:
        """The most likely label of each text."""
        return [self.labels[place] for place in self.chances(texts).argmax(axis=1).tolist()]

    def predict_top(
        self, texts: Sequence[str], k: int | None = None, *, threshold: float = 0.0
    ) -> list[Predicted]:
        """The `k` most likely labels of each text with their chances, of those of at least `threshold`."""
        return best_labels(self.labels, self.chances(texts), k, threshold)

    def evaluate(self, data: Any, *, threshold: float | None = None) -> ClassificationReport:
        """Score the model on labelled texts: a path or pairs, see `open_labelled`.

        Each text is given its most likely label; with one-vs-all, or a `threshold`, all labels of at least
        that chance (0.5). A label never seen in training counts as wrong, and a note says so.
        """
        if threshold is None and self.parts.outputs.loss == "one-vs-all":
            threshold = USUAL_THRESHOLD
        read: LabelledTexts = open_labelled(data)
        means = self._means(self.parts.features.entries(read.block))
        return report(self.parts.outputs.chances(means), self.labels, read.labels, threshold=threshold)

    def explain(self, text: str, label: str | None = None) -> Explanation:
        """What each word of `text` adds to the logit of `label`, by default the most likely one.

        Raises RecipeError for a label that the model does not know.
        """
        if label is not None and label not in self.labels:
            raise RecipeError(f"label must be one of {', '.join(self.labels[:20])}, but is {label!r}")
        chances = self.chances([text])[0]
        place = int(chances.argmax()) if label is None else self.labels.index(label)
        met = self.parts.features.occurrences(_block_of([text]))
        votes = (
            self.parts.vectors[met.rows]
            @ self.parts.outputs.direction(place)
            / np.float32(max(len(met.rows), 1))
        )
        words = np.repeat(met.firsts - np.cumsum(met.lengths) + met.lengths, met.lengths)
        words += np.arange(len(words))
        shares = np.bincount(words, np.repeat(votes / met.lengths, met.lengths), len(met.words))
        parts = tuple(zip(met.words, shares.tolist(), strict=True))
        return Explanation(self.labels[place], float(chances[place]), float(shares.sum()), parts)

    def to_table(self) -> Table:
        """The rows of the words, those of n-grams left out, as a Table."""
        words = self.parts.features.words
        rows = np.ascontiguousarray(self.parts.vectors[: len(words), : self.parts.dim])
        return Table(words, DenseStore(rows), {"task": "classification", **self.facts})

    def save(self, path: str | Path) -> Path:
        """Write the model as one safetensors file, wholly or not at all; return the path."""
        return model_file.write(self.parts, Path(path))

    def compress(self, size: int | str = "1MB", *, validation: Any = None) -> LinearTextModel:
        """A model whose file takes at most `size`: bytes, or a text such as "1MB".

        The rows of all features are turned to what the labels see of them, a byte a value, and the features
        that move the chances least are left out; so `to_table` then has such rows. What that costs is in
        ``facts["compression"]``: with `validation`, labelled texts, the accuracy and the log loss before and
        after. Raises RecipeError where the model cannot be so small.

        >>> from rowspace.tasks.classification import TextClassifier
        >>> data = [("good", "what a fine film"), ("bad", "what a dull film")] * 20
        >>> small = TextClassifier(dim=8).fit(data, threads=1).compress("20kB", validation=data)
        >>> small.facts["compression"]["accuracy"]
        {'before': 1.0, 'after': 1.0}
        """
        small = LinearTextModel(compression.compress(self.parts, compression.bytes_of(size)))
        told: dict[str, Any] = {
            "features": {"before": self._num_features, "after": small._num_features},
        }
        if validation is not None:
            data = open_labelled(validation)
            before, after = (model.evaluate(data) for model in (self, small))
            told["accuracy"] = {"before": before.accuracy, "after": after.accuracy}
            told["log_loss"] = {"before": before.log_loss, "after": after.log_loss}
        return LinearTextModel(replace(small.parts, facts={**self.facts, "compression": told}))

    @property
    def _num_features(self) -> int:
        return len(self.parts.features.words) + len(self.parts.features.codes)

    @classmethod
    def load(cls, path: str | Path) -> LinearTextModel:
        """Read a saved model; it predicts the same bytes as the one that was saved.

        Raises FormatError for a damaged or foreign file, FileAccessError for one that cannot be read.
        """
        return cls(model_file.read(Path(path)))

    @classmethod
    def from_fasttext(cls, path: str | Path) -> LinearTextModel:
        """Read a supervised model of fastText, ``.bin`` or ``.ftz``, packed or not.

        Chances are fastText's, which reports them as p + 1e-5; with one-vs-all it takes sigmoids from a
        table, which is right to 0.008. Raises FormatError, FileAccessError.
        """
        return cls(fasttext_reading.read(Path(path)))

    def to_fasttext(self, path: str | Path) -> Path:
        """Write the model as fastText's ``.bin``; return the path.

        Its n-grams must lie in buckets that fastText can hold: learn it with ``buckets=2_000_000``, and
        with word n-grams or character n-grams but not both. fastText then orders the labels of a text as
        this model does; where a text has n-grams that training has not met, its chances lie closer
        together. Raises RecipeError, UnwritableKeyError, FileAccessError.
        """
        return fasttext_writing.write(self.parts, Path(path))

    def _entries(self, texts: Sequence[str]) -> Entries:
        return self.parts.features.entries(_block_of(texts))

    def _means(self, entries: Entries) -> Vectors:
        means: Vectors = kernels.load("text_classifier").average_texts(
            self.parts.vectors, entries.rows, entries.counts, entries.offsets, entries.sizes
        )
        return means


def _block_of(texts: Sequence[str]) -> Any:
    return Tokenizer(errors="surrogateescape").block_of_documents(texts)


def _check_texts(texts: Any) -> None:
    """Raise CorpusError for what is no list of strings."""
    if isinstance(texts, str):
        raise CorpusError(f"texts must be a list, but are the string {texts!r:.40}; write [text]")
    for place, text in enumerate(texts):
        if not isinstance(text, str):
            raise CorpusError(f"a text must be a string, but text {place} is {type(text).__name__}")
