"""Tagger: a BiLSTM with a CRF over word, shape and character rows (Lample et al.; Ma & Hovy, 2016)."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
import torch

from rowspace.errors import CorpusError, RecipeError
from rowspace.table import Table
from rowspace.tasks.networks import Checkpoint, Plan, Training, fingerprint, own_settings, scaled, table_sum
from rowspace.tasks.tagging.columns import Sentence, Source, read_sentences
from rowspace.tasks.tagging.learner import TaggingLearner
from rowspace.tasks.tagging.lexicon import Lexicon
from rowspace.tasks.tagging.network import Sizes
from rowspace.tasks.tagging.ranges import ranges_of
from rowspace.tasks.tagging.schemes import scheme_of
from rowspace.tasks.tagging.tagging_model import TaggingModel
from rowspace.training.option import option
from rowspace.training.ranges import check_choice, check_integer, check_real
from rowspace.training.settings import Settings
from rowspace.vocabulary import Words

Pretrained = Literal["both", "frozen", "tuned"]
HELD_OUT = 10  # one training sentence in so many, where patience has no validation data


@dataclass(frozen=True)
class Tagger:
    """The hyper-parameters of the tagger; `fit` trains.

    A token is its word's rows, a row for how it is written (Xxx, 00), and a vector from its characters, so
    that a word never met has features too. A bidirectional LSTM reads the sentence, and a linear-chain CRF
    finds the most probable tags among those that the scheme allows. (Lample et al., NAACL 2016; Ma & Hovy,
    ACL 2016.)

    >>> data = [(["in", "Rome"], ["O", "B-LOC"]), (["to", "New", "York"], ["O", "B-LOC", "I-LOC"])] * 20
    >>> model = Tagger(dim=8, filters=8, hidden=8, epochs=6, batch=4, learning_rate=0.02).fit(data)
    >>> model.predict(["to Rome"])
    [[Span(label='LOC', text='Rome', first=1, stop=2, start=3, end=7)]]
    """

    dim: int = option(100, "Values of the word rows that are learned from nothing; 0 for none.")
    filters: int = option(50, "Values of the vector that a word's characters give; 0 for none.")
    hidden: int = option(100, "Units of the LSTM in each direction.")
    dropout: float = option(0.5, "The share of values dropped before and behind the LSTM.")
    pretrained: Pretrained = option(
        "both",
        "What becomes of a table's rows: frozen (used as they are), tuned (learning goes on from them), "
        "both (frozen, beside rows learned from nothing).",
    )
    min_count: int = option(1, "A word needs this many occurrences to have a row of its own.")
    batch: int = option(32, "Sentences in a batch.")
    epochs: int = option(12, "Passes over the sentences.")
    learning_rate: float = option(0.005, "At the start, for Adam; falls to zero in a straight line.")
    patience: int | None = option(None, "End after so many epochs without a better validation F1.")
    seed: int = option(1, "Of every random draw; the same seed and threads give the same model.")

    def __post_init__(self) -> None:
        check_integer("dim", self.dim, 0, 65_536)
        check_integer("filters", self.filters, 0, 65_536)
        check_integer("hidden", self.hidden, 1, 65_536)
        check_real("dropout", self.dropout, 0, 0.99)
        check_choice("pretrained", self.pretrained, ("both", "frozen", "tuned"))
        check_integer("min_count", self.min_count, 1)
        check_integer("batch", self.batch, 1)
        check_integer("epochs", self.epochs, 1)
        check_real("learning_rate", self.learning_rate, 0, 100, above_low=True)
        if self.patience is not None:
            check_integer("patience", self.patience, 1)
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
    ) -> TaggingModel:
        """Learn from tagged sentences: a file in CoNLL's columns, or an iterable of (tokens, tags).

        Args:
            train: What to learn from, tagged in BIO or BIOES.
            validation: The epoch with the best span F1 on it is kept. Without it, and if `patience` is
                set, a tenth of `train` is held out for that.
            table: Rows to begin with; `pretrained` says how they are used. Their mean length becomes 1. Of a
                table with subwords the vectors of its keys are taken.
            threads: PyTorch's; by default as many as it has.
            progress: Show a bar with the time left; by default where standard error is a terminal.
            checkpoint: A file that the training is kept in, written anew every `checkpoint_minutes` and at
                the end.
            checkpoint_minutes: Minutes between two writings.
            resume: Go on from the checkpoint if it exists; with one thread, to the model of an unbroken
                training.

        Raises CorpusError, RecipeError, FileAccessError, and DivergedError where the loss is not finite.
        """
        settings = Settings(
            threads=threads, progress=progress, resume=resume, checkpoint_minutes=checkpoint_minutes,
            checkpoint=None if checkpoint is None else os.fspath(checkpoint),
        )  # fmt: skip
        sentences = read_sentences(train)
        checked = None if validation is None else read_sentences(validation)
        kept = Checkpoint.opened(
            checkpoint, kind="rowspace-tagger-checkpoint", minutes=checkpoint_minutes, resume=resume,
            identity={
                "recipe": asdict(self), "data": fingerprint(_strings(sentences, checked)),
                "table": table_sum(table),
            },
        )  # fmt: skip
        if checked is None and self.patience is not None:
            sentences, checked = _held_out(sentences, self.seed)
        if checked is not None and not _labels(checked):
            raise CorpusError(
                f"validation needs a labelled span at least, but all tags of {len(checked)} sentences are O; "
                "give other validation data"
            )
        plan = Plan(self.epochs, self.learning_rate, self.seed, self.patience)
        with own_settings(threads):
            torch.manual_seed(self.seed)
            model = self._model(sentences, table)
            learner = TaggingLearner(model, sentences, checked, self.batch)
            training = Training(learner, plan, checkpoint=kept, score_name="F1")
            history = training.run(shows_progress=settings.shows_progress)
        model.facts.update(asdict(history), best_epoch=history.best + 1)
        return model

    def _model(self, sentences: Sequence[Sentence], table: Table | None) -> TaggingModel:
        """The network before training, with the table's rows in their places."""
        labels = _labels(sentences)
        if not labels:
            raise CorpusError(
                f"training needs a labelled span at least, but all tags of {len(sentences)} sentences are O; "
                "look whether the tag is the last column"
            )
        given = None if table is None else Words.from_keys(table.keys)
        tuned = table is not None and self.pretrained == "tuned"
        frozen = table is not None and self.pretrained == "frozen"
        sizes = Sizes(
            dim=table.dim if table is not None and tuned else 0 if frozen else self.dim,
            given_dim=0 if table is None or tuned else table.dim,
            filters=self.filters,
            hidden=self.hidden,
            dropout=self.dropout,
        )
        lexicon = Lexicon.of(sentences, given, tuned=tuned, min_count=self.min_count)
        scheme = scheme_of(tag for each in sentences for tag in each.tags)
        facts = {"recipe": asdict(self), "labels": labels, "sentences": len(sentences)}
        model = TaggingModel(lexicon, labels, sizes=sizes, scheme=scheme, facts=facts)
        if table is not None:
            _give_rows_(model, table)
        return model


