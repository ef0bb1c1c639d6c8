"""Where the rows of a linear text model start: at what naive Bayes reads from each.

Hierarchical softmax turns left or right at each node of the labels' tree: there a text is counted for each
turn on the way to its label, instead of for the label, and a turn's share is of the texts that pass the
node.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rowspace import kernels
from rowspace.arrays import Offsets, Vectors
from rowspace.corpus.labelled import LabelledTexts
from rowspace.corpus.labelled.labelled_texts import LabelIds
from rowspace.kernels.reference.naive_bayes import Directions, Shares
from rowspace.tasks.classification.outputs import LabelCounts, Outputs
from rowspace.tasks.classification.text_features import Learned


class Marks(NamedTuple):
    """What texts are counted for: mark m draws means into directions[m], and a share of all texts has it."""

    ids: LabelIds
    offsets: Offsets
    directions: Directions
    shares: Shares


def add_evidence_(
    vectors: Vectors,
    learned: Learned,
    data: LabelledTexts,
    *,
    outputs: Outputs,
    label_counts: LabelCounts,
    first_moving: int,
    evidence: float,
) -> None:
    """Add to each row from `first_moving` on what it says by itself, as if a text had `evidence` such words.

    N-grams met once start where they are: what such a one tells is the label of its only text.
    """
    entries = learned.entries
    kernels.load("naive_bayes").add_evidence_(
        vectors,
        entries.rows,
        entries.offsets,
        *_marks(data, outputs, label_counts),
        first_row=first_moving,
        last_row=learned.num_own,
        evidence=evidence,
    )


def _marks(data: LabelledTexts, outputs: Outputs, label_counts: LabelCounts) -> Marks:
    scaled = outputs.rows / np.maximum(np.square(outputs.rows).sum(axis=1, keepdims=True), 1e-12)
    if outputs.loss != "hierarchical":
        shares = np.asarray(label_counts / len(data), np.float32)
        return Marks(data.label_ids, data.label_offsets, scaled, shares)
    tree = outputs.tree
    turns = (2 * tree.nodes + tree.codes).astype(np.int32)
    lengths = np.diff(tree.offsets)[data.label_ids]
    bounds = np.concatenate([[0], np.cumsum(lengths)])
    places = np.repeat(tree.offsets[data.label_ids] - bounds[:-1], lengths) + np.arange(bounds[-1])
    passing = np.bincount(turns, np.repeat(label_counts, np.diff(tree.offsets)), 2 * len(scaled))
    at_node = np.maximum(passing.reshape(-1, 2).sum(axis=1), 1)  # none where no text has a label below
    shares = (passing / at_node.repeat(2)).astype(np.float32)
    directions = np.stack([scaled, -scaled], axis=1).reshape(2 * len(scaled), -1)
    return Marks(turns[places], bounds[data.label_offsets], directions, shares)
