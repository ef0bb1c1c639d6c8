"""The strongest rows that a corpus gives within a budget: several models, post-processed and combined."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rowspace.arrays import PackedKeys, Vectors
from rowspace.corpus import EncodedCorpus
from rowspace.selection.best.clock import Clock
from rowspace.selection.best.combining import SMALLEST_GAIN, SideBySide, choose_weights
from rowspace.selection.best.evidence import Evidence, PairSets, open_pairs
from rowspace.selection.best.members import Member, epoch_seconds, train
from rowspace.selection.best.parts import Part, encode
from rowspace.selection.best.plan import WEIGHTS, Planned, least_count, model_dim, plan, recipes, usual_dim
from rowspace.selection.best.postprocessing import candidates, units
from rowspace.selection.best.steps import Steps
from rowspace.selection.best.unknown_words import with_subwords
from rowspace.table import Table
from rowspace.training.ranges import check_integer
from rowspace.training.settings import usable_cores
from rowspace.version import __version__
from rowspace.vocabulary import Words, build_words, rows_of_scan

UNCHANGED = "unchanged"


def best(
    corpus: Any,
    budget: float = 10.0,
    *,
    dim: int | None = None,
    pairs: PairSets | None = None,
    seed: int = 1,
    threads: int | None = None,
    progress: bool | None = None,
) -> Table:
    """Make the strongest rows for `corpus` that `budget` minutes allow.

    Args:
        corpus: What to learn from: whatever open_corpus takes.
        budget: Minutes in all. Epochs and models are chosen to fit a speed measured first; what Numba
            compiles once comes on top, and even a tiny budget gives a table.
        dim: Values in a vector. Default: 100, 200 from a million words on, 600 from ten million.
        pairs: Word pairs with scores, as `rowspace.evaluation.similarity` takes: one half, drawn by chance,
            is evidence for the choices, and the other half only reported.
        seed: Of every random draw.
        threads: Workers; by default every core. With one the models are the same in every run.
        progress: Show a bar with the time left; by default where standard error is a terminal.

    Subword and skip-gram models of two seeds and a count-based one are trained on 39 of 40 runs of 1,000
    tokens. Each is post-processed, and all are put side by side with weights and turned to `dim` principal
    axes. Choices are made on the rest of the text (do neighbors tell the word between them?), on word forms
    found by spelling (walk is to walked as talk is to what?), and on `pairs`. `metadata["steps"]` says what
    each step chose and gained. Words without a row of their own have the mean of their n-grams' rows.

    Raises RecipeError, CorpusError, EvaluationError and FileAccessError.

    >>> table = best(["a king rules the land", "a queen rules the town"] * 100, budget=0.01, dim=8, threads=1)
    >>> table.dim, "king" in table, table["kings"].shape
    (8, True, (8,))
    """
    check_integer("dim", 1 if dim is None else dim, 1, 65_536)
    given, workers = open_pairs(pairs), threads or usable_cores()
    with Clock(budget, progress=progress) as clock:
        clock.show("reading")
        stream, keys = encode(corpus, threads=workers)
        with stream:
            text = Text.of(stream, keys)
            evidence = Evidence.gather(text.words, text.held_out, given, seed=seed)
            steps = Steps(evidence, clock)
            size = dim or usual_dim(stream.num_tokens)
            members = _train(text, model_dim(size), seed, threads, clock, steps)
            columns = sum(each.units.shape[1] for each in members)
        return _combined(text, members, dim or min(size, columns), clock, steps)


@dataclass(frozen=True, eq=False)
class Text:
    """A corpus ready for training and judging."""

    learned: Part
    words: Words
    held_out: np.ndarray  # row ids with END behind each document
    figures: dict[str, int]

    @classmethod
    def of(cls, stream: EncodedCorpus, keys: PackedKeys) -> Text:
        """Part the corpus, and choose the keys on what is learned from."""
        learned, held_out = Part.both(stream, keys)
        with learned.scan() as scan:
            words = build_words(scan, min_count=least_count(scan.num_tokens))
            figures = {"tokens": stream.num_tokens, "learned": scan.num_tokens, "rows": len(words)}
        with held_out.scan() as scan, scan.encode(rows_of_scan(scan, words)) as encoded:
            return cls(learned, words, encoded.read(0, encoded.num_ids), figures)


@dataclass(frozen=True, eq=False)
class Prepared:
    """A member with the rows that stand for it, at length one."""

    member: Member
    units: Vectors


def _train(
    text: Text, dim: int, seed: int, threads: int | None, clock: Clock, steps: Steps
) -> list[Prepared]:
    wanted = recipes(dim, text.figures["learned"], seed)
    clock.show("measuring speed")
    costs = epoch_seconds(wanted, text.learned, text.words, threads)
    prepared: list[Prepared] = []
    while planned := plan(wanted, costs, clock.left, at_least_one=not prepared):
        due, started = planned[0], clock.spent
        member = train(due, text.learned, text.words, clock, threads)
        slower = (clock.spent - started) / max(due.seconds, 1e-9)  # than a small part of the text promised
        costs = {name: cost * slower for name, cost in costs.items()}
        del wanted[due.name]
        steps.add(due.name, _described(due), units(member.vectors))
        clock.show(f"{due.name}: post-processing")
        prepared.append(_post_processed(member, text.words, clock, steps))
    return prepared


def _post_processed(member: Member, words: Words, clock: Clock, steps: Steps) -> Prepared:
    """The rows of a member under the map that scores best."""
    choice, found = _choose_map(member.vectors, words, clock, steps.evidence)
    steps.add(f"{member.name}, post-processed", choice, found)
    return Prepared(member, found)


def _choose_map(vectors: Vectors, words: Words, clock: Clock, evidence: Evidence) -> tuple[str, Vectors]:
    """The name of the map that scores best, and the unit vectors that it gives."""
    counts = np.ones(len(words), np.int64) if words.counts is None else words.counts
    choice, found, best_score = UNCHANGED, units(vectors), 0.0
    for mapping in candidates(vectors, counts):
        if clock.is_over:
            break
        tried = units(mapping(vectors))
        score = evidence.score(tried)
        if score > best_score * (1 + SMALLEST_GAIN):
            choice, found, best_score = mapping.name, tried, score
    return choice, found


def _combined(text: Text, members: list[Prepared], dim: int, clock: Clock, steps: Steps) -> Table:
    """One table of all members: weighed, turned to `dim` axes, and post-processed once more."""
    clock.show("combining")
    joint = SideBySide.of([each.units for each in members])
    weights = choose_weights(
        [WEIGHTS[each.member.name] for each in members],
        lambda tried: steps.evidence.score(units(joint.turned(tried, dim))),
        lambda: clock.is_over,
    )
    named = zip(members, weights, strict=True)
    choice = ", ".join(f"{each.member.name} {weight:.2g}" for each, weight in named)
    steps.add("combined", choice, joint.weighed(weights))
    turned = joint.turned(weights, dim)
    steps.add("turned", f"{joint.rows.shape[1]} to {dim} principal axes", units(turned))
    choice, wanted = _choose_map(turned, text.words, clock, steps.evidence)
    alone = max(members, key=lambda each: steps.evidence.score(each.units))
    if steps.evidence.score(alone.units) > steps.evidence.score(wanted):  # too little time for weights, say
        choice, wanted = f"{alone.member.name} alone", alone.units
    steps.add("post-processed", choice, wanted)
    clock.show("unknown words")
    table = with_subwords(wanted, members[0].member.table)
    return replace(table, metadata=_metadata(text, members, clock, steps))


def _metadata(text: Text, members: list[Prepared], clock: Clock, steps: Steps) -> dict[str, Any]:
    """The record of it all: JSON values only."""
    return {
        "recipe": {"name": "best", "budget": clock.seconds / 60},
        "corpus": text.figures,
        "models": [each.member.table.metadata["recipe"] for each in members],
        "steps": steps.record,
        "seconds": round(clock.spent, 3),
        "version": __version__,
    }


def _described(planned: Planned) -> str:
    epochs = getattr(planned.recipe, "epochs", None)
    part = "" if planned.shards == 1 else f", 1 of {planned.shards} parts of the text"
    return (f"{epochs} epochs" if epochs else "counted") + part
