"""Sentences as numbers, and batches of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Int64
from torch import Tensor

from rowspace.arrays import RowIds
from rowspace.tasks.tagging.lexicon import Forms, Lexicon
from rowspace.tasks.tagging.spelling import Spelling
from rowspace.tasks.tagging.steps import Steps

MOST_TOKENS = 256  # a longer sentence is cut into pieces of so many
TOKENS_AT_ONCE = 4096  # of a batch that is only tagged


@dataclass(frozen=True, eq=False)
class Batch:
    """Some sentences, lying as `steps` says; words that occur more than once are looked up as one form."""

    own: Int64[Tensor, "tokens"]  # rows of the tokens' words, -1 where unknown
    given: Int64[Tensor, "tokens"]
    shapes: Int64[Tensor, "forms"]
    spelling: Spelling  # of the forms
    form_of: Int64[Tensor, "tokens"]
    tags: Int64[Tensor, "tokens"]  # 0 everywhere if there are none
    steps: Steps


@dataclass(frozen=True, eq=False)
class Encoded:
    """Sentences of at least a token as ids of distinct forms, one after the other, with their tags."""

    forms: Forms
    form_of: RowIds  # of each token
    starts: Int64[np.ndarray, "sentences_plus_1"]
    tags: RowIds  # of each token; 0 if there are none

    @classmethod
    def of(
        cls, sentences: Sequence[Sequence[str]], lexicon: Lexicon, tags: Sequence[Sequence[int]] = ()
    ) -> Encoded:
        """Look every distinct form up once."""
        ids: dict[str, int] = {}
        flat = [ids.setdefault(token, len(ids)) for tokens in sentences for token in tokens]
        starts = np.concatenate([[0], np.cumsum([len(tokens) for tokens in sentences])]).astype(np.int64)
        numbers = [tag for sentence in tags for tag in sentence] or [0] * len(flat)
        form_of = np.array(flat, np.int64)
        return cls(lexicon.forms(list(ids)), form_of, starts, np.array(numbers, np.int64))

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def lengths(self) -> Int64[np.ndarray, "sentences"]:
        """The tokens of each sentence."""
        return np.diff(self.starts)

    def batch(self, chosen: RowIds) -> Batch:
        """A batch of the sentences `chosen`, which must come longest first."""
        lengths = self.lengths[chosen]
        places = np.arange(lengths[0])[:, None]
        has_token = places < lengths
        tokens = (self.starts[chosen] + places)[has_token]
        met, form_of = np.unique(self.form_of[tokens], return_inverse=True)
        arrays = (
            self.forms.own[self.form_of[tokens]], self.forms.given[self.form_of[tokens]],
            self.forms.shapes[met], form_of, self.tags[tokens], has_token.sum(1),
        )  # fmt: skip
        own, given, shapes, of_tokens, tags, sizes = (torch.from_numpy(array) for array in arrays)
        return Batch(own, given, shapes, self.forms.spelling.of_words(met), of_tokens, tags, Steps(sizes))

    def shuffled(self, size: int, rng: np.random.Generator) -> list[RowIds]:
        """Every sentence once, in batches of about one length, longest first, in random order."""
        nearly = self.lengths + rng.random(len(self)) * (1 + 0.2 * self.lengths)
        order = np.argsort(-nearly, kind="stable")
        groups = [order[first : first + size] for first in range(0, len(order), size)]
        drawn = (groups[place] for place in rng.permutation(len(groups)).tolist())
        return [group[np.argsort(-self.lengths[group], kind="stable")] for group in drawn]

    def in_order(self) -> Iterator[tuple[RowIds, Batch]]:
        """Every sentence once, longest first, with the places of those in each batch."""
        order = np.argsort(-self.lengths, kind="stable")
        first = 0
        while first < len(order):
            count = max(1, TOKENS_AT_ONCE // int(self.lengths[order[first]]))
            yield order[first : first + count], self.batch(order[first : first + count])
            first += count


def pieces_of(tokens: Sequence[str]) -> list[Sequence[str]]:
    """A sentence in pieces of at most 256 tokens."""
    return [tokens[first : first + MOST_TOKENS] for first in range(0, len(tokens), MOST_TOKENS)]
