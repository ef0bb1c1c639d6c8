"""TextGenerator: a language model with an LSTM or a small Transformer over word rows."""

from __future__ import annotations

import math
import os
import time
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
import torch

from rowspace.errors import CorpusError
from rowspace.nn import optim
from rowspace.nn.row_rates import freeze_rows
from rowspace.table import Table
from rowspace.tasks.generation.encoding import Ids, Rules, encode, learn_words
from rowspace.tasks.generation.generation_model import GenerationModel
from rowspace.tasks.generation.learner import LanguageLearner
from rowspace.tasks.generation.network import Body, Loss, Sizes
from rowspace.tasks.generation.stretches import Stretches
from rowspace.tasks.networks import Checkpoint, Plan, Training, fingerprint, own_settings, scaled, table_sum
from rowspace.training.option import option
from rowspace.training.ranges import check_choice, check_integer, check_real, check_unused
from rowspace.training.settings import Settings
from rowspace.vocabulary import Words

Pretrained = Literal["tuned", "frozen"]
WARMUP = 0.05  # the share of all steps in which the learning rate rises
# A full softmax pushes every rare row away from every position by next to nothing, which Adam would scale up
# to whole steps: with 1e-8 all rare rows drift together, and validation perplexity is some per cent higher.
EPS_OF_FULL = 1e-5
HELD_OUT = 20  # one id in so many, the last of the text, where patience has no validation text


