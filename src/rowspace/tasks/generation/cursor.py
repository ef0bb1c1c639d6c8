"""Where a network stands in several texts: their states, and what it expects next."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float64, Int64
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from rowspace.tasks.generation.network import LanguageNetwork

Texts = Sequence[Int64[np.ndarray, "..."]]  # each of its own length

READ_AT_ONCE = 64  # ids of each text; and so much of a text that a Transformer forgets first


class Cursor:
    """A place in each of some texts, which ids move on.

    A recurrent network keeps its states. A Transformer keeps the last `length` ids of each text, and reads
    them anew for each.
    """

    def __init__(self, network: LanguageNetwork, texts: Texts) -> None:
        """Read the texts, each of at least one id."""
        self._network = network
        self._states = network.blank(len(texts))
        self._windows = [np.empty(0, np.int64) for _ in texts]
        self._hidden = torch.zeros(len(texts), network.sizes.dim)
        self.read(texts)

    @torch.no_grad()
    def read(self, texts: Texts) -> None:
        """Go on by some ids in each text; a text without any stays where it is."""
        if self._states:
            self._go_on(texts)
            return
        length = self._network.sizes.length
        self._windows = [np.concatenate(pair)[-length:] for pair in zip(self._windows, texts, strict=True)]
        padded, lengths = _padded(self._windows)
        hidden, _ = self._network(padded, ())
        self._hidden = hidden[lengths - 1, torch.arange(len(texts))]

    @torch.no_grad()
    def log_chances(self) -> Float64[np.ndarray, "texts keys"]:
        """The log-chance of each key to come next in each text."""
        chances: Float64[np.ndarray, "texts keys"] = (
            self._network.log_probabilities(self._hidden).double().numpy()
        )
        return chances

    def _go_on(self, texts: Texts) -> None:
        """Read with states, some ids of each text at once; where a text has ended its states stay."""
        longest = max(len(text) for text in texts)
        for first in range(0, longest, READ_AT_ONCE):
            parts = [text[first : first + READ_AT_ONCE] for text in texts]
            for length in sorted({len(part) for part in parts} - {0}):
                chosen = [place for place, part in enumerate(parts) if len(part) == length]
                self._read_block(torch.tensor(chosen), np.stack([parts[place] for place in chosen], 1))

    def _read_block(self, chosen: Int64[Tensor, "texts"], ids: Int64[np.ndarray, "length texts"]) -> None:
        """Read as many ids in each of the chosen texts."""
        before = tuple(state[:, chosen].contiguous() for state in self._states)
        hidden, behind = self._network(torch.from_numpy(ids), before)
        self._hidden[chosen] = hidden[-1]
        for state, new in zip(self._states, behind, strict=True):
            state[:, chosen] = new


def _padded(windows: Texts) -> tuple[Int64[Tensor, "length texts"], Int64[Tensor, "texts"]]:
    """Windows side by side with zeros behind, which no place before them sees, and their lengths."""
    lengths = torch.tensor([len(window) for window in windows])
    return pad_sequence([torch.from_numpy(window) for window in windows]), lengths
