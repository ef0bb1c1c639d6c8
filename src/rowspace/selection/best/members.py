"""The models that are combined: trained on one part of the corpus, with rows for the same keys."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from rowspace.arrays import Vectors
from rowspace.corpus import EncodedCorpus
from rowspace.selection.best.clock import Clock
from rowspace.selection.best.parts import Part
from rowspace.selection.best.plan import Planned, Recipe
from rowspace.stores import all_rows
from rowspace.table import Table
from rowspace.training import PPMI, Moment
from rowspace.training.settings import FitOptions
from rowspace.vocabulary import Words

PROBES = 50  # the speed is measured on one part in so many, but on as many tokens as these at least
FEWEST_PROBE_TOKENS = 100_000


@dataclass(frozen=True, eq=False)
class Member:
    """A trained model: its table, and what of its rows is used."""

    name: str
    table: Table
    vectors: Vectors  # of the keys


def train(planned: Planned, part: Part, words: Words, clock: Clock, threads: int | None) -> Member:
    """Train one model for all `words`; it ends early where the budget does, but not in its first epoch."""

    def heard(moment: Moment) -> bool:
        clock.show(f"{planned.name}: epoch {moment.epoch:.1f}")
        return clock.is_over and moment.epoch >= 1

    clock.show(f"{planned.name}: training")
    options: FitOptions = {"threads": threads, "progress": False, "context": True}
    if not isinstance(planned.recipe, PPMI):
        options |= {"hooks": [heard]}
    table = planned.recipe.fit(_first(part, planned.shards), vocabulary=words, **options)
    return Member(planned.name, replace(table, context=None, state={}), _vectors(table))


def epoch_seconds(
    recipes: Mapping[str, Recipe], part: Part, words: Words, threads: int | None
) -> dict[str, float]:
    """What an epoch of each recipe should take, measured on a small part of the corpus."""
    shards = max(1, min(PROBES, part.stream.num_tokens // FEWEST_PROBE_TOKENS))
    return {
        name: _measured(recipe, _first(part, shards), words, threads) * shards
        for name, recipe in recipes.items()
    }


def _measured(recipe: Recipe, probe: Part, words: Words, threads: int | None) -> float:
    """Seconds of one epoch without what is compiled once; counting has one epoch."""
    short = recipe if isinstance(recipe, PPMI) else replace(recipe, epochs=1)
    started = time.monotonic()
    table = short.fit(probe, vocabulary=words, threads=threads, progress=False)
    if isinstance(recipe, PPMI):
        return time.monotonic() - started
    return float(table.metadata["training_seconds"])


def _vectors(table: Table) -> Vectors:
    """Center rows; with skip-gram their sum with context rows, as Levy et al. (2015) advise."""
    if table.metadata["recipe"]["name"] != "Word2Vec" or table.context is None:
        return table.vectors
    total: Vectors = table.vectors + all_rows(table.context)
    return total


def _first(part: Part, shards: int) -> Part:
    """The part of the first of so many shards, but not of fewer tokens than a speed can be measured on."""
    shards = min(shards, max(1, part.stream.num_tokens // FEWEST_PROBE_TOKENS))
    if shards == 1:
        return part
    stream: EncodedCorpus = part.stream.shard(0, shards)
    return replace(part, stream=stream)