@torch.no_grad()
def _give_rows_(model: TaggingModel, table: Table) -> None:
    """Put the table's rows, scaled to a mean length of 1, where the model has places for them."""
    vectors = scaled(table.vectors)
    if model.network.given is not None:
        model.network.given.weight.copy_(torch.from_numpy(vectors))
    elif model.network.own is not None:
        rows = model.lexicon.own.find_all(table.keys)
        model.network.own.weight[torch.from_numpy(rows)] = torch.from_numpy(vectors)


def _labels(sentences: Sequence[Sentence]) -> list[str]:
    """The labels of all spans, in the order of their names."""
    return sorted({label for each in sentences for label, _, _ in ranges_of(each.tags)})


def _held_out(sentences: list[Sentence], seed: int) -> tuple[list[Sentence], list[Sentence]]:
    """The rest, and a tenth chosen at random."""
    count = len(sentences) // HELD_OUT
    if count == 0:
        raise RecipeError(
            f"patience needs {HELD_OUT} sentences to hold one out, but there are {len(sentences)}; give "
            "validation data"
        )
    order = np.random.default_rng(seed).permutation(len(sentences)).tolist()
    return [sentences[each] for each in order[count:]], [sentences[each] for each in order[:count]]


def _strings(*data: Sequence[Sentence] | None) -> Iterator[str]:
    """All that the data says."""
    for sentences in data:
        yield str(None if sentences is None else len(sentences))
        for sentence in sentences or ():
            yield from (str(len(sentence.tokens)), *sentence.tokens, *sentence.tags)
