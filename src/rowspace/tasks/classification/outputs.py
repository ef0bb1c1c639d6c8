"""From the mean of a text's rows to the chance of each label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float32, Int64

from rowspace.arrays import Vector, Vectors
from rowspace.kernels.reference.text_classifier import HIERARCHICAL, ONE_VS_ALL, SOFTMAX
from rowspace.training.huffman import Paths, paths

Loss = Literal["softmax", "one-vs-all", "hierarchical"]
CODES: dict[str, int] = {"softmax": SOFTMAX, "one-vs-all": ONE_VS_ALL, "hierarchical": HIERARCHICAL}
TEXTS_A_STEP = 1024  # bounds the memory for the nodes of all labels

Chances = Float32[np.ndarray, "texts labels"]
LabelCounts = Int64[np.ndarray, "labels"]  # how many training texts have each
NO_PATHS = Paths(np.empty(0, np.int32), np.empty(0, np.float32), np.zeros(1, np.int64))


@dataclass(frozen=True, eq=False)
class Outputs:
    """The rows that texts are compared with: one a label, or one an inner node of the labels' tree."""

    loss: Loss
    rows: Vectors
    tree: Paths

    def chances(self, means: Vectors) -> Chances:
        """The chance of each label, float32 (texts, labels).

        They sum to one a text, but with one-vs-all, where each is a chance of its own.
        """
        if self.loss == "hierarchical":
            parts = [self._tree_chances(means[first : first + TEXTS_A_STEP]) for first in self._steps(means)]
            return np.concatenate(parts) if parts else np.empty((0, len(self.tree.offsets) - 1), np.float32)
        logits = means @ self.rows.T
        if self.loss == "one-vs-all":
            return _sigmoid(logits)
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)

    def direction(self, label: int) -> Vector:
        """What a mean is multiplied with for the logit of a label.

        With softmax the logit is what stands out from the mean over labels, since what all have in common
        changes no chance. With hierarchical softmax the sum of the log-odds along the path stands for it.
        """
        if self.loss != "hierarchical":
            row: Vector = self.rows[label]
            return row - self.rows.mean(axis=0) if self.loss == "softmax" else row
        path = slice(self.tree.offsets[label], self.tree.offsets[label + 1])
        return np.asarray((1 - 2 * self.tree.codes[path]) @ self.rows[self.tree.nodes[path]], np.float32)

    @staticmethod
    def _steps(means: Vectors) -> range:
        return range(0, len(means), TEXTS_A_STEP)

    def _tree_chances(self, means: Vectors) -> Chances:
        """The product of the turns along each label's path."""
        logits = (means @ self.rows.T)[:, self.tree.nodes] * (1 - 2 * self.tree.codes)
        turns = np.log(np.maximum(_sigmoid(logits), np.float32(1e-38)))
        return np.exp(np.add.reduceat(turns, self.tree.offsets[:-1], axis=1), dtype=np.float32)


def tree_of(loss: Loss, counts: LabelCounts) -> Paths:
    """The Huffman tree over labels where the loss needs one."""
    return paths(counts) if loss == "hierarchical" else NO_PATHS


def num_outputs(loss: Loss, num_labels: int) -> int:
    """How many rows there are to compare with."""
    return num_labels - 1 if loss == "hierarchical" else num_labels


def _sigmoid(logits: Chances) -> Chances:
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * logits), np.float32)  # never overflows
