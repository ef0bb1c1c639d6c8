"""Beam search against all translations there are."""

from __future__ import annotations

import itertools

import pytest
import torch

from rowspace.tasks.translation.batches import END, PADDING, START, Ragged
from rowspace.tasks.translation.network import Sizes, TranslationNetwork
from rowspace.tasks.translation.search import Search
from rowspace.vocabulary import Words

PIECES = [3, 4]


@pytest.fixture(params=["transformer", "recurrent"])
def network(request):
    torch.manual_seed(3)
    sizes = Sizes(request.param, 8, 1, 2, 0.0, tied=True)
    network = TranslationNetwork(Words.from_keys([f"k{row}" for row in range(5)]), sizes).eval()
    with torch.no_grad():
        network.output.bias[END] = 1.5  # ends come soon, so that few long ones are left to look at
    return network


@torch.no_grad()
def log_probability(network, source, target):
    state, total = network.begin(torch.tensor([source]), torch.tensor([len(source)])), 0.0
    for last, piece in itertools.pairwise([START, *target, END]):
        total += float(network.advance(state, torch.tensor([last]))[0, piece])
    return total


@pytest.mark.parametrize("length_power", [0.0, 1.0])
def test_a_wide_beam_finds_the_best_of_all(network, length_power):
    source = [3, 4, 3, END]
    search = Search(16, length_power)
    score = {
        target: search.softened(log_probability(network, source, target), len(target) + 1)
        for length in range(4)
        for target in itertools.product(PIECES, repeat=length)
    }
    [found] = search.run(network, Ragged.of([source]))
    assert (
        search.softened(log_probability(network, source, found), len(found) + 1) >= max(score.values()) - 1e-5
    )


def test_beam_1_takes_the_best_piece_each_time(network):
    source, taken = [4, 3, END], []
    state, last = network.begin(torch.tensor([source]), torch.tensor([3])), START
    for _ in range(50):
        logs = network.advance(state, torch.tensor([last]))
        logs[0, [PADDING, START]] = -torch.inf
        last = int(logs.argmax())
        if last == END or len(taken) == 2 * 3 + 10 - 1:
            break
        taken.append(last)
    [found] = Search(1, 1.0).run(network, Ragged.of([source]))
    assert found[: len(taken)] == taken


def test_sentences_do_not_disturb_each_other(network):
    sources = [[3, END], [4, 4, 3, END], [3, 4, END], [END], [4, 3, 4, END]]
    search = Search(3, 1.0)
    together = search.run(network, Ragged.of(sources))
    assert together == [search.run(network, Ragged.of([each]))[0] for each in sources]


def test_it_ends_where_the_network_never_would(network):
    with torch.no_grad():
        network.output.bias[END] = -50.0
    [found] = Search(2, 1.0).run(network, Ragged.of([[3, END]]))
    assert len(found) <= 2 * 2 + 10
    assert Search(2, 1.0).run(network, Ragged.of([])) == []


def test_what_is_only_copied_is_written_where_the_source_has_it(network):
    with torch.no_grad():
        network.output.bias[4] = 50.0
    without, with_it = Search(2, 1.0, (4,)).run(network, Ragged.of([[3, END], [4, END]]))
    assert 4 not in without
    assert 4 in with_it
