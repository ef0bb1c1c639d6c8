"""The linear text classifier of fastText, one text at a time (Joulin et al., EACL 2017).

A text is a bag of entries (row r, count c) of size n, all occurrences together. With x = sum c r / n and
the rows W of the outputs, the logits are z = W x. Softmax has one output a label, p = softmax(z), and one
of the text's labels, drawn anew at each visit, is the target; one-vs-all has p = sigmoid(z) and all labels
at once; hierarchical softmax has an output for each inner node of the labels' tree, and p = sigmoid(z) for
the nodes on the path of the drawn label. With targets t and s = rate * (t - p), W += s x' and each row of
the text moves by c s W / n. A shared row stands for c rows that occur nowhere else and so stay equal: it
moves once.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32, Int32, Int64

from rowspace.arrays import Offsets, Vectors
from rowspace.kernels.reference.text_features import EntryCounts, EntryRows, Sizes

SOFTMAX, ONE_VS_ALL, HIERARCHICAL = 0, 1, 2
SMALLEST = 1e-8  # a probability is not taken for less when its logarithm is

Order = Int64[np.ndarray, "visits"]
LabelIds = Int32[np.ndarray, "label_ids"]
PathNodes = Int32[np.ndarray, "n"]
PathCodes = Float32[np.ndarray, "n"]

_BITS = 0xFFFFFFFFFFFFFFFF


def train_texts_(
    vectors: Vectors,
    output: Vectors,
    rows: EntryRows,
    counts: EntryCounts,
    offsets: Offsets,
    sizes: Sizes,
    labels: LabelIds,
    label_offsets: Offsets,
    path_nodes: PathNodes,
    path_codes: PathCodes,
    path_offsets: Offsets,
    order: Order,
    *,
    loss: int,
    first_moving: int,
    first_shared: int,
    rate: float,
    rate_fall: float,
    seed: int,
) -> float:
    """Visit the texts in `order`, moving `vectors` and `output` in place; return the summed loss.

    The rate falls by `rate_fall` with each visit. Rows below `first_moving` stay; those from `first_shared`
    on are shared. Texts without entries are passed over, and but
    for one-vs-all those without labels. `seed` draws the target among several.
    """
    summed = 0.0
    for visit, text in enumerate(order.tolist()):
        entries = slice(offsets[text], offsets[text + 1])
        own = labels[label_offsets[text] : label_offsets[text + 1]]
        if sizes[text] == 0 or (len(own) == 0 and loss != ONE_VS_ALL):
            continue
        taken, count = rows[entries], counts[entries]
        x = (vectors[taken] * count[:, None]).sum(0) / np.float32(sizes[text])
        drawn = own[_draw(seed, visit, len(own))] if len(own) else -1
        if loss == HIERARCHICAL:
            path = slice(path_offsets[drawn], path_offsets[drawn + 1])
            nodes, targets = path_nodes[path], 1 - path_codes[path]
        else:
            nodes, targets = np.arange(len(output)), np.zeros(len(output), np.float32)
            targets[own if loss == ONE_VS_ALL else drawn] = 1
        chances = _chances(output[nodes] @ x, loss)
        likely = chances[drawn] if loss == SOFTMAX else np.where(targets == 1, chances, 1 - chances)
        summed -= float(np.log(np.maximum(likely, SMALLEST)).sum())
        steps = np.float32(rate - visit * rate_fall) * (targets - chances)
        move = steps @ output[nodes] / np.float32(sizes[text])
        output[nodes] += steps[:, None] * x
        moves = taken >= first_moving
        often = np.where(taken >= first_shared, np.float32(1), count)
        vectors[taken[moves]] += often[moves, None] * move
    return summed


def average_texts(
    vectors: Vectors, rows: EntryRows, counts: EntryCounts, offsets: Offsets, sizes: Sizes
) -> Float32[np.ndarray, "texts dim"]:
    """The mean of each text, float32 (texts, dim); zeros for a text without entries."""
    means = np.zeros((len(sizes), vectors.shape[1]), np.float32)
    for text in range(len(sizes)):
        entries = slice(offsets[text], offsets[text + 1])
        if sizes[text]:
            summed = (vectors[rows[entries]] * counts[entries, None]).sum(0)
            means[text] = summed / np.float32(sizes[text])
    return means


def _draw(seed: int, visit: int, choices: int) -> int:
    """SplitMix64 of a counter, its upper half scaled to the choices."""
    bits = (seed + visit * 0x9E3779B97F4A7C15) & _BITS
    bits = ((bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9) & _BITS
    bits = ((bits ^ (bits >> 27)) * 0x94D049BB133111EB) & _BITS
    return (((bits ^ (bits >> 31)) >> 32) * choices) >> 32


def _chances(logits: Float32[np.ndarray, "n"], loss: int) -> Float32[np.ndarray, "n"]:
    if loss == SOFTMAX:
        powers = np.exp(logits - logits.max())
        return np.asarray(powers / powers.sum(), np.float32)
    return np.asarray(1 / (1 + np.exp(-logits)), np.float32)
