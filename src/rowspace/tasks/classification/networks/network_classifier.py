"""NetworkClassifier: convolution, recurrence or attention over word rows, and a label for the text."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any, Literal

import torch

from rowspace.arrays import Vectors
from rowspace.corpus.labelled import LabelledTexts, open_labelled
from rowspace.table import Table
from rowspace.tasks.classification.networks.encoders import ENCODERS, EncoderName
from rowspace.tasks.classification.networks.learner import Loss, TextLearner, targets_of
from rowspace.tasks.classification.networks.lexicon import Lexicon, cut, given_rows
from rowspace.tasks.classification.networks.network import Sizes
from rowspace.tasks.classification.networks.network_model import NetworkTextModel
from rowspace.tasks.classification.training_texts import check_labels, hold_out
from rowspace.tasks.networks import Checkpoint, Plan, Training, fingerprint, own_settings, table_sum
from rowspace.training.option import option
from rowspace.training.ranges import check_choice, check_integer, check_real
from rowspace.training.settings import Settings

Pretrained = Literal["both", "frozen", "tuned"]
CHECKPOINT = "rowspace-network-classifier-checkpoint"


@dataclass(frozen=True)
class NetworkClassifier:
    """The hyper-parameters of a text classifier that reads words in their order; `fit` trains.

    Each word has a row; an encoder makes one vector of a text's rows, and one linear map reads it. What
    tells encoders apart is how they look at neighbors: convolution at three to five words at a time (Kim,
    EMNLP 2014), recurrent at all words before and behind, attention at no other word.

    >>> data = [("good", "what a fine film"), ("bad", "what a dull film")] * 20
    >>> recipe = NetworkClassifier(dim=8, width=8, epochs=8, batch=4, learning_rate=0.01)
    >>> recipe.fit(data).predict(["a fine day", "so dull"])
    ['good', 'bad']
    """

    encoder: EncoderName = option(
        "convolution",
        "convolution (filters over 3, 4 and 5 words), recurrent (an LSTM in each direction) or attention "
        "(words weighed by how much they matter).",
    )
    dim: int = option(100, "Values of the word rows that are learned from nothing.")
    width: int = option(
        100, "Units of each part of the encoder: filters of a size, states of a direction, or attention's."
    )
    dropout: float = option(0.5, "The share of values dropped before and behind the encoder.")
    pretrained: Pretrained = option(
        "tuned",
        "What becomes of a table's rows: frozen (used as they are), tuned (learning goes on from them), "
        "both (frozen, beside rows learned from nothing).",
    )
    loss: Loss = option("softmax", "softmax: one label a text; one-vs-all: any number of labels.")
    min_count: int = option(1, "A word needs this many occurrences to have a row of its own.")
    rarity: float = option(
        0.25, "A word met c times is taken for unknown in a share rarity / (rarity + c) of the time."
    )
    length: int = option(512, "Tokens that are read of a text; the rest of a longer one is left out.")
    batch: int = option(50, "Texts in a batch, which are of about one length.")
    epochs: int = option(5, "Passes over the texts; more with fewer texts, fewer with a table.")
    learning_rate: float = option(0.002, "At the start, for Adam; falls to zero in a straight line.")
    patience: int | None = option(
        None, "End after so many epochs without a better validation accuracy, and keep the best."
    )
    seed: int = option(1, "Of every random draw; the same seed and threads give the same model.")

    def __post_init__(self) -> None:
        check_choice("encoder", self.encoder, tuple(ENCODERS))
        check_integer("dim", self.dim, 1, 65_536)
        check_integer("width", self.width, 1, 65_536)
        check_real("dropout", self.dropout, 0, 0.99)
        check_choice("pretrained", self.pretrained, ("both", "frozen", "tuned"))
        check_choice("loss", self.loss, ("softmax", "one-vs-all"))
        check_integer("min_count", self.min_count, 1)
        check_real("rarity", self.rarity, 0, 1e6)
        check_integer("length", self.length, 1, 1 << 20)
        check_integer("batch", self.batch, 1)
        check_integer("epochs", self.epochs, 1)
        check_real("learning_rate", self.learning_rate, 0, 100, above_low=True)
        if self.patience is not None:
            check_integer("patience", self.patience, 1)
        check_integer("seed", self.seed, 0, (1 << 32) - 1)

    def fit(
        self,
        train: Any,
        *,
        validation: Any = None,
        table: Table | None = None,
        threads: int | None = None,
        progress: bool | None = None,
        checkpoint: str | os.PathLike[str] | None = None,
        checkpoint_minutes: float = 1.0,
        resume: bool = False,
    ) -> NetworkTextModel:
        """Learn a model from labelled texts: a path or (label, text) pairs, see `open_labelled`.

        Args:
            train: What to learn from.
            validation: The epoch with the best accuracy on it is kept. With `patience` and without it a
                tenth of the training texts is held out.
            table: Rows to begin with; `pretrained` says how they are used. Their mean length becomes 2.5. A
                table with subwords is also asked for the words of `train` that it has no row for.
            threads: PyTorch's; by default as many as it has.
            progress: Show a bar with the time left; by default where standard error is a terminal.
            checkpoint: A file that keeps the state of the training, also within an epoch.
            checkpoint_minutes: How often it is written; 0: after every step.
            resume: Go on from the checkpoint if it exists; with one thread, to the same model.

        Raises RecipeError, CorpusError, FileAccessError, and DivergedError where the loss is not finite.
        """
        settings = Settings(
            threads=threads, progress=progress, resume=resume,
            checkpoint=None if checkpoint is None else os.fspath(checkpoint),
        )  # fmt: skip
        check_real("checkpoint_minutes", checkpoint_minutes, 0, 1e6)
        data = open_labelled(train)
        held_out = None if validation is None else open_labelled(validation)
        check_labels(data, several=self.loss == "one-vs-all")
        kept = Checkpoint.opened(
            checkpoint, kind=CHECKPOINT, minutes=checkpoint_minutes, resume=resume,
            identity={
                "recipe": self.to_dict(), "data": _fingerprint(data, held_out), "table": table_sum(table)
            },
        )  # fmt: skip
        if held_out is None and self.patience is not None:
            data, held_out = hold_out(data, self.seed)
        with own_settings(threads):
            torch.manual_seed(self.seed)
            return self._trained(data, held_out, table, kept, settings.shows_progress)

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON values."""
        return asdict(self)

    def _trained(
        self,
        data: LabelledTexts,
        held_out: LabelledTexts | None,
        table: Table | None,
        checkpoint: Checkpoint | None,
        shows_progress: bool,
    ) -> NetworkTextModel:
        """The model after training."""
        texts = [cut(text) for text in data.texts]
        model = self._model(data.names, texts, table)
        learner = TextLearner(
            model.network,
            model.lexicon.encode(texts),
            targets_of(data, self.loss),
            self.loss,
            self.batch,
            None if held_out is None else lambda: model.evaluate(held_out).accuracy,
        )
        plan = Plan(self.epochs, self.learning_rate, self.seed, self.patience)
        training = Training(learner, plan, checkpoint=checkpoint, score_name="accuracy")
        history = training.run(shows_progress=shows_progress)
        model.facts.update(asdict(history), best_epoch=history.best + 1, texts=len(data))
        return model

    def _model(
        self, labels: Sequence[str], texts: Sequence[Sequence[str]], table: Table | None
    ) -> NetworkTextModel:
        """The network before training, with the table's rows in their places."""
        given, vectors = (None, None) if table is None else given_rows(table, texts)
        lexicon = Lexicon.of(texts, given, mode=self.pretrained, min_count=self.min_count, length=self.length)
        is_tuned = table is not None and self.pretrained == "tuned"
        sizes = Sizes(
            encoder=self.encoder,
            own_dim=0 if lexicon.own is None else table.dim if table is not None and is_tuned else self.dim,
            given_dim=0 if table is None or is_tuned else table.dim,
            width=self.width,
            dropout=self.dropout,
            rarity=self.rarity,
        )
        facts = {"recipe": self.to_dict()}
        model = NetworkTextModel(lexicon, labels, sizes=sizes, loss=self.loss, facts=facts)
        if given is not None and vectors is not None:
            _give_rows_(model, given.keys, vectors)
        return model


@torch.no_grad()
def _give_rows_(model: NetworkTextModel, keys: Sequence[str], vectors: Vectors) -> None:
    """Put given vectors where the model has places for them."""
    if model.network.given is not None:
        model.network.given.weight.copy_(torch.from_numpy(vectors))
    elif model.network.own is not None and model.lexicon.own is not None:
        rows = model.lexicon.own.find_all(keys)
        model.network.own.weight[torch.from_numpy(rows)] = torch.from_numpy(vectors)


def _fingerprint(data: LabelledTexts, held_out: LabelledTexts | None) -> str:
    """A hash of texts and labels."""
    parts = [data] if held_out is None else [data, held_out]
    return fingerprint(chain.from_iterable([*each.texts, *map(repr, each.labels), "."] for each in parts))
