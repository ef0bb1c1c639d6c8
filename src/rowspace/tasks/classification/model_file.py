"""The file of a linear text model: safetensors with JSON metadata, nothing that runs.

Tensors: ``vectors`` (F32, rows x dim), ``output`` (F32), ``label_counts`` (I64), ``words.bytes`` (U8),
``words.offsets`` (I64), ``words.hash`` (I32), ``ngrams.codes`` (U64) and ``ngrams.rows`` (I32). Metadata:
``format``, ``version``, ``labels``, ``facts`` (recipe, losses) and ``rule`` as JSON, and the checksums of
`formats.tensor_file`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np
from jaxtyping import Float32, Int64

from rowspace.arrays import PackedKeys, Vectors
from rowspace.errors import FormatError, ShapeError
from rowspace.formats.atomic import atomic_write
from rowspace.formats.tensor_file import DTYPES, TensorFile, map_tensors, write_tensors
from rowspace.kernels.reference.hash_index import capacity_for
from rowspace.tasks.classification.matrices import padded_zeros
from rowspace.tasks.classification.outputs import CODES, Loss, Outputs, num_outputs, tree_of
from rowspace.tasks.classification.text_features import NgramRule, TextFeatures
from rowspace.vocabulary import Words

FORMAT = "rowspace-text-classifier"
VERSION = 1
TENSORS = {
    "words.offsets": ("I64", 1), "label_counts": ("I64", 1), "ngrams.codes": ("U64", 1),
    "vectors": ("F32", 2), "output": ("F32", 2), "words.hash": ("I32", 1), "ngrams.rows": ("I32", 1),
    "words.bytes": ("U8", 1),
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class ModelParts:
    """All that a model is made of; `labels` are in the order of the outputs' columns."""

    features: TextFeatures
    vectors: Vectors  # padded, see `matrices`
    outputs: Outputs
    labels: tuple[str, ...]
    label_counts: Int64[np.ndarray, "labels"]  # how many training texts had each
    dim: int
    facts: Mapping[str, Any] = field(default_factory=dict)  # JSON values: recipe, losses, seconds


def write(model: ModelParts, path: Path) -> Path:
    """Write a model, wholly or not at all; return the path. Raises FileAccessError."""
    features = model.features
    tensors = {
        "words.offsets": features.words.keys.offsets,
        "label_counts": model.label_counts,
        "ngrams.codes": features.codes,
        "vectors": model.vectors[:, : model.dim],
        "output": model.outputs.rows[:, : model.dim],
        "words.hash": features.words.slots,
        "ngrams.rows": features.code_rows,
        "words.bytes": features.words.keys.data,
    }
    arrays = {name: np.ascontiguousarray(array) for name, array in tensors.items()}
    metadata = {
        "format": FORMAT,
        "version": str(VERSION),
        "labels": json.dumps(model.labels),
        "rule": json.dumps(asdict(features.rule)),
        "loss": model.outputs.loss,
        "facts": json.dumps(dict(model.facts)),
    }
    with atomic_write(path, needed_bytes=sum(array.nbytes for array in arrays.values())) as file:
        write_tensors(file, arrays, metadata, aligned="vectors")
    return path


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
    for name, (dtype, ndim) in TENSORS.items():
        array = file.tensors.get(name)
        if array is None or array.dtype != DTYPES[dtype] or array.ndim != ndim:
            raise FormatError(file.path, 8, f"tensor {name!r} must be {ndim}-d {dtype}; save the model again")
    return file.tensors


def _parts(file: TensorFile, arrays: Mapping[str, np.ndarray]) -> ModelParts:
    labels, loss = tuple(json.loads(file.metadata["labels"])), cast("Loss", file.metadata["loss"])
    dim = arrays["vectors"].shape[1]
    words = Words(PackedKeys(arrays["words.bytes"], arrays["words.offsets"]), arrays["words.hash"])
    rows, slots = arrays["ngrams.rows"], len(arrays["words.hash"])
    sound = (
        loss in CODES
        and len(arrays["label_counts"]) == len(labels)
        and arrays["output"].shape == (num_outputs(loss, len(labels)), dim)
        and len(rows) == len(arrays["ngrams.codes"])
        and (len(rows) == 0 or (rows.min() >= 0 and rows.max() < len(arrays["vectors"])))
        and len(words) <= len(arrays["vectors"])
        and slots & (slots - 1) == 0
        and slots >= capacity_for(len(words))
    )
    if not sound:
        raise FormatError(file.path, 8, "the sizes of labels, words and rows disagree; fetch it again")
    rule = NgramRule(**json.loads(file.metadata["rule"]))
    return ModelParts(
        features=TextFeatures(words, arrays["ngrams.codes"], rows, rule),
        vectors=_padded(arrays["vectors"]),
        outputs=Outputs(loss, _padded(arrays["output"]), tree_of(loss, arrays["label_counts"])),
        labels=labels,
        label_counts=arrays["label_counts"],
        dim=dim,
        facts=json.loads(file.metadata["facts"]),
    )


def _padded(rows: Vectors) -> Float32[np.ndarray, "rows padded"]:
    """The rows with zeros up to whole vectors of sixteen floats."""
    padded = padded_zeros(*rows.shape)
    padded[:, : rows.shape[1]] = rows
    return padded
