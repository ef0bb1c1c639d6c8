"""What both networks must keep: no look ahead, no padding, one result at once or place by place."""

from __future__ import annotations

import pytest
import torch

from rowspace.tasks.translation.batches import START
from rowspace.tasks.translation.network import Sizes, TranslationNetwork
from rowspace.vocabulary import Words

KINDS = {
    "transformer": Sizes("transformer", 16, 2, 4, 0.0, tied=True),
    "recurrent": Sizes("recurrent", 16, 2, 4, 0.0, tied=True),
    "without attention": Sizes("recurrent", 16, 1, 0, 0.0, tied=True),
    "untied": Sizes("transformer", 16, 1, 2, 0.0, tied=False),
}
SOURCE, LENGTHS = torch.tensor([[4, 5, 6, 7, 2], [8, 9, 2, 0, 0]]), torch.tensor([5, 3])
GIVEN = torch.tensor([[START, 5, 6, 7], [START, 9, 5, 4]])


@pytest.fixture(params=KINDS)
def network(request):
    torch.manual_seed(1)
    return TranslationNetwork(Words.from_keys([f"k{row}" for row in range(12)]), KINDS[request.param]).eval()


def all_at_once(network, source=SOURCE, lengths=LENGTHS, given=GIVEN):
    states, mask = network.read(source, lengths)
    written = network.body.write(states, mask, network.scale * network.target(given))
    return torch.log_softmax(network.output(written), 2)


def test_place_by_place_is_all_at_once(network):
    state = network.begin(SOURCE, LENGTHS)
    logs = [network.advance(state, GIVEN[:, place]) for place in range(4)]
    torch.testing.assert_close(torch.stack(logs, 1), all_at_once(network))


def test_rows_that_are_taken_go_on_as_they_were(network):
    state = network.begin(SOURCE, LENGTHS)
    network.advance(state, GIVEN[:, 0])
    state.take_(torch.tensor([1, 1, 0]))
    network.advance(state, GIVEN[[1, 1, 0], 1])
    state.follow_(torch.tensor([1, 0, 2]))
    logs = network.advance(state, GIVEN[[1, 1, 0], 2])
    torch.testing.assert_close(logs, all_at_once(network)[[1, 1, 0], 2])


def test_padding_changes_nothing(network):
    alone = all_at_once(network, SOURCE[1:, :3], LENGTHS[1:], GIVEN[1:])
    torch.testing.assert_close(all_at_once(network)[1:], alone)


def test_nothing_is_seen_ahead_and_the_source_is_seen(network):
    changed = GIVEN.clone()
    changed[:, 2] = 10
    torch.testing.assert_close(all_at_once(network, given=changed)[:, :2], all_at_once(network)[:, :2])
    other = SOURCE.clone()
    other[0, 0] = 10
    assert not torch.allclose(all_at_once(network, other)[0], all_at_once(network)[0], atol=1e-4)


def test_tied_rows_are_one_parameter():
    words = Words.from_keys([f"k{row}" for row in range(12)])
    tied, untied = (TranslationNetwork(words, KINDS[kind]) for kind in ("transformer", "untied"))
    assert tied.source is tied.target is tied.output.layer
    assert len({id(each.weight) for each in (untied.source, untied.target, untied.output.layer)}) == 3
