"""A linear text model in a file of a given size.

First the rows are turned into the space of the outputs, which loses nothing: what of a row no output sees
changes no chance, so two labels need one value a row, and twenty labels nineteen. Then each value becomes a
byte, and the features that move the logits least, those that training met seldom before others, are left out
until the rest fits. (Joulin et al. 2016 choose by the length of rows alone, which keeps n-grams met once.)
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
from jaxtyping import Float32, Int64

from rowspace.arrays import RowIds, Vectors
from rowspace.errors import RecipeError
from rowspace.tasks.classification.compact_rows import CompactRows
from rowspace.tasks.classification.matrices import padded
from rowspace.tasks.classification.model_file import ModelParts, num_bytes
from rowspace.tasks.classification.outputs import Outputs
from rowspace.tasks.classification.text_features import END_OF_TEXT, TextFeatures
from rowspace.vocabulary import Words

UNITS = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9}
SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(B|kB|MB|GB)")
SLACK = 1024  # bytes for what facts are added, and for the longer numbers of a longer file
SMALLEST_SHARE = 1e-6  # of the largest singular value: below, a direction is rounding
LONGEST_WORD = 65_535  # bytes
LENGTH_BYTES, CODE_BYTES = 2, 4

Kept = Int64[np.ndarray, "kept"]


def bytes_of(size: int | str) -> int:
    """A number of bytes, or a text such as "1MB", "500 kB".

    >>> bytes_of("1.5MB"), bytes_of(2048)
    (1500000, 2048)
    """
    if isinstance(size, str):
        found = SIZE.fullmatch(size.strip())
        if not found:
            raise RecipeError(f'a size must be bytes or a text such as "1MB" or "500kB", but is {size!r}')
        return int(float(found[1]) * UNITS[found[2]])
    if size < 1:
        raise RecipeError(f"a size must be at least a byte, but is {size}")
    return size


def compress(model: ModelParts, size: int) -> ModelParts:
    """The model of at most `size` bytes; RecipeError, which says the least, where none is so small."""
    rows, outputs, seen = _turned(model)
    words = model.features.words
    places = np.concatenate([np.arange(len(words)), model.features.code_rows.astype(np.int64)])
    lengths = np.diff(words.keys.offsets)
    costs = (
        np.concatenate([lengths + LENGTH_BYTES, np.full(len(places) - len(words), CODE_BYTES)])
        + rows.shape[1]
    )
    counts = model.row_counts.astype(np.float64)
    counts[np.bincount(places, minlength=len(rows)) > 1] = 1  # of n-grams met once, which share a row a text
    influence = (np.sqrt(counts) * np.linalg.norm(rows * seen, axis=1))[places]
    influence[: len(words)][lengths > LONGEST_WORD] = -1
    end = words.find(END_OF_TEXT)
    if end >= 0:
        influence[end] = (
            np.inf
        )  # it says how frequent labels are, and a text of unknown words has nothing else
    order = np.argsort(-influence, kind="stable")
    order = order[influence[order] >= 0]
    least = _chosen(model, rows, outputs, kept=order[:0], places=places)
    room = size - num_bytes(least) - SLACK
    num_kept = int(np.searchsorted(np.cumsum(costs[order]), room, side="right"))
    if num_kept == 0:
        needed = num_bytes(least) + SLACK + int(costs[order[:1]].sum())
        raise RecipeError(
            f"this model needs at least {needed:,} bytes, but is to fit into {size:,}; allow more"
        )
    return _chosen(model, rows, outputs, kept=np.sort(order[:num_kept]), places=places)


def _turned(model: ModelParts) -> tuple[Vectors, Outputs, Float32[np.ndarray, "axes"]]:
    """Rows and outputs along the axes that outputs differ along, and how much they do along each."""
    told = model.outputs.rows[:, : model.dim]
    if model.outputs.loss == "softmax":
        told = told - told.mean(axis=0)  # what is added to all logits changes no chance
    _, seen, axes = np.linalg.svd(told, full_matrices=False)
    num_axes = max(int((seen > SMALLEST_SHARE * seen.max(initial=0)).sum()), 1)
    axes = np.ascontiguousarray(axes[:num_axes].T)
    rows = np.ascontiguousarray(model.vectors[:, : model.dim] @ axes)
    return rows, replace(model.outputs, rows=padded(told @ axes)), seen[:num_axes]


def _chosen(model: ModelParts, rows: Vectors, outputs: Outputs, *, kept: Kept, places: RowIds) -> ModelParts:
    """The model of the features `kept`, rising; feature f has the row places[f]."""
    features = model.features
    num_words = int(np.searchsorted(kept, len(features.words)))
    words = Words.from_keys(features.words.keys.take(kept[:num_words]))
    codes = features.codes[kept[num_words:] - len(features.words)]
    code_rows = np.arange(num_words, len(kept), dtype=np.int32)
    compact = CompactRows.from_vectors(rows[places[kept]])
    return replace(
        model,
        features=TextFeatures(words, codes, code_rows, features.rule),
        vectors=padded(compact.vectors()),
        outputs=outputs,
        dim=rows.shape[1],
        row_counts=np.ones(len(kept), np.int32),
        compact=compact,
    )
