"""A linear text model as fastText's supervised ``.bin``, version 12.

fastText counts every n-gram of a text, also those that training has not met and whose rows are zero here.
So the labels of a text come in the same order of chance, but where it has such n-grams their chances lie
closer together; with hierarchical softmax the order may then differ, too.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from rowspace.arrays import RowIds, Vectors
from rowspace.errors import RecipeError, UnwritableKeyError
from rowspace.formats.atomic import atomic_write
from rowspace.formats.fasttext_head import FASTTEXT_ARGS, MAGIC, SUPERVISED, VERSION
from rowspace.formats.fasttext_parts import LABEL, WORD
from rowspace.tasks.classification.fasttext_reading import LABEL_PREFIX
from rowspace.tasks.classification.label_tree import fasttext_tree
from rowspace.tasks.classification.model_file import ModelParts
from rowspace.training.huffman import Paths

ROWS_A_STEP = 1 << 14
MOST_BUCKETS = 1 << 26  # a file of 27 GB at dim 100
LOSSES = {"hierarchical": 1, "softmax": 3, "one-vs-all": 4}
# What means nothing to a supervised model that was trained already: fastText's own defaults.
DEFAULTS = {"ws": 5, "epoch": 5, "minCount": 1, "neg": 5, "lrUpdateRate": 100, "t": 1e-4}


def write(model: ModelParts, path: Path) -> Path:
    """Write a model, wholly or not at all; return the path.

    Raises RecipeError for a model that fastText has no form for, UnwritableKeyError for a word or label
    with a zero byte, FileAccessError.
    """
    shared = _rows_of_buckets(model)
    _check_tree(model)
    entries = b"".join(_entries(model))
    words, labels, dim = len(model.features.words), len(model.labels), model.dim
    needed = 4 * dim * (words + len(shared) + labels)
    with atomic_write(path, needed_bytes=needed) as file:
        file.write(_head(model, len(shared)) + entries)
        _write_shape(file, words + len(shared), dim)
        for block in _blocks(model.vectors[:, :dim], np.concatenate([np.arange(words), shared])):
            file.write(block.data)
        _write_shape(file, labels, dim)
        output = np.zeros((labels, dim), np.float32)  # fastText keeps a row more than the tree has nodes
        output[: len(model.outputs.rows)] = model.outputs.rows[:, :dim]
        file.write(output.data)
    return path


def _head(model: ModelParts, buckets: int) -> bytes:
    rule, words, labels = model.features.rule, len(model.features.words), len(model.labels)
    args = DEFAULTS | {
        "dim": model.dim,
        "wordNgrams": rule.word_ngrams,
        "loss": LOSSES[model.outputs.loss],
        "model": SUPERVISED,
        "bucket": buckets,
        "minn": rule.min_n if rule.has_pieces else 0,
        "maxn": rule.max_n,
    }
    numbers = [int(args[name]) for name in FASTTEXT_ARGS[:-1]]
    form = f"<2i{len(numbers)}id3iqq"
    return struct.pack(
        form, MAGIC, VERSION, *numbers, args["t"], words + labels, words, labels, words, -1
    )  # fmt: skip


def _entries(model: ModelParts) -> Iterator[bytes]:
    """The dictionary, words first."""
    keys = [
        (key, count, WORD)
        for key, count in zip(
            model.features.words.keys, model.row_counts[: len(model.features.words)].tolist(), strict=True
        )
    ]
    keys += [
        (LABEL_PREFIX + label, count, LABEL)
        for label, count in zip(model.labels, model.label_counts.tolist(), strict=True)
    ]
    for key, count, kind in keys:
        data = key.encode("utf-8", "surrogateescape")
        if b"\0" in data:
            raise UnwritableKeyError(f"fastText ends words at a zero byte, and {key!r} has one; leave it out")
        yield data + struct.pack("<xqb", count, kind)


def _rows_of_buckets(model: ModelParts) -> RowIds:
    """The row of each bucket, -1 where no n-gram has one; none at all for a model of words alone."""
    features = model.features
    rule = features.rule
    if rule.word_ngrams == 1 and not rule.has_pieces:
        return np.empty(0, np.int64)
    if rule.buckets > MOST_BUCKETS:
        raise RecipeError(
            f"fastText has a row for every bucket, at most {MOST_BUCKETS:,} here, but the model has "
            f"{rule.buckets:,} buckets; learn it with buckets=2000000"
        )
    codes = features.codes.astype(np.int64)
    rows = np.full((2, rule.buckets), -1)
    rows[codes // rule.buckets, codes % rule.buckets] = features.code_rows
    if ((rows >= 0).all(axis=0) & (rows[0] != rows[1])).any():
        raise RecipeError(
            "fastText has one row for word n-grams and character n-grams of a bucket, but the model has two; "
            "learn it with word_ngrams=1 or with max_n=0"
        )
    found: RowIds = rows.max(axis=0)
    return found


def _check_tree(model: ModelParts) -> None:
    """Raise RecipeError where fastText would build another tree than the model has learned."""
    if model.outputs.loss != "hierarchical":
        return
    expected, own = fasttext_tree(model.label_counts), model.outputs.tree
    if not all(_turns(expected, label) == _turns(own, label) for label in range(len(model.labels))):
        raise RecipeError(
            "fastText builds the tree of labels from their counts, and it would not be the one that this "
            "model has learned; learn it with loss=softmax"
        )


def _turns(tree: Paths, label: int) -> dict[int, float]:
    """The turn that a label's path takes at each node."""
    path = slice(tree.offsets[label], tree.offsets[label + 1])
    return dict(zip(tree.nodes[path].tolist(), tree.codes[path].tolist(), strict=True))


def _write_shape(file: BinaryIO, rows: int, dim: int) -> None:
    file.write(struct.pack("<?qq", False, rows, dim))


def _blocks(vectors: Vectors, rows: RowIds) -> Iterator[Vectors]:
    """The rows, zeros for negative ones, a part at a time."""
    for first in range(0, len(rows), ROWS_A_STEP):
        part = rows[first : first + ROWS_A_STEP]
        block = np.ascontiguousarray(vectors[part], np.float32)
        block[part < 0] = 0
        yield block
