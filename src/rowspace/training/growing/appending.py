"""A table with more rows: the old ones first, bit for bit, and everything that goes with rows longer too."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Int64

from rowspace.arrays import Counts, PackedKeys, Values, Vectors
from rowspace.stores import DenseStore, Store
from rowspace.table import Table
from rowspace.training.growing.new_rows import NewRows
from rowspace.vocabulary import Vocabulary, Words
from rowspace.vocabulary.ngrams import NGrams
from rowspace.vocabulary.splitters import Splitter
from rowspace.vocabulary.subwords import Subwords

PLACES = {"positions"}  # state with a vector for each place in the window, not for each row
RATES = "rates"  # ends the name of state that AdaGrad makes smaller with every step


@dataclass(frozen=True, eq=False)
class _Layout:
    """Where rows lie in the larger store; what is named by neither is a new part's row."""

    num_keys: int
    num_rows: int
    old: Int64[np.ndarray, "old"]  # the place of each old row
    added: Int64[np.ndarray, "added"]  # the place of each new key's own row; none where keys have none


def words_of(vocabulary: Vocabulary) -> Words:
    """The plain keys of any vocabulary."""
    if isinstance(vocabulary, Subwords):
        return vocabulary.words
    assert isinstance(vocabulary, Words)  # there is no third kind
    return vocabulary


def longer_words(words: Words, added: PackedKeys, counts: Counts | None) -> Words:
    """The words with `added` behind them; `counts` of all are added to those they have, if any."""
    total = None
    if words.counts is not None:
        total = np.concatenate([words.counts, np.zeros(len(added), np.int64)])
        total = total if counts is None else total + counts
    return Words.from_keys(
        words.keys.followed_by(added), counts=total, unknown_key=words.unknown_key, missing=words.missing
    )


def append(table: Table, added: PackedKeys, made: NewRows, counts: Counts | None) -> Table:
    """The table with a row of `made` for each key of `added`; `counts` are a text's, of old and new keys.

    Context rows start at the mean of the old ones, or at zero where the key's own row does. AdaGrad's
    rates start at the greatest of each column, that of a row which hardly moved; biases at the mean.
    Context rows that belong to a tree are dropped.
    """
    words = longer_words(words_of(table.vocabulary), added, counts)
    vocabulary, layout = _longer_vocabulary(table.vocabulary, words, added)
    vectors: Vectors = np.zeros((layout.num_rows, table.dim), np.float32)
    vectors[layout.old] = table.store.gather(np.arange(table.store.shape[0]))
    if len(layout.added):
        vectors[layout.added] = made.rows
    return Table(
        vocabulary,
        DenseStore(vectors),
        table.metadata,
        _longer_context(table.context, len(table), made),
        {
            name: values if name in PLACES else _longer_state(name, values, table, layout)
            for name, values in table.state.items()
        },
    )


def _longer_vocabulary(vocabulary: Vocabulary, words: Words, added: PackedKeys) -> tuple[Vocabulary, _Layout]:
    if not isinstance(vocabulary, Subwords):
        num_old = vocabulary.num_rows
        return words, _Layout(len(words), len(words), np.arange(num_old), np.arange(num_old, len(words)))
    longer = Subwords(words, _with_parts_of(vocabulary.splitter, added))
    own, more = vocabulary.num_own_rows, longer.num_own_rows
    old = np.arange(vocabulary.num_rows)
    old[own:] += more - own
    return longer, _Layout(len(words), longer.num_rows, old, np.arange(own, more))


def _with_parts_of(splitter: Splitter, added: PackedKeys) -> Splitter:
    """The splitter with rows for the parts of `added` too, where it has rows for those in use only.

    New rows come behind the old ones. They start at zero, so that no key's vector changes.
    """
    if not isinstance(splitter, NGrams) or splitter.kept is None or splitter.shared_row is None:
        return splitter
    used = NGrams(splitter.min_n, splitter.max_n, splitter.buckets).bags(added).ids
    buckets: Int64[np.ndarray, "n"] = np.unique(used[splitter.kept[used] == splitter.shared_row])
    kept = splitter.kept.copy()
    kept[buckets] = splitter.num_rows + np.arange(len(buckets))
    return replace(splitter, kept=kept)


def _longer_context(context: Store | None, num_keys: int, made: NewRows) -> Store | None:
    if context is None or context.shape[0] != num_keys:
        return None
    rows = context.gather(np.arange(num_keys))
    more = np.repeat(rows.mean(axis=0, keepdims=True), len(made.origins), axis=0)
    more[[origin == "zero" for origin in made.origins]] = 0
    return DenseStore(np.concatenate([rows, more]))


def _longer_state(name: str, values: Values, table: Table, layout: _Layout) -> Values:
    """The values with a row for each new one of the store, or of the keys; others have no rows."""
    added = layout.num_keys - len(table)
    start = values.max(axis=0) if name.endswith(RATES) else values.mean(axis=0)
    if len(values) == table.store.shape[0]:
        longer: Values = np.repeat(start[None], layout.num_rows, axis=0)
        longer[layout.old] = values
        return longer
    if len(values) == len(table):
        return np.concatenate([values, np.repeat(start[None], added, axis=0)])
    return values
