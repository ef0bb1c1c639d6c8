"""The CRF against sums and maxima over every sequence."""

from __future__ import annotations

from itertools import pairwise, product

import pytest
import torch
from torch.nn.utils.rnn import pack_sequence

from rowspace.tasks.tagging.crf import LinearChainCRF
from rowspace.tasks.tagging.schemes import legal_transitions, tags_of
from rowspace.tasks.tagging.steps import Steps

TAGS = tags_of(["x"])
LENGTHS = [4, 4, 2, 1]
STEPS = Steps(torch.tensor([4, 3, 2, 2]))


def packed(rows):
    """Rows of values for each sentence, laid out step by step."""
    return pack_sequence([row[:length] for row, length in zip(rows, LENGTHS, strict=True)]).data


@pytest.fixture
def crf():
    torch.manual_seed(0)
    made = LinearChainCRF(legal_transitions(TAGS))
    for each in made.parameters():
        torch.nn.init.normal_(each)
    return made


@pytest.fixture
def emissions():
    return torch.randn(4, 4, len(TAGS), generator=torch.Generator().manual_seed(1))


def scores(crf, emissions, length):
    """The score of each legal sequence."""
    legal, found = legal_transitions(TAGS), {}
    for path in product(range(len(TAGS)), repeat=length):
        steps = list(pairwise(path))
        if legal.starts[path[0]] and legal.ends[path[-1]] and all(legal.follows[a, b] for a, b in steps):
            score = crf.starts[path[0]] + crf.ends[path[-1]] + sum(crf.follows[a, b] for a, b in steps)
            found[path] = float((score + sum(emissions[i, tag] for i, tag in enumerate(path))).detach())
    return found


def test_likelihoods_are_shares_of_all_legal_sequences(crf, emissions):
    for row, length in enumerate(LENGTHS):
        each = scores(crf, emissions[row], length)
        whole = torch.logsumexp(torch.tensor(list(each.values()), dtype=torch.float64), 0)
        partition = crf.log_partition(packed(emissions), STEPS)[row].detach()
        assert float(partition) == pytest.approx(float(whole), abs=1e-4)
        for path, score in each.items():
            tags = torch.zeros(4, 4, dtype=torch.int64)
            tags[row, :length] = torch.tensor(path)
            likelihood = crf.log_likelihood(packed(emissions), packed(tags), STEPS)[row].detach()
            assert float(likelihood) == pytest.approx(score - float(whole), abs=1e-4)


def test_decoding_finds_the_best_legal_sequence(crf, emissions):
    for shift in range(5):
        moved = emissions.roll(shift, 0) * 2
        paths = crf.decode(packed(moved), STEPS)
        for row, length in enumerate(LENGTHS):
            each = scores(crf, moved[row], length)
            assert tuple(paths[row]) == max(each, key=each.__getitem__)


def test_gradients_are_those_of_differences(crf, emissions):
    tags = torch.tensor([[1, 2, 3, 0], [0, 4, 4, 0], [1, 3, 0, 0], [4, 0, 0, 0]])
    crf.double()
    values = packed(emissions).double().requires_grad_()
    assert torch.autograd.gradcheck(lambda each: crf.log_likelihood(each, packed(tags), STEPS), (values,))


def test_far_scores_stay_finite(crf, emissions):
    far = (packed(emissions) * 1e3).requires_grad_()
    loss = -crf.log_likelihood(far, torch.zeros(len(far), dtype=torch.int64), STEPS).sum()
    loss.backward()
    assert torch.isfinite(loss)
    assert torch.isfinite(far.grad).all()
