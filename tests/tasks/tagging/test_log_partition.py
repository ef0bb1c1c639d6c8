"""The forward algorithm against a sum over every sequence, and its gradient."""

from __future__ import annotations

from itertools import pairwise, product

import torch

from rowspace.tasks.tagging.log_partition import log_partition
from rowspace.tasks.tagging.steps import Steps

TAGS, STEPS = 3, Steps(torch.tensor([3, 2, 2]))


def scores(far=1.0):
    """Emissions, so far apart, starts, transitions, ends."""
    rng = torch.Generator().manual_seed(0)
    shapes = ((7, TAGS), (TAGS,), (TAGS, TAGS), (TAGS,))
    return [
        (size * torch.randn(shape, generator=rng, dtype=torch.float64)).requires_grad_()
        for shape, size in zip(shapes, (far, 1, 1, 1), strict=True)
    ]


def brute(emissions, starts, follows, ends):
    """The same for each sentence, sequence by sequence."""
    for tokens in ([0, 3, 5], [1, 4, 6], [2]):
        yield torch.logsumexp(
            torch.stack([
                starts[path[0]] + ends[path[-1]] + sum(follows[a, b] for a, b in pairwise(path))
                + sum(emissions[token, tag] for token, tag in zip(tokens, path, strict=True))
                for path in product(range(TAGS), repeat=len(tokens))
            ]), 0
        )  # fmt: skip


def test_sums_are_those_over_every_sequence():
    torch.testing.assert_close(log_partition(*scores(), STEPS), torch.stack(list(brute(*scores()))))


def test_gradients_are_those_of_every_sequence_and_of_differences():
    ours, plain, weights = scores(), scores(), torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64)
    (log_partition(*ours, STEPS) * weights).sum().backward()
    (torch.stack(list(brute(*plain))) * weights).sum().backward()
    for each, other in zip(ours, plain, strict=True):
        torch.testing.assert_close(each.grad, other.grad)
    assert torch.autograd.gradcheck(lambda *each: log_partition(*each, STEPS), scores())


def test_far_scores_stay_finite_and_right():
    for far in (30.0, 300.0, 1e4):
        ours, plain = scores(far), scores(far)
        total = log_partition(*ours, STEPS)
        total.sum().backward()
        assert all(bool(torch.isfinite(each.grad).all()) for each in ours)
        torch.testing.assert_close(total, torch.stack(list(brute(*plain))))
