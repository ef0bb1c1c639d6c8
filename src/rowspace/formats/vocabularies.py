"""How each kind of vocabulary lies in a .rows file: JSON for its parameters, tensors for the rest.

The keys are the same for all: ``keys.bytes``, ``keys.offsets``, ``keys.hash`` and ``counts``. A vocabulary
of kind ``words`` needs no more; one with subwords adds its splitter's parameters to the JSON, and its
splitter's arrays as ``KIND.NAME``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from rowspace.arrays import PackedKeys
from rowspace.errors import RecipeError, ShapeError
from rowspace.vocabulary import Vocabulary, Words
from rowspace.vocabulary.splitters import SPLITTERS
from rowspace.vocabulary.subwords import Subwords

WORDS = "words"
# What splitters keep in tensors; each may be absent.
TENSORS: Mapping[str, tuple[str, int]] = MappingProxyType(
    {"ngrams.kept": ("I32", 1), "pieces.tokenizer": ("U8", 1)}
)


def words_of(vocabulary: Vocabulary) -> Words:
    """The plain keys of a vocabulary; ShapeError for a kind that no file holds."""
    if isinstance(vocabulary, Words):
        return vocabulary
    if isinstance(vocabulary, Subwords):
        return vocabulary.words
    raise ShapeError(f"files hold words or subwords, but this vocabulary is a {type(vocabulary).__name__}")


def kind_of(vocabulary: Vocabulary) -> str:
    """Its name in files: words, or the kind of its splitter."""
    return vocabulary.splitter.kind if isinstance(vocabulary, Subwords) else WORDS


def row_name(vocabulary: Vocabulary) -> Callable[[int], str]:
    """What to call a row of its store: by its key, or by its number among the rows that keys share."""
    own = vocabulary.num_own_rows if isinstance(vocabulary, Subwords) else len(vocabulary.keys)
    return lambda row: repr(vocabulary.keys[row][:60]) if row < own else f"subword {row - own}"


def to_json(vocabulary: Vocabulary) -> dict[str, Any]:
    """The parameters of a vocabulary as JSON values."""
    words = words_of(vocabulary)
    parameters: dict[str, Any] = {
        "kind": kind_of(vocabulary),
        "unknown_key": words.unknown_key,
        "missing": words.missing,
    }
    if isinstance(vocabulary, Subwords):
        parameters["splitter"] = vocabulary.splitter.to_json()
    return parameters


def to_tensors(vocabulary: Vocabulary) -> dict[str, np.ndarray]:
    """What a splitter keeps beside its parameters, by its name in the file."""
    if not isinstance(vocabulary, Subwords):
        return {}
    splitter = vocabulary.splitter
    return {f"{splitter.kind}.{name}": array for name, array in splitter.arrays().items()}


def from_parts(parameters: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Vocabulary:
    """The vocabulary of a file; RecipeError or ShapeError where its parts contradict each other."""
    words = Words(
        PackedKeys(arrays["keys.bytes"], arrays["keys.offsets"]),
        arrays["keys.hash"],
        counts=arrays.get("counts"),
        unknown_key=parameters.get("unknown_key"),
        missing=parameters.get("missing", "raise"),
    )
    kind = parameters.get("kind", WORDS)
    if kind == WORDS:
        return words
    if kind not in SPLITTERS:
        names = ", ".join([WORDS, *SPLITTERS])
        raise RecipeError(f"the kind of a vocabulary must be one of {names}, but is {kind!r}")
    prefix = f"{kind}."
    own = {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
    return Subwords(words, SPLITTERS[kind].from_json(parameters.get("splitter") or {}, own))
