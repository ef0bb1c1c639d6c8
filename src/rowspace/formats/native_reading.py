"""A ``.rows`` file read into memory, every checksum compared and every value looked at, or its first keys."""

from __future__ import annotations

import numpy as np

from rowspace.arrays import PackedKeys, RowIds, Vectors
from rowspace.errors import FormatError
from rowspace.formats import native
from rowspace.formats.collector import index_keys
from rowspace.formats.finite import settle_values
from rowspace.formats.options import ReadOptions
from rowspace.formats.sources import Source
from rowspace.formats.tensor_file import map_tensors, parse
from rowspace.formats.vocabularies import row_name, words_of
from rowspace.stores import DenseStore, all_rows
from rowspace.table import Table
from rowspace.vocabulary import Vocabulary, Words
from rowspace.vocabulary.subwords import Subwords

ROWS_A_STEP = 1 << 16


def read(source: Source, options: ReadOptions) -> Table:
    """A table in memory; its keys may be any bytes.

    With a limit the shared rows of subwords stay, since later keys need them too; the context rows stay
    if there is one a key, and what a trainer goes on from does not.
    """
    file = map_tensors(source.path) if source.packing is None else parse(source.path, source.read_all().data)
    table = native.from_tensors(file, verify=True)
    _check_distinct(source, table.keys)
    num_keys = len(table.keys) if options.limit is None else min(options.limit, len(table.keys))
    is_whole = num_keys == len(table.keys)
    vocabulary, chosen = _first_keys(table.vocabulary, num_keys)
    vectors = _copied(source, table, chosen, options)
    context = table.context
    if context is not None and context.shape[0] == len(table.keys):
        context = DenseStore(np.array(all_rows(context)[:num_keys]))
    elif context is not None:
        context = DenseStore(np.array(all_rows(context))) if is_whole else None
    state = {name: np.array(values) for name, values in table.state.items()} if is_whole else {}
    return Table(vocabulary, DenseStore(vectors), table.metadata, context, state)


def _first_keys(vocabulary: Vocabulary, num_keys: int) -> tuple[Vocabulary, RowIds]:
    """The vocabulary of the first keys, copied, and the rows of the store that it needs."""
    words = words_of(vocabulary)
    offsets = np.array(words.keys.offsets[: num_keys + 1])
    keys = PackedKeys(np.array(words.keys.data[: offsets[-1]]), offsets)
    has_unknown = words.unknown_key is not None and words.unknown_row < num_keys
    first = Words(
        keys,
        index_keys(keys)[0],
        counts=None if words.counts is None else np.array(words.counts[:num_keys]),
        unknown_key=words.unknown_key if has_unknown else None,
        missing=words.missing if has_unknown or words.missing != "unknown" else "raise",
    )
    if not isinstance(vocabulary, Subwords):
        return first, np.arange(num_keys)
    own = np.arange(num_keys if vocabulary.num_own_rows else 0)
    shared = np.arange(vocabulary.num_own_rows, vocabulary.num_rows)
    return Subwords(first, vocabulary.splitter), np.concatenate([own, shared])


def _check_distinct(source: Source, keys: PackedKeys) -> None:
    repeat = index_keys(keys)[1]
    if repeat >= 0:
        raise FormatError(
            source.path, 0, f"keys must be distinct, but {keys[repeat][:60]!r} comes again at row {repeat}"
        )


def _copied(source: Source, table: Table, chosen: RowIds, options: ReadOptions) -> Vectors:
    """The chosen rows, in memory, without what is not finite, or as `nonfinite` has it."""
    vectors: Vectors = np.empty((len(chosen), table.dim), np.float32)
    for start in range(0, len(chosen), ROWS_A_STEP):
        step = slice(start, start + ROWS_A_STEP)
        vectors[step] = table.store.gather(chosen[step])
    name_of = row_name(table.vocabulary)
    settle_values(source.path, vectors, options.nonfinite, name_of=lambda row: name_of(int(chosen[row])))
    return vectors
