"""The cosines of word pairs against what people said of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Bool, Float64, Int64

from rowspace.evaluation.similarity import PairSource, SimilarityReport, as_pairs, pair_cosines, similarity
from rowspace.evaluation.statistics import average_ranks
from rowspace.maps.canvas import COLORS, INK, PALE, Figure, blank, head_, settle_, style_
from rowspace.maps.label_places import Box, place_labels_
from rowspace.maps.lettering import one_line, set_letters_
from rowspace.table import Table

NAMED = 6  # pairs on which table and people differ most
STRIP = 0.07  # of the height, for the pairs of which a word is missing

Pairs = Float64[np.ndarray, "pairs"]


def similarity_scatter(
    table: Table, pairs: PairSource, *, limit: int | None = None, fold_case: bool | None = None, seed: int = 0
) -> Figure:
    """Draw the cosine of each word pair against its human score; Spearman's correlation is in the title.

    `pairs`, `limit` and `fold_case` are those of `evaluation.similarity`, whose report the title quotes,
    with its 95 % bootstrap interval drawn from `seed`. Pairs of which a word is missing are crosses along
    the lower edge, at their human score. Named are the pairs whose two ranks differ most.

    Raises EvaluationError for a malformed or empty test set, and MissingExtraError without matplotlib.

    >>> table = Table.from_arrays(["cup", "mug", "car"], np.array([[1, 0], [1, 0.1], [0, 1]], np.float32))
    >>> pairs = [("cup", "mug", 9), ("cup", "car", 1), ("mug", "car", 2), ("?", "car", 5)]
    >>> figure = similarity_scatter(table, pairs)
    >>> figure.texts[0].get_text(), len(figure.axes[0].collections[0].get_offsets())
    ('pairs: Spearman 1.000...', 3)
    """
    test = as_pairs(pairs)
    report = similarity(table, test, limit=limit, fold_case=fold_case, seed=seed)
    cosines, covered = pair_cosines(table, test, fold=report.case_folded, limit=limit)
    figure = blank(8, 5.2)
    axes = figure.add_subplot()
    style_(axes, x="human score, on the scale of the test set", y="cosine")
    ranked_apart = _ranked_apart(cosines, test.scores, covered)
    floor = _draw(axes, test.scores, cosines, covered)
    axes.scatter(test.scores[ranked_apart], cosines[ranked_apart], s=26, facecolors="none", edgecolors=INK)
    head_(figure, _title(report), *_notes(report, len(ranked_apart)))
    look: Any = {
        "size": 9,
        "color": INK,
        "in_layout": False,
    }  # where they go is known once all else is laid out
    texts = [
        axes.text(0, 0, f"{one_line(test.first[pair])} \N{EN DASH} {one_line(test.second[pair])}", **look)
        for pair in ranked_apart
    ]
    set_letters_(figure)
    settle_(figure)
    points = np.stack([test.scores, cosines], axis=1)
    place_labels_(
        figure, axes, points[ranked_apart], texts, others=points[covered], frame=_frame(axes, floor)
    )
    return figure


def _draw(axes: Any, human: Pairs, cosines: Pairs, covered: Bool[np.ndarray, "pairs"]) -> float:
    """Points for covered pairs; below the returned height, which no point reaches, crosses for the others."""
    num_missing = int((~covered).sum())
    axes.scatter(human[covered], cosines[covered], s=22, color=COLORS[0], alpha=0.65, linewidths=0)
    low, high = (
        (float(cosines[covered].min()), float(cosines[covered].max())) if covered.any() else (0.0, 1.0)
    )
    room = 0.05 * (high - low) or 0.05
    depth = STRIP * (high - low + 2 * room) if num_missing else 0.0
    axes.set_ylim(low - room - depth, high + room)
    axes.margins(x=0.04)
    if num_missing:
        axes.axhline(low - room, color=PALE, linewidth=0.7)
        crosses = {"marker": "x", "s": 22, "color": COLORS[1], "linewidths": 1, "clip_on": False}
        axes.scatter(human[~covered], np.full(num_missing, low - room - depth / 2), **crosses)
    return low - room


def _ranked_apart(
    cosines: Pairs, human: Pairs, covered: Bool[np.ndarray, "pairs"]
) -> Int64[np.ndarray, "named"]:
    """The covered pairs whose ranks on the two sides differ most, if they differ, the worst first."""
    places = np.flatnonzero(covered)
    apart = np.abs(average_ranks(cosines[places]) - average_ranks(human[places]))
    worst = np.argsort(-apart, kind="stable")[:NAMED]
    named: Int64[np.ndarray, "named"] = places[worst[apart[worst] > 0]]
    return named


def _title(report: SimilarityReport) -> str:
    name = one_line(report.name, 40)
    if report.spearman is None:
        return f"{name}: no Spearman correlation"
    interval = report.interval
    spread = "" if interval is None else f" (95 %: {interval[0]:.3f} to {interval[1]:.3f})"
    return f"{name}: Spearman {report.spearman:.3f}{spread}"


def _notes(report: SimilarityReport, num_named: int) -> list[str]:
    """Coverage with the other policy for missing words, why there is no score, and what the names are."""
    others = report.pairs - report.covered
    text = f"{report.covered:,} of {report.pairs:,} pairs covered"
    if others:
        zeros = "" if report.spearman_with_zeros is None else f"{report.spearman_with_zeros:.3f}"
        text += " (the others are crosses" + (f"; Spearman {zeros} with cosine 0 for them)" if zeros else ")")
    named = f"named: the {num_named} pairs that table and people rank most differently" if num_named else ""
    return [line for line in (text, report.note, named) if line]


def _frame(axes: Any, floor: float) -> Box:
    """The inside of the axes above that height, in pixels."""
    left, _, right, top = axes.get_window_extent().extents.tolist()
    return left, float(axes.transData.transform((0, floor))[1]), right, top
