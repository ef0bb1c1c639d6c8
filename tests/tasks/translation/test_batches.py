"""Batches of pairs."""

from __future__ import annotations

import numpy as np

from rowspace.tasks.translation.batches import END, START, Encoded, Ragged


def made(count, seed=0):
    rng = np.random.default_rng(seed)
    sides = [
        [[*rng.integers(3, 9, rng.integers(0, 7)).tolist(), END] for _ in range(count)] for _ in range(2)
    ]
    return sides, Encoded(*map(Ragged.of, sides))


def test_a_batch_holds_what_it_should():
    (sources, targets), data = made(20)
    batch = data.batch(np.array([3, 11, 4]))
    given = batch.given.flatten()[batch.places].tolist()
    wanted = batch.wanted.tolist()
    first = 0
    for line, number in enumerate([3, 11, 4]):
        assert batch.source[line, : batch.lengths[line]].tolist() == sources[number]
        assert not batch.source[line, batch.lengths[line] :].any()
        stop = first + len(targets[number])
        assert wanted[first:stop] == targets[number]
        assert given[first:stop] == [START, *targets[number][:-1]]
        first = stop
    assert first == len(wanted)


def test_an_epoch_has_every_pair_once_in_as_many_batches():
    _, data = made(300)
    orders = [data.shuffled(np.arange(300), 60, np.random.default_rng(seed)) for seed in range(2)]
    for order in orders:
        assert sorted(np.concatenate(order).tolist()) == list(range(300))
        sizes = [int(data.targets.lengths[each].sum()) for each in order]
        assert max(sizes) < 80
    assert len(orders[0]) == len(orders[1])
    assert [each.tolist() for each in orders[0]] != [each.tolist() for each in orders[1]]


def test_little_is_padding():
    _, data = made(300)
    order = data.shuffled(np.arange(300), 60, np.random.default_rng(0))
    batches = [data.batch(each) for each in order]
    assert sum(each.source.numel() for each in batches) < 1.1 * len(data.sources.ids)
