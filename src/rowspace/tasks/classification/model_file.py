"""The file of a linear text model: safetensors with JSON metadata, nothing that runs.

Tensors: ``output`` (F32), ``label_counts`` (I64), ``words.bytes`` (U8); empty but with hierarchical softmax,
the paths of labels: ``tree.nodes`` (I32), ``tree.codes`` (F32), ``tree.offsets`` (I64); and ``vectors`` (F32,
rows x dim), ``vectors.counts`` (I32), ``words.offsets`` (I64), ``words.hash`` (I32), ``ngrams.codes`` (U64),
``ngrams.rows`` (I32). A compressed model has instead of the last six ``vectors.codes`` (I8),
``vectors.largest`` (F32), ``words.lengths`` (U16) and ``ngrams.codes`` (U32), and an n-gram's row is where
its code stands, after the words. Metadata: ``format``, ``version``, ``rows`` (float32 or int8), ``loss``;
``labels``, ``facts`` (recipe, losses) and ``rule`` as JSON; and the checksums of `formats.tensor_file`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np

from rowspace.arrays import PackedKeys, Vectors
from rowspace.errors import FormatError, ShapeError
from rowspace.formats.atomic import atomic_write
from rowspace.formats.tensor_file import DTYPES, NAMES, TensorFile, build_head, map_tensors, write_tensors
from rowspace.kernels.reference.hash_index import capacity_for
from rowspace.tasks.classification.compact_rows import CompactRows
from rowspace.tasks.classification.matrices import padded
from rowspace.tasks.classification.outputs import CODES, LabelCounts, Loss, Outputs, num_outputs
from rowspace.tasks.classification.text_features import NgramRule, RowCounts, TextFeatures
from rowspace.training.huffman import Paths
from rowspace.vocabulary import Words

FORMAT = "rowspace-text-classifier"
VERSION = 1
ALWAYS = {
    "label_counts": ("I64", 1), "tree.offsets": ("I64", 1), "output": ("F32", 2), "tree.codes": ("F32", 1),
    "tree.nodes": ("I32", 1), "words.bytes": ("U8", 1),
}  # fmt: skip
TENSORS = {
    "float32": ALWAYS
    | {
        "words.offsets": ("I64", 1), "ngrams.codes": ("U64", 1), "vectors": ("F32", 2),
        "vectors.counts": ("I32", 1), "words.hash": ("I32", 1), "ngrams.rows": ("I32", 1),
    },
    "int8": ALWAYS
    | {
        "vectors.largest": ("F32", 1), "ngrams.codes": ("U32", 1), "words.lengths": ("U16", 1),
        "vectors.codes": ("I8", 2),
    },
}  # fmt: skip
WIDEST_FIRST = ("I64", "U64", "F32", "I32", "U32", "U16", "U8", "I8")  # so that none needs a gap before it


@dataclass(frozen=True, eq=False)
class ModelParts:
    """All that a model is made of; `labels` are in the order of the outputs' columns."""

    features: TextFeatures
    vectors: Vectors  # padded, see `matrices`
    outputs: Outputs
    labels: tuple[str, ...]
    label_counts: LabelCounts
    dim: int
    row_counts: RowCounts  # how often training met each row; ones where that is not known
    facts: Mapping[str, Any] = field(default_factory=dict)  # JSON values: recipe, losses, seconds
    compact: CompactRows | None = None  # what `vectors` were read from, in a compressed model


def write(model: ModelParts, path: Path) -> Path:
    """Write a model, wholly or not at all; return the path. Raises FileAccessError."""
    arrays, metadata = _stored(model)
    with atomic_write(path, needed_bytes=sum(array.nbytes for array in arrays.values())) as file:
        write_tensors(file, arrays, metadata, aligned=_aligned(arrays))
    return path


def num_bytes(model: ModelParts) -> int:
    """The size of the file that `write` would make."""
    arrays, metadata = _stored(model)
    head = build_head(arrays, metadata, aligned=_aligned(arrays))
    return len(head) + sum(array.nbytes for array in arrays.values())


def _aligned(arrays: Mapping[str, np.ndarray]) -> str:
    return "vectors" if "vectors" in arrays else "output"


