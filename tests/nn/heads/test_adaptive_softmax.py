"""AdaptiveSoftmax: torch's results where torch has any, and what torch's lacks."""

import copy
import io

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from rowspace.errors import RecipeError, RowIdError, ShapeError
from rowspace.nn import Embedding, optim
from rowspace.nn.heads import AdaptiveSoftmax

DIM, ROWS, CUTOFFS = 8, 40, [5, 16]
ORDER = torch.randperm(ROWS, generator=torch.Generator().manual_seed(9))


def seeded(make, **options):
    torch.manual_seed(0)
    return make(DIM, ROWS, CUTOFFS, div_value=2.0, **options)


def batch(*shape):
    generator = torch.Generator().manual_seed(1)
    return torch.randn(*shape, DIM, generator=generator), torch.randint(ROWS, shape, generator=generator)


def tied(**options) -> AdaptiveSoftmax:
    torch.manual_seed(0)
    return seeded(AdaptiveSoftmax, layer=Embedding(ROWS, DIM), **options)


@pytest.mark.parametrize("head_bias", [False, True])
@pytest.mark.parametrize("positions", [1, 2, 60])
def test_results_gradients_and_names_are_torch_s(positions, head_bias):
    theirs = seeded(torch.nn.AdaptiveLogSoftmaxWithLoss, head_bias=head_bias)
    ours = seeded(AdaptiveSoftmax, head_bias=head_bias)
    ours.load_state_dict(theirs.state_dict())
    hidden, targets = batch(positions)
    expected, found = theirs(hidden, targets), ours(hidden, targets)
    torch.testing.assert_close(found.output, expected.output)
    torch.testing.assert_close(found.loss, expected.loss)
    torch.testing.assert_close(ours.log_prob(hidden), theirs.log_prob(hidden))
    assert torch.equal(ours.predict(hidden), theirs.predict(hidden))
    expected.loss.backward()
    found.loss.backward()
    for (name, parameter), other in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        gradient = torch.zeros_like(other) if other.grad is None else other.grad
        torch.testing.assert_close(parameter.grad, gradient, msg=name)


def test_the_start_is_torch_s():
    theirs, ours = seeded(torch.nn.AdaptiveLogSoftmaxWithLoss), seeded(AdaptiveSoftmax)
    for name, value in theirs.state_dict().items():
        assert torch.equal(ours.state_dict()[name], value)


def test_ids_in_any_order():
    theirs, ours = seeded(torch.nn.AdaptiveLogSoftmaxWithLoss), seeded(AdaptiveSoftmax, order=ORDER)
    hidden, targets = batch(30)
    ranks = torch.argsort(ORDER)
    torch.testing.assert_close(ours(hidden, targets).output, theirs(hidden, ranks[targets]).output)
    torch.testing.assert_close(ours.log_prob(hidden), theirs.log_prob(hidden)[:, ranks])
    assert torch.equal(ours.predict(hidden), ORDER[theirs.predict(hidden)])


@pytest.mark.parametrize("make", [seeded, tied], ids=["own rows", "tied"])
@pytest.mark.parametrize("order", [None, ORDER], ids=["sorted", "unsorted"])
def test_the_head_agrees_with_itself(make, order):
    head = make(order=order) if make is tied else make(AdaptiveSoftmax, order=order)
    hidden, targets = batch(3, 20)
    hidden = 5 * hidden  # else the head outweighs every tail
    every = head.log_prob(hidden)
    torch.testing.assert_close(every.exp().sum(-1), torch.ones(3, 20))
    torch.testing.assert_close(head(hidden, targets).output, every.gather(-1, targets[..., None]).squeeze(-1))
    assert torch.equal(head.predict(hidden), every.argmax(-1))
    assert len(head.predict(hidden).unique()) > 5


def test_tied_rows_are_those_of_the_layer():
    """The dense model with the same rows, each tail's cut to its width, gives the same."""
    head = tied(order=ORDER)
    theirs = seeded(torch.nn.AdaptiveLogSoftmaxWithLoss)
    rows = head.layer.weight.detach()[ORDER]
    with torch.no_grad():
        theirs.head.weight.copy_(torch.cat([rows[:5], head.head.own.weight]))
        for number, (first, last, width) in enumerate([(5, 16, 4), (16, 40, 2)]):
            theirs.tail[number][0].weight.copy_(head.tail[number][0].weight)
            theirs.tail[number][1].weight.copy_(rows[first:last, :width])
    hidden, targets = batch(30)
    expected, found = theirs(hidden, torch.argsort(ORDER)[targets]), head(hidden, targets)
    torch.testing.assert_close(found.output, expected.output)
    expected.loss.backward()
    found.loss.backward()
    gradient = torch.zeros(ROWS, DIM)
    gradient[ORDER[:5]] = theirs.head.weight.grad[:5]
    for number, (first, last, width) in enumerate([(5, 16, 4), (16, 40, 2)]):
        gradient[ORDER[first:last], :width] = theirs.tail[number][1].weight.grad
    torch.testing.assert_close(head.layer.weight.grad, gradient)