@dataclass(frozen=True)
class TextGenerator:
    """The hyper-parameters of a language model; `fit` trains.

    The model reads a text word by word, and says how likely each word is to come next. A word without a row
    of its own is the unknown word, which is never generated, and the end of a sentence is a key like any
    other. Training reads `batch` places of the text side by side, a stretch of `length` words at a time;
    the states of an LSTM go on from stretch to stretch (Zaremba et al. 2014).

    >>> text = ["the cat sat on the mat", "the dog lay on the rug"] * 30
    >>> recipe = TextGenerator(dim=16, hidden=16, batch=4, length=7, epochs=8, learning_rate=0.02)
    >>> model = recipe.fit(text, threads=1)
    >>> model.complete("the cat", temperature=0)
    'the cat sat on the mat'
    """

    network: Body = option(
        "recurrent",
        "recurrent: an LSTM, whose states reach back as far as they hold; transformer: attention over "
        "`length` words.",
    )
    dim: int = option(256, "Values in a word's row.")
    hidden: int = option(256, "Units of an LSTM layer, or of the wide layer of a Transformer block.")
    layers: int = option(1, "LSTM layers, or blocks of the Transformer.")
    dropout: float = option(0.1, "The share of values dropped in training before and behind each layer.")
    loss: Loss = option(
        "sampled",
        "full: each word against all others; sampled: against `samples` that are drawn; adaptive: rare "
        "words in clusters with short rows.",
    )
    samples: int = option(1000, "Words drawn a step, shared by all its positions; for loss sampled alone.")
    tied: bool = option(True, "Use the rows that are read for the chances too.")
    pretrained: Pretrained = option("tuned", "What becomes of a table's rows: tuned or frozen.")
    num_keys: int = option(20_000, "The most words with a row of their own, the two special ones among them.")
    min_count: int = option(2, "A word needs this many occurrences to have a row of its own.")
    lowercase: bool = option(False, "Turn text to lower case.")
    pattern: str | None = option(
        None, "What a word is, as a regular expression; default: all between blanks."
    )
    length: int = option(35, "Words of a stretch, through which gradients go back.")
    batch: int = option(32, "Places of the text that are read side by side.")
    epochs: int = option(5, "Passes over the text.")
    learning_rate: float = option(0.003, "The highest, for Adam: it rises, then falls in a straight line.")
    patience: int | None = option(None, "End after so many epochs without a better validation loss.")
    seed: int = option(1, "Of every random draw; the same seed and threads give the same model.")

    def __post_init__(self) -> None:
        check_choice("network", self.network, ("recurrent", "transformer"))
        check_choice("loss", self.loss, ("full", "sampled", "adaptive"))
        check_choice("pretrained", self.pretrained, ("tuned", "frozen"))
        for name in ("dim", "hidden", "layers", "samples", "min_count", "length", "batch", "epochs"):
            check_integer(name, getattr(self, name), 1)
        if self.loss != "sampled":
            check_unused(self, f"loss={self.loss!r}", "samples")
        check_integer("num_keys", self.num_keys, 3)
        check_real("dropout", self.dropout, 0, 0.99)
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
    ) -> GenerationModel:
        """Learn from a text: whatever open_corpus takes, where each document is a sentence.

        Args:
            train: What to learn from.
            validation: The epoch with the lowest loss on it is kept. Without it, and if `patience` is set,
                the last twentieth of `train` is held out for that.
            table: Rows to begin with, for the words that it knows; their mean length becomes 1, and its dim
                takes the place of `dim`. Frozen ones stay, as input and, if tied, as output.
            threads: PyTorch's; by default as many as it has.
            progress: Show a bar with the time left; by default where standard error is a terminal.
            checkpoint: A file that is written every `checkpoint_minutes` and at the end.
            checkpoint_minutes: Minutes between two checkpoints.
            resume: Go on from the checkpoint if it exists, to the model of an unbroken training.

        Raises CorpusError, RecipeError, FileAccessError, and DivergedError where the loss is not finite.
        """
        begun = time.monotonic()
        settings = Settings(
            threads=threads, progress=progress, resume=resume, checkpoint_minutes=checkpoint_minutes,
            checkpoint=None if checkpoint is None else os.fspath(checkpoint),
        )  # fmt: skip
        words, ids, held_out = self._read(train, validation, settings)
        kept = Checkpoint.opened(
            checkpoint,
            kind="rowspace-text-generator-checkpoint",
            minutes=checkpoint_minutes,
            resume=resume,
            identity={
                "recipe": asdict(self),
                "data": fingerprint([*words.keys, _packed(ids), _packed(held_out)]),
                "table": table_sum(table),
            },
        )
        with own_settings(threads):
            torch.manual_seed(self.seed)
            model = self._model(words, table)
            self._train(model, ids, held_out, kept, settings.shows_progress)
        model.facts.update(tokens=len(ids), seconds=time.monotonic() - begun)
        return model

    @property
    def rules(self) -> Rules:
        """How text becomes words."""
        return Rules(self.lowercase, self.pattern)

    def _read(self, train: Any, validation: Any, settings: Settings) -> tuple[Words, Ids, Ids | None]:
        """The vocabulary, the ids of the text, and those to validate with."""
        how: dict[str, Any] = {"threads": settings.readers, "progress": settings.shows_progress}
        with self.rules.scan(train, **how) as scan:
            words = learn_words(scan, num_keys=self.num_keys, min_count=self.min_count)
            ids = encode(scan, words)
        if len(ids) < 2 * self.length:
            raise CorpusError(
                f"a text must hold at least two stretches, {2 * self.length} words, but this one has "
                f"{len(ids)} with the ends of its sentences; give more text, or a shorter length"
            )
        if validation is not None:
            with self.rules.scan(validation, **how) as scan:
                return words, ids, encode(scan, words)
        if self.patience is None:
            return words, ids, None
        kept = max(2 * self.length, len(ids) - max(1, len(ids) // HELD_OUT))
        return words, ids[:kept], ids[min(kept, len(ids) - 1) :]

    def _model(self, words: Words, table: Table | None) -> GenerationModel:
        """The network before training, with the table's rows in their places."""
        sizes = Sizes(
            self.network, self.dim if table is None else table.dim, self.hidden, self.layers, self.dropout,
            self.loss, self.tied, self.samples, self.length,
        )  # fmt: skip
        model = GenerationModel(words, rules=self.rules, sizes=sizes, facts={"recipe": asdict(self)})
        if table is not None:
            rows = words.find_all(table.keys)
            known = np.flatnonzero(rows >= 0)
            layer = model.network.rows
            with torch.no_grad():
                layer.weight[torch.from_numpy(rows[known])] = torch.from_numpy(scaled(table.vectors)[known])
            if self.pretrained == "frozen":
                freeze_rows(layer, rows[known])
            model.facts["given_rows"] = len(known)
        return model

    def _train(
        self,
        model: GenerationModel,
        ids: Ids,
        held_out: Ids | None,
        checkpoint: Checkpoint | None,
        shows: bool,
    ) -> None:
        """Train the model's network, and note how it went."""
        stretches = Stretches.of(ids, columns=self.batch, length=self.length)
        model.network.begin(stretches.columns)
        learner = LanguageLearner(model.network, stretches, held_out, model.end)
        plan = Plan(self.epochs, self.learning_rate, self.seed, self.patience, WARMUP)
        optimizer = partial(optim.Adam, eps=EPS_OF_FULL) if self.loss == "full" else optim.Adam
        history = Training(
            learner,
            plan,
            optimizer=optimizer,
            checkpoint=checkpoint,
            score_name="log-chance",
            unit=" stretches",
        ).run(shows_progress=shows)
        model.network.begin(1)
        perplexities = [math.exp(-score) for score in history.scores]
        model.facts.update(asdict(history), best_epoch=history.best + 1, perplexities=perplexities)


def _packed(ids: Ids | None) -> str:
    """Ids as a string, to be hashed."""
    return "" if ids is None else ids.tobytes().decode("latin-1")
