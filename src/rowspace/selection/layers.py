"""The layer of a variant, for models written in PyTorch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rowspace import nn as rnn
from rowspace.arrays import PackedKeys, Vectors
from rowspace.errors import RecipeError
from rowspace.selection.variant import Variant
from rowspace.stores import DenseStore
from rowspace.table import Table
from rowspace.vocabulary import Words


def embedding(
    variant: Variant, keys: Words | PackedKeys | Sequence[str], seed: int, *, padding_idx: int | None = None
) -> rnn.Embedding | rnn.OneHot:
    """The layer that turns row ids into the vectors of a variant; id i is that of keys[i].

    Its vectors have ``layer.embedding_dim`` values. Random rows are normal with standard deviation
    1 / sqrt(dim), drawn from `seed` alone. Pre-trained rows are those of the table, subwords included. Keys
    that it does not know, or whose vector is not finite, are zeros where rows are frozen, and where they
    are tuned begin at random among those known. The padding row is zero and stays so.

    Feed what a one-hot variant gives to a Linear first: that is a lookup, all else writes the vectors out.
    Raises RecipeError if a table knows none of the keys.

    >>> layer = embedding(Variant("random frozen", 4), ["good", "bad"], seed=0)
    >>> layer.weight.shape, layer.weight.requires_grad
    (torch.Size([2, 4]), False)
    """
    words = keys if isinstance(keys, Words) else Words.from_keys(keys)
    if variant.kind == "one-hot":
        return rnn.OneHot(len(words), padding_idx=padding_idx)
    rows = _rows(variant, words, np.random.default_rng(seed))
    if padding_idx is not None:
        rows[padding_idx] = 0
    table = Table(words, DenseStore(rows))
    return rnn.Embedding.from_table(table, freeze=variant.is_frozen, padding_idx=padding_idx)


def _rows(variant: Variant, words: Words, rng: np.random.Generator) -> Vectors:
    """The rows with which a variant begins."""
    shape = (len(words), int(variant.dim or 0))
    if variant.table is None:
        return rng.normal(0, 1 / np.sqrt(shape[1]), shape).astype(np.float32)
    rows: Vectors = np.array(variant.table.lookup(list(words.keys), missing="zero"))
    known = np.isfinite(rows).all(axis=1) & rows.any(axis=1)
    if not known.any():
        raise RecipeError(
            f"a pre-trained variant needs keys that its table knows, but of {len(words)} it knows none; are "
            "both cased and tokenized alike?"
        )
    rows[~known] = 0
    if not variant.is_frozen:
        mean, spread = rows[known].mean(axis=0), rows[known].std(axis=0)
        rows[~known] = rng.normal(mean, spread, (int((~known).sum()), shape[1]))
    return rows