def test_an_optimizer_of_rows_steps_the_clusters_that_were_met():
    head = tied(order=ORDER)
    before = head.layer.weight.detach().clone()
    optimizer = optim.RowwiseAdagrad(head.parameters(), lr=0.1)
    head(torch.randn(2, DIM), ORDER[[0, 7]]).loss.backward()  # the head and the first tail
    optimizer.step()
    moved = (head.layer.weight != before).any(1)
    assert set(moved.nonzero().squeeze(1).tolist()) == set(ORDER[:16].tolist())


def test_an_optimizer_of_rows_steps_as_torch_s_own():
    head = tied(order=ORDER)
    twin = copy.deepcopy(head)
    optimizers = optim.Adam(head.parameters(), lr=0.01), torch.optim.Adam(twin.parameters(), lr=0.01)
    hidden, targets = batch(9)
    for step in range(10):
        for each, optimizer in zip((head, twin), optimizers, strict=True):
            optimizer.zero_grad()
            each(hidden, (targets + step) % ROWS).loss.backward()
            optimizer.step()
    for name, value in twin.state_dict().items():
        torch.testing.assert_close(head.state_dict()[name], value, rtol=1e-4, atol=1e-6)


def test_every_part_has_a_gradient_in_every_step():
    head, (hidden, _) = seeded(AdaptiveSoftmax), batch(3)
    head(hidden, torch.zeros(3, dtype=torch.int64)).loss.backward()
    assert all(parameter.grad is not None for parameter in head.parameters())
    assert not head.tail[1][1].weight.grad.any()


def test_from_counts_orders_rows_by_their_counts():
    head = AdaptiveSoftmax.from_counts([3, 9, 0, 9, 40], DIM, cutoffs=[2])
    assert head.order.tolist() == [4, 1, 3, 0, 2]
    assert head.cutoffs == [2, 5]
    sorted_head = AdaptiveSoftmax.from_counts(np.array([9, 5, 5, 1]), DIM, cutoffs=[2])
    assert sorted_head.order is None
    assert list(sorted_head.state_dict()) == ["head.weight", "tail.0.0.weight", "tail.0.1.weight"]


def test_from_counts_chooses_cutoffs():
    counts = 10**9 // np.random.default_rng(0).permutation(np.arange(1, 30_001))
    head = AdaptiveSoftmax.from_counts(torch.from_numpy(counts), 64, max_tails=2, div_value=2.0)
    assert len(head.cutoffs) == 3
    assert [tail[0].out_features for tail in head.tail] == [32, 16]
    frequent = torch.from_numpy(counts)[head.order[: head.cutoffs[0]]]
    assert frequent.min() >= torch.from_numpy(counts)[head.order[head.cutoffs[0] :]].max()


def test_without_cutoffs_the_head_is_a_full_softmax():
    head, (hidden, targets) = AdaptiveSoftmax(DIM, ROWS, []), batch(6)
    expected = F.cross_entropy(hidden @ head.head.weight.T, targets)
    torch.testing.assert_close(head(hidden, targets).loss, expected)
    assert torch.equal(head.predict(hidden), head.log_prob(hidden).argmax(-1))


def test_tails_are_at_least_one_wide():
    head = AdaptiveSoftmax(4, 9, [2, 4, 8], div_value=4.0)
    assert [tail[0].out_features for tail in head.tail] == [1, 1, 1]
    loss = head(torch.randn(3, 4), torch.tensor([0, 3, 8])).loss  # clusters of two rows and of one
    loss.backward()
    assert loss.isfinite()


def test_ignored_empty_and_single():
    head, (hidden, targets) = seeded(AdaptiveSoftmax, ignore_index=7, reduction="sum"), batch(4)
    targets[:] = torch.tensor([3, 7, 20, 30])
    kept = torch.tensor([0, 2, 3])
    torch.testing.assert_close(head(hidden, targets).loss, head(hidden[kept], targets[kept]).loss)
    assert head(hidden, targets).output[1] == 0
    assert head(hidden[:0], targets[:0]).loss.item() == 0
    assert head(hidden[0], targets[0]).output.shape == ()
    assert head.predict(hidden[0]).shape == ()
    assert head.predict(hidden[:0]).shape == (0,)
    assert head.log_prob(hidden[:0]).shape == (0, ROWS)


