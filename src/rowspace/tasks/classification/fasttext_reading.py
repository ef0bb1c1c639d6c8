"""fastText's supervised models, ``.bin`` and ``.ftz``, as the parts of a linear text model.

Models of every version are read, quantised and pruned ones decoded to float32. fastText keeps word n-grams
and character n-grams in the same buckets, so the two share rows here too. It reports the chance p as
p + 1e-5, and drops words of a text that begin with its label prefix; else the chances are the same.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from jaxtyping import Float32

from rowspace.arrays import PackedKeys, Vectors
from rowspace.errors import FormatError
from rowspace.formats import fasttext_parts as parts
from rowspace.formats.fasttext_head import SUPERVISED, Head, read_head
from rowspace.formats.sources import DEFAULT_EXPANSION, Source, open_source
from rowspace.tasks.classification.label_tree import fasttext_tree
from rowspace.tasks.classification.matrices import padded
from rowspace.tasks.classification.model_file import ModelParts
from rowspace.tasks.classification.outputs import NO_PATHS, Loss, Outputs, num_outputs
from rowspace.tasks.classification.text_features import NgramRule, TextFeatures
from rowspace.vocabulary import Words

LABEL_PREFIX = "__label__"
LabelRows = Float32[np.ndarray, "labels dim"]
# Negative sampling and one-vs-all differ in training only.
LOSSES: dict[int, Loss] = {1: "hierarchical", 2: "one-vs-all", 3: "softmax", 4: "one-vs-all"}


def read(path: Path) -> ModelParts:
    """Read a supervised model. Raises FormatError for another one and for damage, FileAccessError."""
    with open_source(path) as source:
        head = read_head(source)
        if head.args["model"] != SUPERVISED or head.is_floret:
            raise FormatError(
                path,
                0,
                "a supervised model is needed, but this one holds word vectors; rowspace.read opens it",
            )
        entries = _read_entries(source, head)
        codes, code_rows, shared = _read_ngrams(source, head)
        quantised = _flag(source, head, "the input matrix")
        vectors = _read_matrix(source, head.num_words + shared, head.dim, "the input matrix", quantised)
        codes_out = _flag(source, head, "the output matrix") and quantised
        output = _read_matrix(source, head.num_labels, head.dim, "the output matrix", codes_out)
        _check_end(source)
    if not (np.isfinite(vectors).all() and np.isfinite(output).all()):
        raise FormatError(path, 0, "every value must be finite, but one is not; the model cannot be used")
    return _joined(
        head,
        entries,
        TextFeatures(_words(path, head, entries), codes, code_rows, _rule(head)),
        vectors,
        output,
    )


def _read_entries(source: Source, head: Head) -> parts.Entries:
    start = source.position
    entries = parts.read_entries(source, head.num_words + head.num_labels)
    wanted = np.repeat([parts.WORD, parts.LABEL], [head.num_words, head.num_labels])
    if (entries.types != wanted).any() or entries.counts.min(initial=0) < 0 or not head.num_labels:
        raise FormatError(
            source.path, start,
            f"the dictionary must hold {head.num_words:,} words and then {head.num_labels:,} labels, at "
            "least one, but does not; the file is damaged: fetch it again",
        )  # fmt: skip
    return entries


def _rule(head: Head) -> NgramRule:
    buckets, args = int(head.args["bucket"]), head.args
    if buckets == 0:
        return NgramRule(1, 1, 0, 1)
    return NgramRule(max(int(args["wordNgrams"]), 1), max(int(args["minn"]), 1), max(head.max_n, 0), buckets)


def _read_ngrams(source: Source, head: Head) -> tuple[np.ndarray, np.ndarray, int]:
    """The codes of n-grams with rows, these rows, and how many rows the n-grams have together."""
    buckets, rule = int(head.args["bucket"]), _rule(head)
    if head.num_pruned >= 0:
        kept = parts.read_prune_index(source, head.num_pruned, buckets, DEFAULT_EXPANSION)
        with_row = np.flatnonzero(kept >= 0)
        rows, shared = kept[with_row], head.num_pruned
    else:
        with_row = rows = np.arange(buckets)
        shared = buckets
    kinds = [offset for offset, used in ((0, rule.word_ngrams > 1), (buckets, rule.has_pieces)) if used]
    codes = np.concatenate([with_row[:0], *(with_row + offset for offset in kinds)]).astype(np.uint64)
    return codes, np.tile(rows + head.num_words, len(kinds)).astype(np.int32), shared


def _flag(source: Source, head: Head, what: str) -> bool:
    return bool(head.version) and parts.read_flag(source, what)


def _read_matrix(source: Source, rows: int, dim: int, what: str, quantised: bool) -> Vectors:
    if quantised:
        return parts.read_quantised(source, rows, dim, what, DEFAULT_EXPANSION)
    parts.read_shape(source, rows, dim, what)
    return parts.read_rows(source, rows, dim, what)


def _check_end(source: Source) -> None:
    if source.head(1):
        raise FormatError(
            source.path, source.position, "the file must end after the output matrix, but goes on"
        )


def _words(path: Path, head: Head, entries: parts.Entries) -> Words:
    offsets = entries.keys.offsets[: head.num_words + 1]
    try:
        return Words.from_keys(PackedKeys(entries.keys.data[: offsets[-1]], offsets))
    except ValueError as error:
        raise FormatError(path, head.length, f"the dictionary contradicts itself: {error}") from error


def _joined(
    head: Head, entries: parts.Entries, features: TextFeatures, vectors: Vectors, output: LabelRows
) -> ModelParts:
    loss = LOSSES[int(head.args["loss"])]
    counts = entries.counts[head.num_words :]
    labels = [entries.keys[place] for place in range(head.num_words, len(entries.keys))]
    tree = fasttext_tree(counts) if loss == "hierarchical" else NO_PATHS
    return ModelParts(
        features=features,
        vectors=padded(vectors),
        outputs=Outputs(loss, padded(output[: num_outputs(loss, len(labels))]), tree),
        labels=tuple(label.removeprefix(LABEL_PREFIX) for label in labels),
        label_counts=counts,
        dim=head.dim,
        row_counts=np.ones(len(vectors), np.int32),
        facts={"source": {"format": "fasttext", "version": head.version, "args": dict(head.args)}},
    )
