"""Networks and vocabularies as named arrays, for files."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

from rowspace.arrays import PackedKeys
from rowspace.vocabulary import Words


def state_arrays(network: torch.nn.Module) -> dict[str, np.ndarray]:
    """Parameters and persistent buffers by name; rows that two layers share come once."""
    state = network.state_dict()
    own = {name for name, _ in [*network.named_parameters(), *network.named_buffers()]}
    return {name: value.numpy() for name, value in state.items() if name in own}


def load_state_(network: torch.nn.Module, arrays: Mapping[str, np.ndarray]) -> None:
    """Fill a network with what `state_arrays` gave; other arrays are left alone.

    Raises KeyError for a parameter that is missing, and RuntimeError for one of another shape.
    """
    state = {name: torch.from_numpy(arrays[name]) for name in state_arrays(network)}
    network.load_state_dict(state, strict=False)


def put_words(arrays: dict[str, np.ndarray], name: str, words: Words) -> None:
    """Add a vocabulary's keys and counts to the arrays of a file."""
    arrays[f"{name}.bytes"], arrays[f"{name}.offsets"] = words.keys.data, words.keys.offsets
    if words.counts is not None:
        arrays[f"{name}.counts"] = words.counts


def words_of(arrays: Mapping[str, np.ndarray], name: str, *, unknown_key: str | None = None) -> Words | None:
    """The vocabulary that `put_words` left under `name`, or None where there is none."""
    if f"{name}.offsets" not in arrays:
        return None
    keys = PackedKeys(arrays[f"{name}.bytes"], arrays[f"{name}.offsets"])
    return Words.from_keys(keys, counts=arrays.get(f"{name}.counts"), unknown_key=unknown_key)
