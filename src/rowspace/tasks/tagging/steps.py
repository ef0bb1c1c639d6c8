"""Steps: a batch of sentences lying token by token, the first tokens of all before the second of any."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Int64
from torch import Tensor

from rowspace.errors import ShapeError


@dataclass(frozen=True, eq=False)
class Steps:
    """How many sentences have a token at place 0, at place 1 and so on: torch's packed sequences.

    Sentences come longest first, so that the sizes never rise, and no place is padding.

    >>> steps = Steps(torch.tensor([2, 2, 1]))  # three tokens of one sentence and two of another
    >>> steps.sentence_of.tolist(), steps.before.tolist(), steps.last.tolist()
    ([0, 1, 0, 1, 0], [0, 1, 2], [4, 3])
    """

    sizes: Int64[Tensor, "steps"]

    def __post_init__(self) -> None:
        sizes = self.sizes
        if len(sizes) == 0 or int(sizes[-1]) < 1 or bool((sizes[1:] > sizes[:-1]).any()):
            raise ShapeError(
                "a batch must hold sentences of a token at least, longest first, but so many have each of "
                f"the first places: {sizes.tolist()[:10]}; sort them"
            )

    @property
    def slices(self) -> list[slice]:
        """Where the tokens of each step lie."""
        ends = self.sizes.cumsum(0).tolist()
        return [slice(end - size, end) for end, size in zip(ends, self.sizes.tolist(), strict=True)]

    @property
    def starts(self) -> Int64[Tensor, "steps"]:
        """The first token of each step."""
        return self.sizes.cumsum(0) - self.sizes

    @property
    def sentence_of(self) -> Int64[Tensor, "tokens"]:
        """The sentence of each token."""
        starts = torch.repeat_interleave(self.starts, self.sizes)
        return torch.arange(len(starts)) - starts

    @property
    def lengths(self) -> Int64[Tensor, "sentences"]:
        """The tokens of each sentence."""
        return torch.bincount(self.sentence_of)

    @property
    def before(self) -> Int64[Tensor, "tokens_but_the_first"]:
        """The token before each one that is not the first of its sentence."""
        first = int(self.sizes[0])
        return torch.arange(first, int(self.sizes.sum())) - torch.repeat_interleave(
            self.sizes[:-1], self.sizes[1:]
        )

    @property
    def last(self) -> Int64[Tensor, "sentences"]:
        """The last token of each sentence."""
        return self.starts[self.lengths - 1] + torch.arange(int(self.sizes[0]))

    @property
    def mirrored(self) -> Int64[Tensor, "tokens"]:
        """The token of each place when every sentence is read from its end; its own inverse."""
        sentence = self.sentence_of
        place = torch.repeat_interleave(torch.arange(len(self.sizes)), self.sizes)
        return self.starts[self.lengths[sentence] - 1 - place] + sentence
