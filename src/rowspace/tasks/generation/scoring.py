"""How likely a network holds each id of a text, given all before it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from jaxtyping import Float64, Int64
from torch import Tensor

from rowspace.tasks.generation.encoding import Ids
from rowspace.tasks.generation.network import LanguageNetwork

COLUMNS = 32  # parts of a text that a recurrent network reads side by side
LEAST_OF_COLUMN = 512
READ_BEFORE = 64  # ids of the part before, read first, so that a column does not begin from nothing
AT_ONCE = 64  # ids of each column
WINDOWS_AT_ONCE = 32

Places = Int64[np.ndarray, "length columns"]


@torch.no_grad()
def log_likelihoods(network: LanguageNetwork, ids: Ids, end: int) -> Float64[np.ndarray, "tokens"]:
    """The log-chance of each id; before the first stands the end of a sentence.

    A recurrent network reads a long text in 32 parts, each begun 64 ids before its first. A Transformer
    reads windows that overlap by half, and what is known of an id is what its later half says.
    """
    inputs = np.concatenate([[end], ids[:-1]]).astype(np.int64)
    found = np.zeros(len(ids))
    score = _by_columns if network.sizes.network == "recurrent" else _by_windows
    for places, hidden in score(network, inputs):
        kept = (places >= 0) & (places < len(ids))
        targets = torch.from_numpy(ids[places[kept]].astype(np.int64))
        found[places[kept]] = network.log_likelihoods(hidden[torch.from_numpy(kept)], targets).double()
    return found


def _by_columns(network: LanguageNetwork, inputs: Int64[np.ndarray, "n"]) -> Iterator[tuple[Places, Tensor]]:
    columns = max(1, min(COLUMNS, len(inputs) // LEAST_OF_COLUMN))
    height = -(-len(inputs) // columns)
    starts = height * np.arange(columns)
    states = network.blank(columns)
    _, states = network(_taken(inputs, starts + np.arange(-READ_BEFORE, 0)[:, None]), states)
    for state in states:
        state[:, 0] = 0  # nothing stands before the first
    for first in range(0, height, AT_ONCE):
        places = starts + np.arange(first, min(first + AT_ONCE, height))[:, None]
        hidden, states = network(_taken(inputs, places), states)
        yield places, hidden


def _by_windows(network: LanguageNetwork, inputs: Int64[np.ndarray, "n"]) -> Iterator[tuple[Places, Tensor]]:
    length = network.sizes.length
    step = max(1, length // 2)
    starts = np.arange(0, max(1, len(inputs) - length + step), step)
    for first in range(0, len(starts), WINDOWS_AT_ONCE):
        chosen = starts[first : first + WINDOWS_AT_ONCE]
        places = chosen + np.arange(length)[:, None]
        hidden, _ = network(_taken(inputs, places), ())
        places[: length - step, chosen > 0] = -1  # the window before knew them better
        yield places, hidden


def _taken(inputs: Int64[np.ndarray, "n"], places: Places) -> Int64[Tensor, "length columns"]:
    """The ids at some places; what lies outside of the text is any id, and is not scored."""
    return torch.from_numpy(inputs[places.clip(0, len(inputs) - 1)])
