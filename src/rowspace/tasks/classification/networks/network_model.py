"""NetworkTextModel: what a NetworkClassifier has learned; it predicts, explains, and is kept in one file."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast, final

import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor

from rowspace.arrays import RowIds
from rowspace.corpus.labelled import open_labelled
from rowspace.errors import CorpusError, FormatError, RecipeError
from rowspace.stores import DenseStore
from rowspace.table import Table
from rowspace.tasks.classification.best_labels import Predicted, best_labels
from rowspace.tasks.classification.explanation import Explanation
from rowspace.tasks.classification.networks.batches import batch_of, in_order
from rowspace.tasks.classification.networks.learner import Loss
from rowspace.tasks.classification.networks.lexicon import UNKNOWN, Encoded, Lexicon, cut
from rowspace.tasks.classification.networks.network import Sizes, TextNetwork
from rowspace.tasks.classification.outputs import Chances
from rowspace.tasks.classification.report import ClassificationReport, report
from rowspace.tasks.networks import load_state_, put_words, state_arrays, tensor_files, words_of
from rowspace.vocabulary import Words

FORMAT = "rowspace-network-classifier"
USUAL_THRESHOLD = 0.5
Logits = Float32[np.ndarray, "texts labels"]


@final
class NetworkTextModel:
    """A fitted network. `facts` are JSON: the recipe, the loss of each epoch, accuracies on validation data.

    >>> from rowspace.tasks.classification.networks import NetworkClassifier
    >>> data = [("good", "what a fine film"), ("bad", "what a dull film")] * 20
    >>> model = NetworkClassifier(dim=8, width=8, epochs=8, batch=4, learning_rate=0.01).fit(data)
    >>> model.labels, model.predict_top(["A fine film!"], 1)[0][0][0]
    (('bad', 'good'), 'good')
    >>> model.explain("a fine film").strongest(1)[0][0]
    'fine'
    """

    def __init__(
        self, lexicon: Lexicon, labels: Sequence[str], *, sizes: Sizes, loss: Loss, facts: Mapping[str, Any]
    ) -> None:
        """A model whose network has learned nothing yet; fit and `load` make trained ones."""
        self.lexicon, self.labels, self.sizes = lexicon, tuple(labels), sizes
        self.loss, self.facts = loss, dict(facts)
        self.network = TextNetwork(lexicon, len(self.labels), sizes).eval()

    def chances(self, texts: Sequence[str]) -> Chances:
        """The chance of each label for each text, float32 (texts, labels).

        Of a long text the first tokens are read, as many as the recipe's `length` says. An empty text has
        what the network makes of no word: chances that depend on no input.
        """
        return self._chances(self.lexicon.encode(_cut_all(texts)))

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
        if threshold is None and self.loss == "one-vs-all":
            threshold = USUAL_THRESHOLD
        read = open_labelled(data)
        return report(self.chances(read.texts), self.labels, read.labels, threshold=threshold)

    def explain(self, text: str, label: str | None = None) -> Explanation:
        """What each token of `text` does for `label`, by default the most likely one.

        A part is how much lower the logit of the label's chance would be without the token, so the parts
        do not add up to the logit. Costs as much as predicting as many texts as there are tokens. Raises
        RecipeError for a label that the model does not know.
        """
        if label is not None and label not in self.labels:
            raise RecipeError(f"label must be one of {', '.join(self.labels[:20])}, but is {label!r}")
        tokens = list(_cut_all([text])[0])[: self.lexicon.length]
        without = [tokens[:place] + tokens[place + 1 :] for place in range(len(tokens))]
        logits = self._logits(self.lexicon.encode([tokens, *without]))
        chances = _chances_of(logits, self.loss)[0]
        place = int(chances.argmax()) if label is None else self.labels.index(label)
        odds = _log_odds(logits, place, self.loss)
        parts = tuple(zip(tokens, (odds[0] - odds[1:]).tolist(), strict=True))
        return Explanation(self.labels[place], float(chances[place]), float(odds[0]), parts)

    def to_table(self) -> Table:
        """The word rows that were learned; where given rows were only used as they are, those."""
        layer, words = self.network.own, self.lexicon.own
        if layer is None or words is None:
            layer, words = self.network.given, self.lexicon.given
        assert layer is not None
        assert words is not None
        first = 0 if words.unknown_row < 0 else words.unknown_row  # the padding lies before it
        keys, counts = words.keys.take(np.arange(first, len(words))), words.counts
        kept = Words.from_keys(
            keys, counts=None if counts is None else counts[first:], unknown_key=words.unknown_key
        )
        rows = layer.to_table().vectors[first:]
        return Table(kept, DenseStore(np.ascontiguousarray(rows)), {"task": "classification", **self.facts})

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the model as one safetensors file, wholly or not at all; return the path."""
        arrays = state_arrays(self.network)
        for name, words in (("own", self.lexicon.own), ("given", self.lexicon.given)):
            if words is not None:
                put_words(arrays, f"{name}.words", words)
        described = {
            "labels": self.labels, "length": self.lexicon.length, "sizes": asdict(self.sizes),
            "loss": self.loss, "facts": self.facts,
        }  # fmt: skip
        return tensor_files.write(Path(path), FORMAT, arrays, {"model": json.dumps(described)})

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> NetworkTextModel:
        """Read a saved model; it predicts the same bytes as the one that was saved.

        Raises FormatError for a damaged or foreign file, FileAccessError for one that cannot be read.
        """
        arrays, metadata = tensor_files.read(Path(path), FORMAT)
        try:
            described = json.loads(metadata["model"])
            own = words_of(arrays, "own.words", unknown_key=UNKNOWN)
            lexicon = Lexicon(own, words_of(arrays, "given.words"), described["length"])
            model = cls(
                lexicon, described["labels"], sizes=Sizes(**described["sizes"]),
                loss=cast("Loss", described["loss"]), facts=described["facts"],
            )  # fmt: skip
            load_state_(model.network, arrays)
        except (KeyError, TypeError, ValueError, RuntimeError, RecipeError) as error:
            raise FormatError(
                Path(path), 8, f"the file contradicts itself: {error}; save it again"
            ) from error
        return model

    def _chances(self, texts: Encoded) -> Chances:
        return _chances_of(self._logits(texts), self.loss)

    @torch.no_grad()
    def _logits(self, texts: Encoded) -> Logits:
        """What the network says of each text, in batches of texts of about one length."""
        logits = np.zeros((len(texts), len(self.labels)), np.float32)
        chosen: RowIds
        for chosen in in_order(texts):
            logits[chosen] = self.network(batch_of(texts, chosen)).numpy()
        return logits


def _chances_of(logits: Logits, loss: Loss) -> Chances:
    scores: Tensor = torch.from_numpy(logits)
    chances: Chances = (scores.softmax(1) if loss == "softmax" else scores.sigmoid()).numpy()
    return chances


def _log_odds(logits: Logits, place: int, loss: Loss) -> Float32[np.ndarray, "texts"]:
    """The logit of a label's chance: with softmax its score above the sum of the others' powers."""
    if loss == "one-vs-all":
        return logits[:, place]
    others = torch.from_numpy(np.delete(logits, place, axis=1)).logsumexp(1).numpy()
    odds: Float32[np.ndarray, "texts"] = logits[:, place] - others
    return odds


def _cut_all(texts: Sequence[str]) -> list[Sequence[str]]:
    """The tokens of each text. Raises CorpusError for what is no list of strings."""
    if isinstance(texts, str):
        raise CorpusError(f"texts must be a list, but are the string {texts!r:.40}; write [text]")
    for place, text in enumerate(texts):
        if not isinstance(text, str):
            raise CorpusError(f"a text must be a string, but text {place} is {type(text).__name__}")
    return [cut(text) for text in texts]
