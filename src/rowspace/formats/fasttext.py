"""fastText's binary models, ``.bin`` and ``.ftz``: words, n-gram rows and output rows; floret's are read too.

Reading takes the models of every version, quantised and pruned ones decoded to float32, and of a
supervised model what belongs to words: its labels go to the metadata, its output rows are passed over.
The arguments of the training are in ``metadata["source"]``. Writing makes an unquantised model of version
12, in which fastText finds the same vectors for known and unknown words.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import BinaryIO

import numpy as np
from jaxtyping import Float32

from rowspace.arrays import Counts, PackedKeys, RowIds, Vectors
from rowspace.errors import FormatError, RecipeError, ShapeError
from rowspace.formats import fasttext_parts as parts
from rowspace.formats import fasttext_writing
from rowspace.formats.collector import Block, Collector
from rowspace.formats.fasttext_head import NEGATIVE_SAMPLING, SUPERVISED, Head, read_head
from rowspace.formats.finite import settle_values
from rowspace.formats.header import check_dim
from rowspace.formats.keys import KeyRule
from rowspace.formats.options import ReadOptions
from rowspace.formats.sources import Source
from rowspace.formats.vocabularies import kind_of, row_name
from rowspace.stores import DenseStore, Store
from rowspace.table import Table
from rowspace.vocabulary import Vocabulary, Words
from rowspace.vocabulary.floret import Floret
from rowspace.vocabulary.ngrams import NGrams
from rowspace.vocabulary.splitters import Splitter
from rowspace.vocabulary.subwords import Subwords

NAME = "fasttext"
FLORET = "floret-binary"
RULE = KeyRule(b"\0")


@dataclass(frozen=True, eq=False)
class Chosen:
    """The words that the options let in, which of the file's rows are theirs, and what was changed."""

    words: Words
    rows: RowIds
    source: dict[str, object]


def read(source: Source, options: ReadOptions) -> Table:
    """Read a table with n-gram rows; with a limit all of them, but only the first words."""
    head = read_head(source)
    check_dim(source, head.dim, options.dim)
    entries = _read_entries(source, head)
    splitter = _read_splitter(source, head, options.max_expansion)
    is_quantised = bool(head.version) and parts.read_flag(source, "the input matrix")
    vectors = _read_input(source, head, splitter, options, is_quantised=is_quantised)
    chosen = _choose(source, head, entries, options)
    vocabulary: Vocabulary = Subwords(chosen.words, splitter) if splitter.num_rows else chosen.words
    vectors = _needed(vectors, chosen.rows, head, vocabulary)
    context = _read_output(source, head, chosen, is_quantised=is_quantised)
    if source.head(1):
        raise FormatError(
            source.path, source.position, "the file must end after the output matrix, but goes on"
        )
    zeroed = settle_values(
        source.path, vectors, options.nonfinite, name_of=row_name(vocabulary), offset=head.length
    )
    if zeroed:
        chosen.source["rows_zeroed_not_finite"] = zeroed
    made = {
        "version": head.version, "args": dict(head.args), "tokens": head.num_tokens, "quantised": is_quantised
    }  # fmt: skip
    labels = [entries.keys[place] for place in range(head.num_words, len(entries.keys))]
    facts = chosen.source | made | ({"labels": labels} if labels else {})
    return Table(vocabulary, DenseStore(vectors), {"source": facts}, context)


def write(file: BinaryIO, table: Table, keys: PackedKeys, *, threads: int, progress: bool) -> None:
    """Write words with n-grams, or plain words as a model without any; the disk is the limit."""
    del threads
    if kind_of(table.vocabulary) == Floret.kind:
        raise ShapeError(
            "fastText knows no words hashed as floret does; write .bin for floret itself, or .vec for the "
            "vectors of the keys alone"
        )
    fasttext_writing.write_model(file, table, keys, progress=progress)


def _read_entries(source: Source, head: Head) -> parts.Entries:
    """The dictionary, whose words must stand before its labels."""
    start = source.position
    entries = parts.read_entries(source, head.num_words + head.num_labels)
    wanted = np.repeat(np.array([parts.WORD, parts.LABEL], np.int8), [head.num_words, head.num_labels])
    wrong = entries.types != wanted
    if wrong.any() or entries.counts.min(initial=0) < 0:
        place = int(np.argmax(wrong | (entries.counts < 0)))
        raise FormatError(
            source.path,
            int(entries.places[place]) if len(wrong) else start,
            f"the dictionary must hold {head.num_words:,} words and then {head.num_labels:,} labels, with "
            f"counts from 0 on, but entry {place:,} is of type {entries.types[place]} with count "
            f"{entries.counts[place]:,}; the file is damaged: fetch it again",
        )
    return entries