def test_large_logits_stay_finite():
    head, (hidden, targets) = seeded(AdaptiveSoftmax), batch(9)
    loss = head(1e6 * hidden, targets).loss
    loss.backward()
    assert loss.isfinite()
    assert all(parameter.grad.isfinite().all() for parameter in head.parameters())


@pytest.mark.parametrize("make", [seeded, tied], ids=["own rows", "tied"])
def test_autocast_sums_in_float32(make):
    head = tied() if make is tied else seeded(AdaptiveSoftmax)
    hidden, targets = batch(60)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = head(hidden.bfloat16(), targets)
        assert head.log_prob(hidden).dtype == torch.float32
    found.loss.backward()
    assert found.loss.dtype == found.output.dtype == torch.float32
    torch.testing.assert_close(found.loss, head(hidden, targets).loss, rtol=0.02, atol=0.02)


def test_bfloat16():
    head, (hidden, targets) = seeded(AdaptiveSoftmax, dtype=torch.bfloat16), batch(9)
    assert head(hidden.bfloat16(), targets).loss.dtype == torch.float32


@pytest.mark.parametrize("assign", [False, True])
@pytest.mark.parametrize("make", [seeded, tied], ids=["own rows", "tied"])
def test_a_state_dict_brings_its_order(make, assign):
    def build(order):
        return tied(order=order) if make is tied else seeded(AdaptiveSoftmax, order=order)

    head, other = build(ORDER), build(ORDER.flip(0))
    with torch.no_grad():
        for parameter in head.parameters():
            parameter.normal_()
    file = io.BytesIO()
    torch.save(head.state_dict(), file)
    file.seek(0)
    other.load_state_dict(torch.load(file), assign=assign)
    hidden, targets = batch(9)
    torch.testing.assert_close(other(hidden, targets).output, head(hidden, targets).output)
    torch.testing.assert_close(other.log_prob(hidden), head.log_prob(hidden))


def test_copies_and_moves_keep_the_order():
    head = tied(order=ORDER)
    twin = copy.deepcopy(head).double()
    hidden, targets = batch(9)
    torch.testing.assert_close(
        twin(hidden.double(), targets).output.float(), head(hidden, targets).output, rtol=1e-4, atol=1e-5
    )
    assert twin.layer.weight is not head.layer.weight
    assert sum(name.endswith("layer.weight") for name in head.state_dict()) == 1


def test_a_target_that_is_no_row():
    with pytest.raises(RowIdError, match=r"targets of AdaptiveSoftmax.*\[0, 40\).*\[1\] is 40"):
        seeded(AdaptiveSoftmax)(torch.zeros(2, DIM), torch.tensor([0, 40]))


@pytest.mark.parametrize("cutoffs", [[0, 5], [5, 5], [9, 5], [5, 40], [5, 41], [2.5]])
@pytest.mark.unchecked
def test_cutoffs_that_are_none(cutoffs):
    with pytest.raises(RecipeError, match=r"rise within .*\(0, 40\).*from_counts"):
        AdaptiveSoftmax(DIM, ROWS, cutoffs)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: AdaptiveSoftmax(0, 9, [2]), RecipeError, "dim >= 1"),
        (lambda: AdaptiveSoftmax(4, 9, [2], div_value=0.5), RecipeError, "div_value >= 1"),
        (lambda: AdaptiveSoftmax(4, 9, [2], layer=Embedding(9, 5)), ShapeError, r"layer is \(9, 5\)"),
        (lambda: AdaptiveSoftmax(4, 3, [2], order=torch.tensor([0, 1, 1])), ShapeError, "2 different rows"),
        (lambda: AdaptiveSoftmax(4, 3, [2], order=torch.tensor([0, 1])), ShapeError, r"shape \(2,\)"),
        (lambda: AdaptiveSoftmax.from_counts([[1, 2]], 4), ShapeError, r"shape \(1, 2\)"),
        (lambda: AdaptiveSoftmax.from_counts([4, -1], 4), RecipeError, "not be negative"),
    ],
)
@pytest.mark.unchecked
def test_errors_say_what_is_wrong(make, error, message):
    with pytest.raises(error, match=message):
        make()
