"""A linear-chain conditional random field: scores of whole tag sequences, legal ones only."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from rowspace.tasks.tagging.log_partition import log_partition
from rowspace.tasks.tagging.schemes import Legal
from rowspace.tasks.tagging.steps import Steps

ILLEGAL = -1e4  # added to the score of what is illegal: far below every score, and finite


class LinearChainCRF(torch.nn.Module):
    """The probability of a tag sequence, given a score for each tag of each token (Lafferty et al. 2001).

    The score of a sequence is the sum of its tags' emissions, of the transitions between neighbors, and of
    how it starts and ends. Sequences that `legal` forbids have probability 0. Sums are of float64, in log
    space. Tokens lie as `Steps` says. Cost: tokens times tags squared.

    >>> from rowspace.tasks.tagging.schemes import legal_transitions
    >>> crf = LinearChainCRF(legal_transitions(["O", "S-x"]))
    >>> emissions, steps = torch.zeros(3, 2), Steps(torch.tensor([1, 1, 1]))
    >>> crf.log_likelihood(emissions, torch.tensor([0, 1, 0]), steps).exp().detach()
    tensor([0.1250], dtype=torch.float64)
    """

    follows: Tensor
    starts: Tensor
    ends: Tensor
    illegal_follows: Tensor
    illegal_starts: Tensor
    illegal_ends: Tensor

    def __init__(self, legal: Legal) -> None:
        super().__init__()
        for name in ("follows", "starts", "ends"):
            allowed = torch.from_numpy(getattr(legal, name).copy())
            setattr(self, name, torch.nn.Parameter(torch.zeros(allowed.shape)))
            self.register_buffer(f"illegal_{name}", torch.where(allowed, 0.0, ILLEGAL), persistent=False)

    def log_likelihood(
        self, emissions: Float[Tensor, "tokens tags"], tags: Int64[Tensor, "tokens"], steps: Steps
    ) -> Float[Tensor, "sentences"]:
        """The logarithm of the probability of each sentence's tags."""
        return self._score(emissions, tags, steps) - self.log_partition(emissions, steps)

    def log_partition(
        self, emissions: Float[Tensor, "tokens tags"], steps: Steps
    ) -> Float[Tensor, "sentences"]:
        """The logarithm of the sum over all legal sequences: the forward algorithm."""
        return log_partition(emissions.double(), *self._scores(), steps)

    @torch.no_grad()
    def decode(self, emissions: Float[Tensor, "tokens tags"], steps: Steps) -> list[list[int]]:
        """The most probable legal tags of each sentence: the algorithm of Viterbi."""
        starts, follows, ends = self._scores()
        first, *later = steps.slices
        scores = starts + emissions[first]
        last = scores.clone()
        back: list[Tensor] = []  # for each token but the first, the best tag before each tag
        for step in later:
            best, before = (scores[: step.stop - step.start].unsqueeze(2) + follows).max(1)
            scores = best + emissions[step]
            last[: len(scores)] = scores
            back.append(before)
        tags = (last + ends).argmax(1)
        path = tags.new_empty(len(emissions))
        for step, before in zip(reversed(later), reversed(back), strict=True):
            path[step] = tags[: len(before)]
            tags[: len(before)] = before.gather(1, path[step].unsqueeze(1)).squeeze(1)
        path[first] = tags
        of_sentences = path[torch.argsort(steps.sentence_of, stable=True)]
        return [part.tolist() for part in torch.split(of_sentences, steps.lengths.tolist())]

    def _score(self, emissions: Tensor, tags: Tensor, steps: Steps) -> Float[Tensor, "sentences"]:
        """The score of each sentence's tags."""
        starts, follows, ends = self._scores()
        first = len(tags) - len(steps.before)
        own = emissions.double().gather(1, tags.unsqueeze(1)).squeeze(1)
        between = torch.cat([starts[tags[:first]], follows[tags[steps.before], tags[first:]]])
        score: Tensor = ends[tags[steps.last]].index_add(0, steps.sentence_of, own + between)
        return score

    def _scores(self) -> tuple[Tensor, Tensor, Tensor]:
        """Of starts, transitions and ends."""
        return (
            (self.starts + self.illegal_starts).double(),
            (self.follows + self.illegal_follows).double(),
            (self.ends + self.illegal_ends).double(),
        )
