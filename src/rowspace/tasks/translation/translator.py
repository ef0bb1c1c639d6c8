"""Translator: an encoder-decoder with attention over pieces that both languages share."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import torch

from rowspace.errors import RecipeError
from rowspace.table import Table
from rowspace.tasks.networks import Checkpoint, Plan, Training, fingerprint, own_settings, scaled, table_sum
from rowspace.tasks.translation.copying import Copying
from rowspace.tasks.translation.learning import Learning, Measure, Precision, adam
from rowspace.tasks.translation.lexicon import SPACE, Lexicon
from rowspace.tasks.translation.network import Kind, Sizes
from rowspace.tasks.translation.parallel_text import Pair, Source, read_pairs
from rowspace.tasks.translation.report import load_metrics
from rowspace.tasks.translation.translation_model import TranslationModel
from rowspace.training.option import option
from rowspace.training.ranges import check_choice, check_integer, check_real, check_unused
from rowspace.training.settings import Settings

FEWEST_PIECES = 32
LONGEST_GRADIENT = 1.0


@dataclass(frozen=True)
class Translator:
    """The hyper-parameters of the translator; `fit` trains.

    Both languages share one vocabulary of pieces, and one row of a piece serves source, target and output
    (Press & Wolf, 2017; Vaswani et al., 2017). "recurrent" is a GRU that reads in both directions, and two
    that write with attention between them (Bahdanau et al., 2015); "transformer" is normalised before each
    part (Xiong et al., 2020).

    >>> pairs = [("good day", "guten Tag"), ("good night", "gute Nacht"), ("day and night", "Tag und Nacht")]
    >>> recipe = Translator(dim=32, dropout=0.0, pieces=60, epochs=40, learning_rate=0.02)
    >>> model = recipe.fit(pairs, threads=1)
    >>> model.predict(["good night", "day and night"], beam=2)
    ['gute Nacht', 'Tag und Nacht']
    """

    backward: bool = option(False, "Translate from the second text of each pair to the first.")
    network: Kind = option("recurrent", "recurrent (GRUs, the light one) or transformer.")
    dim: int = option(256, "Values of a row, and of each state of the network.")
    layers: int = option(1, "Layers of the reader; a transformer has as many that write.")
    heads: int = option(4, "Of each attention; they divide dim.")
    attention: bool = option(True, "Without it the writer has the reader's last state alone.")
    tied: bool = option(True, "Source, target and output have the same rows.")
    pieces: int = option(4000, "The most pieces in the vocabulary that both languages share.")
    dropout: float = option(0.2, "The share of values dropped between the parts.")
    smoothing: float = option(0.1, "The share of each target's probability that all pieces share evenly.")
    batch: int = option(1000, "Pieces of the targets in a batch.")
    epochs: int = option(16, "Passes over the pairs.")
    learning_rate: float = option(0.002, "At its highest, for Adam; falls to zero in a straight line.")
    warmup: float = option(0.1, "The share of all steps in which the learning rate rises from zero.")
    patience: int | None = option(None, "End after so many epochs without a better score on validation data.")
    measure: Measure = option("bleu", "What the best epoch is best in on validation data: bleu or loss.")
    precision: Precision = option(
        "auto", "Of products in training: float32, bfloat16, or auto (bfloat16 where the processor has it)."
    )
    seed: int = option(1, "Of every random draw; the same seed and threads give the same model.")

    def __post_init__(self) -> None:
        check_choice("network", self.network, ("transformer", "recurrent"))
        check_integer("dim", self.dim, 1, 65_536)
        check_integer("layers", self.layers, 1, 1000)
        check_integer("heads", self.heads, 1, self.dim)
        if self.dim % self.heads:
            raise RecipeError(
                f"heads must divide dim, but are {self.heads} and {self.dim}; choose a multiple of "
                f"{self.heads}"
            )
        if not self.attention and self.network == "transformer":
            raise RecipeError('a transformer is made of attention; use network="recurrent" to go without')
        if not self.attention:
            check_unused(self, "a network without attention", "heads")
        check_integer("pieces", self.pieces, FEWEST_PIECES, 1 << 24)
        check_real("dropout", self.dropout, 0, 0.99)
        check_real("smoothing", self.smoothing, 0, 0.99)
        check_integer("batch", self.batch, 1)
        check_integer("epochs", self.epochs, 1)
        check_real("learning_rate", self.learning_rate, 0, 100, above_low=True)
        check_real("warmup", self.warmup, 0, 0.99)
        if self.patience is not None:
            check_integer("patience", self.patience, 1)
        check_choice("measure", self.measure, ("bleu", "loss"))
        check_choice("precision", self.precision, ("auto", "float32", "bfloat16"))
        check_integer("seed", self.seed, 0, (1 << 32) - 1)

    def fit(
        self,
        train: Source,
        *,
        validation: Source | None = None,
        table: Table | None = None,
        threads: int | None = None,
        progress: bool | None = None,
        checkpoint: str | os.PathLike[str] | None = None,
        checkpoint_minutes: float = 1.0,
        resume: bool = False,
    ) -> TranslationModel:
        """Learn from pairs: a file of parallel text, two files (a tuple), or an iterable; see `read_pairs`.

        Args:
            train: What to learn from.
            validation: The epoch with the best score on it is kept.
            table: Rows to begin with, of `dim` values, by pieces as `to_table` gives them, or by words: a
                piece is looked up as it is, and then without the sign for its space.
            threads: PyTorch's; by default as many as it has.
            progress: Show a bar with the time left; by default where standard error is a terminal.
            checkpoint: A file that is written every `checkpoint_minutes`, and at the end.
            checkpoint_minutes: The least time between two.
            resume: Go on from the checkpoint if it exists, to the model of an unbroken training.

        Raises CorpusError, RecipeError, FileAccessError, MissingExtraError without the tokenizers library, or
        without sacreBLEU where BLEU is wanted, and DivergedError where the loss is not finite.
        """
        settings = Settings(
            threads=threads, progress=progress, resume=resume,
            checkpoint=None if checkpoint is None else os.fspath(checkpoint),
        )  # fmt: skip
        pairs = read_pairs(train, backward=self.backward)
        checked = [] if validation is None else read_pairs(validation, backward=self.backward)
        self._check_validation(checked)
        identity = {
            "recipe": asdict(self), "data": _fingerprint(pairs), "validation": _fingerprint(checked),
            "table": table_sum(table),
        }  # fmt: skip
        kept = Checkpoint.opened(
            checkpoint, kind="rowspace-translator-checkpoint", minutes=checkpoint_minutes, resume=resume,
            identity=identity,
        )  # fmt: skip
        with own_settings(threads):
            torch.manual_seed(self.seed)
            model = self._model(pairs)
            if table is not None:
                _give_rows_(model, table)
            return self._trained(model, pairs, checked, kept, settings.shows_progress)

    def _check_validation(self, checked: Sequence[Pair]) -> None:
        if self.patience is not None and not checked:
            raise RecipeError("patience needs a score, but there is no validation data; give some")
        if checked and self.measure == "bleu":
            load_metrics()

    def _model(self, pairs: Sequence[Pair]) -> TranslationModel:
        """The network before training."""
        sizes = Sizes(
            network=self.network,
            dim=self.dim,
            layers=self.layers,
            heads=self.heads if self.attention else 0,
            dropout=self.dropout,
            tied=self.tied,
        )
        lexicon = Lexicon.learn((text for pair in pairs for text in pair), self.pieces)
        facts = {"recipe": asdict(self), "pairs": len(pairs)}
        return TranslationModel(
            lexicon, Copying.learn(pairs), sizes=sizes, backward=self.backward, facts=facts
        )

    def _trained(
        self,
        model: TranslationModel,
        pairs: Sequence[Pair],
        checked: Sequence[Pair],
        checkpoint: Checkpoint | None,
        shows_progress: bool,
    ) -> TranslationModel:
        """The model after training."""
        learning = Learning.of(
            model, pairs, validation=checked, measure=self.measure, batch_pieces=self.batch,
            smoothing=self.smoothing, precision=self.precision, seed=self.seed,
        )  # fmt: skip
        plan = Plan(
            epochs=self.epochs,
            learning_rate=self.learning_rate,
            seed=self.seed,
            patience=self.patience,
            warmup=self.warmup,
            longest_gradient=LONGEST_GRADIENT,
        )
        name = "BLEU" if self.measure == "bleu" else "-loss"
        training = Training(learning, plan, optimizer=adam, checkpoint=checkpoint, score_name=name)
        history = training.run(shows_progress=shows_progress)
        model.facts.update(asdict(history), best_epoch=history.best + 1)
        return model


@torch.no_grad()
def _give_rows_(model: TranslationModel, table: Table) -> None:
    """Put the table's rows in the places of their pieces, on both sides where these are apart."""
    rows = {key: row for row, key in enumerate(table.keys)}
    found = [rows.get(piece, rows.get(piece.removeprefix(SPACE), -1)) for piece in model.lexicon.pieces.keys]
    if table.dim != model.sizes.dim:
        raise RecipeError(
            f"a table's rows must have dim values, but have {table.dim} and dim is {model.sizes.dim}; set "
            f"dim={table.dim}"
        )
    places = [place for place, row in enumerate(found) if row >= 0]
    vectors = torch.from_numpy(scaled(table.vectors[[found[place] for place in places]]))
    for layer in (model.network.source, model.network.target):
        layer.weight[places] = vectors


def _fingerprint(pairs: Sequence[Pair]) -> str:
    return fingerprint(text for pair in pairs for text in pair)
