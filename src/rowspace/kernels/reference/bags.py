"""Words as bags of rows: a word's vector is the mean of its rows, and all its rows learn together.

Bag w is bag_ids[bag_offsets[w]:bag_offsets[w + 1]]; where both arrays have length 0, words are plain:
word w is row w. The gradient of a word's vector is added whole to each of its rows, not
divided among them (fastText's rule for unsupervised training, Bojanowski et al. 2017): so the mean moves
as far as the row of a plain word would.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32, Int32, Int64

from rowspace.arrays import Vectors

BagIds = Int32[np.ndarray, "bag_rows"]
BagOffsets = Int64[np.ndarray, "words_plus_1"]  # or of length 0


def pool(
    matrix: Vectors, bag_ids: BagIds, bag_offsets: BagOffsets, words: Int32[np.ndarray, "n"]
) -> Float32[np.ndarray, "n dim"]:
    """The vector of each of `words`, float32 (n, dim); zeros for an empty bag."""
    if len(bag_offsets) == 0:
        plain: Float32[np.ndarray, "n dim"] = matrix[words]
        return plain
    means = np.empty((len(words), matrix.shape[1]), np.float32)
    for n, word in enumerate(words):
        rows = matrix[bag_ids[bag_offsets[word] : bag_offsets[word + 1]]]
        means[n] = rows.sum(axis=0, dtype=np.float64) / max(1, len(rows))
    return means


def add_to_bags_(
    matrix: Vectors,
    bag_ids: BagIds,
    bag_offsets: BagOffsets,
    words: Int32[np.ndarray, "n"],
    moves: Float32[np.ndarray, "n dim"],
) -> None:
    """Add moves[n] to each row of the bag of words[n]; a row that comes twice in a bag gets it twice."""
    if len(bag_offsets) == 0:
        np.add.at(matrix, words, moves)
        return
    for word, move in zip(words, moves, strict=True):
        np.add.at(matrix, bag_ids[bag_offsets[word] : bag_offsets[word + 1]], move)