def _stored(model: ModelParts) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Tensors and metadata."""
    features, tree = model.features, model.outputs.tree
    keys = features.words.keys
    tensors = {
        "label_counts": model.label_counts,
        "tree.offsets": tree.offsets,
        "output": model.outputs.rows[:, : model.dim],
        "tree.codes": tree.codes,
        "tree.nodes": tree.nodes,
        "words.bytes": keys.data,
    }
    if model.compact is None:
        tensors |= {
            "words.offsets": keys.offsets,
            "ngrams.codes": features.codes,
            "vectors": model.vectors[:, : model.dim],
            "vectors.counts": model.row_counts,
            "words.hash": features.words.slots,
            "ngrams.rows": features.code_rows,
        }
    else:
        tensors |= {
            "vectors.largest": model.compact.largest,
            "ngrams.codes": features.codes.astype(np.uint32),
            "words.lengths": np.diff(keys.offsets).astype(np.uint16),
            "vectors.codes": model.compact.codes,
        }
    order = sorted(tensors, key=lambda name: WIDEST_FIRST.index(NAMES[tensors[name].dtype]))
    metadata = {
        "format": FORMAT,
        "version": str(VERSION),
        "rows": "float32" if model.compact is None else "int8",
        "labels": json.dumps(model.labels),
        "rule": json.dumps(asdict(features.rule)),
        "loss": model.outputs.loss,
        "facts": json.dumps(dict(model.facts)),
    }
    return {name: np.ascontiguousarray(tensors[name]) for name in order}, metadata


def read(path: Path) -> ModelParts:
    """Read a model, its rows into memory. Raises FormatError where the file is damaged or no such model."""
    file = map_tensors(path)
    if file.metadata.get("format") != FORMAT:
        raise FormatError(path, 8, "a safetensors file, but no text classifier of rowspace; choose another")
    if file.metadata.get("version") != str(VERSION):
        raise FormatError(
            path, 8,
            f"version {file.metadata.get('version')!r}, but this rowspace reads {VERSION}; upgrade it",
        )  # fmt: skip
    failed = [name for name, sound in file.check().items() if not sound]
    if failed:
        raise FormatError(
            path, 0, f"the checksum of {', '.join(failed)} does not match: damaged; fetch it again"
        )
    try:
        return _parts(file, _arrays(file))
    except (KeyError, TypeError, ValueError, ShapeError) as error:
        if isinstance(error, FormatError):
            raise
        raise FormatError(path, 8, f"the file contradicts itself: {error}; fetch it again") from error


def _arrays(file: TensorFile) -> Mapping[str, np.ndarray]:
    """The tensors, each of the dtype and number of axes it must have."""
    for name, (dtype, ndim) in TENSORS[file.metadata["rows"]].items():
        array = file.tensors.get(name)
        if array is None or array.dtype != DTYPES[dtype] or array.ndim != ndim:
            raise FormatError(file.path, 8, f"tensor {name!r} must be {ndim}-d {dtype}; save the model again")
    return file.tensors


def _parts(file: TensorFile, arrays: Mapping[str, np.ndarray]) -> ModelParts:
    labels, loss = tuple(json.loads(file.metadata["labels"])), cast("Loss", file.metadata["loss"])
    rule = NgramRule(**json.loads(file.metadata["rule"]))
    compact = None
    if file.metadata["rows"] == "int8":
        compact = CompactRows(arrays["vectors.codes"], arrays["vectors.largest"])
        features, vectors = _compact_features(arrays, rule), compact.vectors()
        counts = np.ones(len(vectors), np.int32)
    else:
        features, vectors = _features(arrays, rule), arrays["vectors"]
        counts = arrays["vectors.counts"]
    tree = Paths(arrays["tree.nodes"], arrays["tree.codes"], arrays["tree.offsets"])
    dim, rows = vectors.shape[1], features.code_rows
    sound = (
        loss in CODES
        and len(arrays["label_counts"]) == len(labels)
        and arrays["output"].shape == (num_outputs(loss, len(labels)), dim)
        and len(rows) == len(features.codes)
        and (len(rows) == 0 or (rows.min() >= 0 and rows.max() < len(vectors)))
        and len(features.words) <= len(vectors) == len(counts)
        and _is_sound(tree, loss, len(labels))
    )
    if not sound:
        raise FormatError(file.path, 8, "the sizes of labels, words and rows disagree; fetch it again")
    return ModelParts(
        features=features,
        vectors=padded(vectors),
        outputs=Outputs(loss, padded(arrays["output"]), tree),
        labels=labels,
        label_counts=arrays["label_counts"],
        dim=dim,
        row_counts=counts,
        facts=json.loads(file.metadata["facts"]),
        compact=compact,
    )


def _features(arrays: Mapping[str, np.ndarray], rule: NgramRule) -> TextFeatures:
    words = Words(PackedKeys(arrays["words.bytes"], arrays["words.offsets"]), arrays["words.hash"])
    slots = len(words.slots)
    if slots & (slots - 1) or slots < capacity_for(len(words)):
        raise ShapeError(f"the sizes of words and of their index disagree: {len(words)} and {slots}")
    return TextFeatures(words, arrays["ngrams.codes"], arrays["ngrams.rows"], rule)


def _compact_features(arrays: Mapping[str, np.ndarray], rule: NgramRule) -> TextFeatures:
    """The features of a compressed model, whose index of words is made anew."""
    offsets = np.zeros(len(arrays["words.lengths"]) + 1, np.int64)
    np.cumsum(arrays["words.lengths"], out=offsets[1:])
    words = Words.from_keys(PackedKeys(arrays["words.bytes"], offsets))
    codes = arrays["ngrams.codes"].astype(np.uint64)
    return TextFeatures(words, codes, np.arange(len(words), len(words) + len(codes), dtype=np.int32), rule)


def _is_sound(tree: Paths, loss: str, num_labels: int) -> bool:
    """Whether each label has a path through nodes that there are."""
    if loss != "hierarchical":
        return len(tree.nodes) == 0
    return bool(
        len(tree.offsets) == num_labels + 1
        and tree.offsets[0] == 0
        and (np.diff(tree.offsets) > 0).all()
        and tree.offsets[-1] == len(tree.nodes) == len(tree.codes)
        and tree.nodes.min() >= 0
        and tree.nodes.max() < num_labels - 1
        and np.isin(tree.codes, (0, 1)).all()
    )
