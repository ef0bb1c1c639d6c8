"""What every `fit` over a corpus of tokens does: read, prepare, train."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from rowspace.table import Table
from rowspace.training.anchors import hold
from rowspace.training.held_out import HeldOut
from rowspace.training.initial import draw_, take_
from rowspace.training.matrices import Matrices
from rowspace.training.reading import Reading, VocabularyRules, read_corpus
from rowspace.training.run import Prepared, Run, recipe_to_json
from rowspace.training.schedule import generator
from rowspace.training.settings import Settings
from rowspace.training.spans import TokenSpans

Prepare = Callable[[Reading], Prepared]


def fit(recipe: Any, corpus: Any, rules: VocabularyRules, settings: Settings, prepare: Prepare) -> Table:
    """Train a recipe on whatever `open_corpus` takes.

    `prepare` turns the corpus, read and encoded, into rows and the step that trains them, and completes the
    recipe where it left something to the size of the corpus. Raises what
    reading, preparing and training raise.
    """
    started = time.monotonic()
    checkpoint = settings.open_checkpoint()
    if checkpoint is not None:
        # Before the corpus is read, not after; what is left to its size can only be compared then.
        said = {name: value for name, value in recipe_to_json(recipe).items() if value is not None}
        checkpoint.check_same({"recipe": said})
    reading = read_corpus(corpus, rules, threads=settings.readers, progress=settings.shows_progress)
    with reading.stream, ExitStack() as files:
        prepared = hold(
            prepare(reading),
            frozen=settings.frozen,
            anchored=settings.anchored,
            strength=settings.anchor_strength,
        )
        held_out = None
        if settings.validation is not None and isinstance(prepared.stream, TokenSpans):
            held_out = HeldOut.encode(settings.validation, reading.words, threads=settings.readers)
            files.enter_context(held_out)
        return Run(prepared, settings, checkpoint, started, held_out).train()


def start(
    reading: Reading, *, dim: int, seed: int, initial: Table | None, outputs: int | None = None
) -> tuple[Matrices, int]:
    """Matrices for plain words, random or from `initial`, and how many rows that gave.

    Context rows start at zero; `outputs` is their number where it is not that of the words.
    """
    matrices = Matrices.zeros(len(reading.words), dim, outputs=outputs)
    draw_(matrices.center, dim, generator(seed))
    return matrices, 0 if initial is None else take_(matrices, reading.words, initial)