def _read_splitter(source: Source, head: Head, max_expansion: float) -> Splitter:
    """What breaks words into n-grams, after the prune index that says which buckets have rows."""
    start, args = source.position, head.args
    min_n, max_n, buckets = max(int(args["minn"]), 0), head.max_n, int(args["bucket"])
    kept = None
    if head.num_pruned >= 0:
        kept = parts.read_prune_index(source, head.num_pruned, buckets, max_expansion)
    try:
        if head.is_floret:
            return Floret(min_n, max(max_n, 0), buckets, int(args["hashCount"]))
        return (
            NGrams(min_n, max_n, buckets, kept) if min_n <= max_n and max_n and buckets else NGrams(0, 0, 0)
        )
    except RecipeError as error:
        raise FormatError(source.path, start, f"the arguments contradict each other: {error}") from error


def _read_input(
    source: Source, head: Head, splitter: Splitter, options: ReadOptions, *, is_quantised: bool
) -> Vectors:
    """The rows of words and n-grams; of a floret model, whose words have none that count, the buckets."""
    what = "the input matrix"
    shared = int(head.args["bucket"]) if head.num_pruned < 0 else head.num_pruned
    rows = head.num_words + shared
    if is_quantised:
        vectors = parts.read_quantised(source, rows, head.dim, what, options.max_expansion)
        return vectors[head.num_words :] if head.is_floret else vectors
    parts.read_shape(source, rows, head.dim, what)
    if splitter.own_rows:
        return parts.read_rows(source, rows, head.dim, what, progress=options.progress)
    parts.skip_rows(source, head.num_words, head.dim, what)
    return parts.read_rows(source, shared, head.dim, what, progress=options.progress)


def _read_output(source: Source, head: Head, chosen: Chosen, *, is_quantised: bool) -> Store | None:
    """The context rows of the words; None for the nodes of fastText's tree and for labels, passed over."""
    what = "the output matrix"
    rows = head.num_labels if head.args["model"] == SUPERVISED else head.num_words
    if bool(head.version) and parts.read_flag(source, what) and is_quantised:
        parts.read_quantised(source, rows, head.dim, what, float("inf"))
        return None
    parts.read_shape(source, rows, head.dim, what)
    if head.args["model"] == SUPERVISED or head.args["loss"] != NEGATIVE_SAMPLING:
        parts.skip_rows(source, rows, head.dim, what)
        return None
    vectors = parts.read_rows(source, rows, head.dim, what)
    return DenseStore(vectors if len(chosen.rows) == rows else vectors[chosen.rows])


def _choose(source: Source, head: Head, entries: parts.Entries, options: ReadOptions) -> Chosen:
    """The words by the options for keys, with their counts."""
    offsets = entries.keys.offsets[: head.num_words + 1]
    keys = PackedKeys(entries.keys.data[: offsets[-1]], offsets)
    places = entries.places[: head.num_words]
    collector = Collector(source.path, 0, replace(options, dim=None), expected_rows=0)
    collector.add(Block(keys, np.empty((len(keys), 0), np.float32), places))
    table = collector.finish(FLORET if head.is_floret else NAME)
    found = table.vocabulary
    assert isinstance(found, Words)  # all that a collector makes
    rows = np.searchsorted(places, collector.places)
    counts: Counts = entries.counts[rows]
    words = Words(found.keys, found.slots, counts=counts)
    return Chosen(words, rows, dict(table.metadata["source"]))


def _needed(
    vectors: Vectors, rows: RowIds, head: Head, vocabulary: Vocabulary
) -> Float32[np.ndarray, "needed dim"]:
    """The rows that the vocabulary has: the matrix itself wherever it has no others."""
    if len(vectors) == vocabulary.num_rows or head.is_floret:
        return vectors
    shared = vocabulary.num_rows - len(rows)
    return np.concatenate([vectors[rows], vectors[head.num_words : head.num_words + shared]])
