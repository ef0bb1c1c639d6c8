"""What all optimizers of rows share, shown on one or two of them."""

from __future__ import annotations

import copy
import gc
import io
import pickle

import pytest
import torch

from rowspace.errors import RecipeError
from rowspace.nn.embedding import Embedding
from rowspace.nn.optim import SGD, Adagrad, Adam, AdamW
from rowspace.nn.optim.row_optimizer import is_stepped_by_rows, rows_with_gradient
from rowspace.nn.row_gradient import Segments
from rowspace.nn.row_parameter import RowParameter

TORCH = {SGD: torch.optim.SGD, Adagrad: torch.optim.Adagrad, Adam: torch.optim.Adam, AdamW: torch.optim.AdamW}


def twins(rows=20, dim=3, **options) -> tuple[Embedding, torch.nn.Embedding]:
    """Our layer and torch's with the same rows."""
    ours = Embedding(rows, dim, **options)
    theirs = torch.nn.Embedding(rows, dim, dtype=ours.weight.dtype)
    theirs.weight.data.copy_(ours.weight)
    return ours, theirs


def train(layer, optimizer, steps=40, seed=0) -> None:
    """Lookups of a few rows, some of them rare."""
    generator = torch.Generator().manual_seed(seed)
    for _ in range(steps):
        ids = (torch.rand(6, generator=generator) ** 3 * layer.num_embeddings).long()
        optimizer.zero_grad()
        layer(ids).square().sum().backward()
        optimizer.step()


def assert_same(ours: Embedding, theirs: torch.nn.Embedding) -> None:
    ours.settle()
    torch.testing.assert_close(ours.weight.detach(), theirs.weight.detach(), atol=1e-5, rtol=0)


def test_it_collects_for_float32_rows_alone():
    small, wide, linear = Embedding(3, 2), Embedding(3, 2, dtype=torch.float64), torch.nn.Linear(2, 2)
    optimizer = AdamW([*small.parameters(), *wide.parameters(), *linear.parameters()])
    assert small.weight.collector is optimizer and wide.weight.collector is None
    assert [is_stepped_by_rows(each.weight) for each in (small, wide, linear)] == [True, False, False]


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("kind", TORCH)
def test_rows_of_other_dtypes_are_stepped_as_ordinary_parameters(kind, sparse):
    ours, theirs = twins(dtype=torch.float64, sparse=sparse)
    for layer, optimizer in (
        (ours, kind(ours.parameters(), lr=0.01)),
        (theirs, TORCH[kind](theirs.parameters(), lr=0.01)),
    ):
        train(layer, optimizer, 5)
    torch.testing.assert_close(ours.weight.detach(), theirs.weight.detach(), atol=1e-12, rtol=0)


@pytest.mark.parametrize("kind", [SGD, AdamW])
def test_groups_have_settings_of_their_own(kind):
    settings = {"momentum": 0.9} if kind is SGD else {"weight_decay": 0.2}
    pairs = [twins(), twins(), twins()]
    optimizers = []
    for side, make in enumerate((kind, TORCH[kind])):
        weights = [pair[side].weight for pair in pairs]
        optimizer = make(
            [{"params": [weights[0]]}, {"params": [weights[1]], "lr": 0.003}], lr=0.01, **settings
        )
        optimizer.add_param_group({"params": [weights[2]], "lr": 0.03})
        optimizers.append(optimizer)
    for side, optimizer in enumerate(optimizers):
        for pair in pairs:
            train(pair[side], optimizer)
    for pair in pairs:
        assert_same(*pair)


def test_named_parameters_are_taken():
    layer = Embedding(3, 2)
    optimizer = SGD(layer.named_parameters(), lr=1.0)
    layer(torch.tensor([1])).sum().backward()
    before = layer.weight.detach().clone()
    optimizer.step()
    assert (layer.weight != before).any(1).tolist() == [False, True, False]


def test_a_weight_without_gradient_is_not_stepped():
    used, unused = Embedding(3, 2), Embedding(3, 2)
    optimizer = AdamW([used.weight, unused.weight], weight_decay=0.5)
    before = unused.weight.detach().clone()
    used(torch.tensor([1])).sum().backward()
    optimizer.step()
    unused.settle()
    torch.testing.assert_close(unused.weight.detach(), before, atol=0, rtol=0)
    assert unused.weight not in optimizer.state


def test_a_batch_without_ids_is_a_step_all_the_same():
    ours, theirs = twins()
    for layer, optimizer in (
        (ours, AdamW(ours.parameters(), lr=0.01)),
        (theirs, torch.optim.AdamW(theirs.parameters(), lr=0.01)),
    ):
        train(layer, optimizer, 5)
        optimizer.zero_grad()
        layer(torch.empty(0, dtype=torch.int64)).sum().backward()
        optimizer.step()
    assert_same(ours, theirs)


def test_a_closure_is_called_with_gradients_on_and_its_loss_returned():
    layer = Embedding(3, 2, _weight=torch.ones(3, 2))
    optimizer = SGD(layer.parameters(), lr=0.5)

    def closure():
        optimizer.zero_grad()
        loss = layer(torch.tensor([1])).sum()
        loss.backward()
        return loss

    assert optimizer.step(closure) == 2.0
    assert layer.weight[1].tolist() == [0.5, 0.5]


def test_a_later_optimizer_takes_over_rows_that_are_up_to_date():
    ours, theirs = twins()
    first, dense = AdamW(ours.parameters(), lr=0.01), torch.optim.AdamW(theirs.parameters(), lr=0.01)
    train(ours, first)
    train(theirs, dense)
    second = SGD(ours.parameters(), lr=0.1)
    torch.testing.assert_close(ours.weight.detach(), theirs.weight.detach(), atol=1e-5, rtol=0)
    train(ours, second)
    train(theirs, torch.optim.SGD(theirs.parameters(), lr=0.1))
    del first  # with nothing left to do
    gc.collect()
    assert_same(ours, theirs)


def test_an_optimizer_whose_weight_was_taken_does_not_step():
    layer = Embedding(3, 2)
    first, _second = SGD(layer.parameters()), SGD(layer.parameters())
    layer(torch.tensor([1])).sum().backward()
    with pytest.raises(RecipeError, match="later"):
        first.step()


def test_an_optimizer_thrown_away_leaves_rows_where_the_dense_one_has_them():
    ours, theirs = twins()
    optimizer = AdamW(ours.parameters(), lr=0.01)
    train(ours, optimizer)
    train(theirs, torch.optim.AdamW(theirs.parameters(), lr=0.01))
    del optimizer
    gc.collect()
    assert ours.weight.collector is None
    torch.testing.assert_close(ours.weight.detach(), theirs.weight.detach(), atol=1e-5, rtol=0)
    train(ours, torch.optim.SGD(ours.parameters(), lr=0.1))  # any optimizer will do now
    train(theirs, torch.optim.SGD(theirs.parameters(), lr=0.1))
    assert_same(ours, theirs)


@pytest.mark.parametrize("kind", TORCH)
def test_a_tied_output_layer_gives_every_row_a_gradient(kind):
    ours, theirs = twins()
    targets = torch.arange(6)
    for layer, optimizer in (
        (ours, kind(ours.parameters(), lr=0.01)),
        (theirs, TORCH[kind](theirs.parameters(), lr=0.01)),
    ):
        for step in range(12):
            optimizer.zero_grad()
            hidden = layer(torch.arange(6) + step % 3)
            if step % 2:
                torch.nn.functional.cross_entropy(hidden @ layer.weight.T, targets).backward()
            else:
                hidden.square().sum().backward()
            optimizer.step()
            if layer is ours:
                ours.settle()
    assert_same(ours, theirs)


def test_a_dense_gradient_becomes_rows_without_those_of_zeros():
    gradient = torch.tensor([[0.0, 0.0], [0.0, -1.0], [0.0, 0.0], [float("nan"), 0.0]])
    segments = rows_with_gradient(gradient)
    assert segments.rows.tolist() == [1, 3]
    torch.testing.assert_close(segments.summed().outputs, gradient[[1, 3]], equal_nan=True)


class Recording:
    """A regularizer that notes its calls and takes no gradient of row 0."""

    def __init__(self, calls: list) -> None:
        self.calls = calls

    def before_step(self, weight, segments: Segments, lr: float) -> Segments:
        assert isinstance(weight, RowParameter)
        summed = segments.summed()
        summed.outputs[summed.rows == 0] = 0
        self.calls.append(("before", summed.rows.tolist(), lr))
        return summed

    def after_step(self, weight, rows) -> None:
        self.calls.append(("after", rows.tolist()))
        weight[rows] += 10


def test_regularizers_change_the_gradient_before_and_the_rows_after_a_step():
    calls = []
    layer = Embedding(4, 1, _weight=torch.ones(4, 1)).regularize(Recording(calls), Recording(calls))
    optimizer = SGD(layer.parameters(), lr=0.5)
    layer(torch.tensor([2, 0, 2])).sum().backward()
    optimizer.step()
    assert calls == [("before", [0, 2], 0.5)] * 2 + [("after", [0, 2])] * 2
    assert layer.weight.flatten().tolist() == [21, 1, 20, 1]


@pytest.mark.parametrize("kind", TORCH)
def test_frozen_rows_keep_values_and_state(kind):
    ours, theirs = twins()
    ours.weight.rates = torch.ones(20)
    ours.weight.rates[:10] = 0
    before = ours.weight.detach().clone()
    optimizer = kind(ours.parameters(), lr=0.01)
    train(ours, optimizer)
    train(theirs, TORCH[kind](theirs.parameters(), lr=0.01))
    ours.settle()
    torch.testing.assert_close(ours.weight.detach()[:10], before[:10], atol=0, rtol=0)
    torch.testing.assert_close(ours.weight.detach()[10:], theirs.weight.detach()[10:], atol=1e-5, rtol=0)
    for state in optimizer.state[ours.weight].values():
        assert state.ndim == 0 or not state[:10].any()


def test_rows_thaw_from_where_they_are():
    layer = Embedding(2, 1, _weight=torch.ones(2, 1))
    layer.weight.rates = torch.tensor([0.0, 1.0])
    optimizer = AdamW(layer.parameters(), lr=0.1, weight_decay=0.5)
    for thawed in (False, True):
        if thawed:
            layer.settle()  # before rates change
            layer.weight.rates[0] = 1
        layer(torch.tensor([1])).sum().backward()
        optimizer.step()
    layer.settle()
    assert layer.weight[0].item() == pytest.approx(0.95)


@pytest.mark.parametrize("kind", TORCH)
def test_resumed_training_is_the_training_that_went_on(kind, tmp_path):
    settings = {"lr": 0.01, **({"momentum": 0.9} if kind is SGD else {})}
    ours, _ = twins()
    optimizer = kind(ours.parameters(), **settings)
    train(ours, optimizer)
    torch.save({"model": ours.state_dict(), "optimizer": optimizer.state_dict()}, tmp_path / "saved.pt")
    train(ours, optimizer, seed=1)
    again = Embedding(20, 3)
    resumed = kind(again.parameters(), **settings)
    saved = torch.load(tmp_path / "saved.pt", weights_only=True)
    again.load_state_dict(saved["model"])
    resumed.load_state_dict(saved["optimizer"])
    train(again, resumed, seed=1)
    for layer in (ours, again):
        layer.settle()
    torch.testing.assert_close(again.weight.detach(), ours.weight.detach(), atol=0, rtol=0)


@pytest.mark.parametrize("kind", TORCH)
def test_states_are_exchanged_with_torch(kind):
    settings = {"lr": 0.01, **({"momentum": 0.9} if kind is SGD else {})}
    ours, theirs = twins()
    optimizer, dense = kind(ours.parameters(), **settings), TORCH[kind](theirs.parameters(), **settings)
    train(ours, optimizer)
    train(theirs, dense)
    mine, other = (copy.deepcopy(each.state_dict()) for each in (optimizer, dense))
    assert mine["state"][0].keys() == other["state"][0].keys()
    optimizer.load_state_dict(other)
    dense.load_state_dict({**other, "state": mine["state"]})
    train(ours, optimizer, seed=1)
    train(theirs, dense, seed=1)
    assert_same(ours, theirs)


def test_a_state_that_lies_otherwise_in_memory_is_taken():
    ours, theirs = twins()
    optimizer, dense = AdamW(ours.parameters(), lr=0.01), torch.optim.AdamW(theirs.parameters(), lr=0.01)
    train(ours, optimizer)
    train(theirs, dense)
    state = copy.deepcopy(dense.state_dict())
    moments = state["state"][0]
    moments["exp_avg"] = moments["exp_avg"].T.contiguous().T
    optimizer.load_state_dict(state)
    train(ours, optimizer, seed=1)
    train(theirs, dense, seed=1)
    assert_same(ours, theirs)


def test_loading_a_model_does_not_let_old_momentum_into_it():
    layer = Embedding(20, 3)
    optimizer = AdamW(layer.parameters(), lr=0.1)
    best = copy.deepcopy(layer.state_dict())
    train(layer, optimizer)
    layer.load_state_dict(best)
    torch.testing.assert_close(layer(torch.arange(20)).detach(), best["weight"], atol=0, rtol=0)


def test_copies_go_their_own_way():
    ours, theirs = twins()
    optimizer, dense = AdamW(ours.parameters(), lr=0.01), torch.optim.AdamW(theirs.parameters(), lr=0.01)
    train(ours, optimizer)
    train(theirs, dense)
    layer, copied = copy.deepcopy((ours, optimizer))
    train(ours, optimizer, 3, seed=2)
    assert layer.weight.collector is copied
    train(layer, copied, seed=1)
    train(theirs, dense, seed=1)
    assert_same(layer, theirs)


def test_pickles_go_on():
    ours, theirs = twins()
    optimizer, dense = AdamW(ours.parameters(), lr=0.01), torch.optim.AdamW(theirs.parameters(), lr=0.01)
    train(ours, optimizer)
    train(theirs, dense)
    layer, unpickled = pickle.loads(pickle.dumps((ours, optimizer)))
    train(layer, unpickled, seed=1)
    train(theirs, dense, seed=1)
    assert_same(layer, theirs)


def test_a_whole_model_is_saved_as_it_would_be_read():
    ours, theirs = twins()
    optimizer = AdamW(ours.parameters(), lr=0.01)
    train(ours, optimizer)
    train(theirs, torch.optim.AdamW(theirs.parameters(), lr=0.01))
    file = io.BytesIO()
    torch.save(ours, file)
    file.seek(0)
    assert_same(torch.load(file, weights_only=False), theirs)


def test_rows_that_do_not_lie_end_to_end_are_brought_together():
    rows = torch.arange(12.0).reshape(3, 4).T
    layer = Embedding(4, 3, _weight=rows)
    optimizer = SGD(layer.parameters(), lr=1.0)
    layer(torch.tensor([2])).sum().backward()
    optimizer.step()
    expected = rows.clone()
    expected[2] -= 1
    torch.testing.assert_close(layer.weight.detach(), expected)


def test_a_frozen_weight_is_left_alone():
    layer, linear = Embedding(3, 2, _freeze=True), torch.nn.Linear(2, 1)
    optimizer = AdamW([*layer.parameters(), *linear.parameters()], weight_decay=0.5)
    before = layer.weight.detach().clone()
    linear(layer(torch.tensor([1]))).sum().backward()
    optimizer.step()
    layer.settle()
    torch.testing.assert_close(layer.weight.detach(), before, atol=0, rtol=0)


def test_reading_rows_does_not_spoil_a_graph_that_keeps_the_weight():
    layer = Embedding(20, 3)
    optimizer = AdamW(layer.parameters(), lr=0.01)
    train(layer, optimizer, 3)
    logits = layer.attend(torch.ones(1, 3, requires_grad=True))
    layer(torch.arange(20))
    logits.sum().backward()


def test_a_step_between_forward_and_backward_is_noticed_as_by_torch():
    layer = Embedding(20, 3)
    optimizer = SGD(layer.parameters(), lr=0.01)
    hidden = torch.ones(1, 3, requires_grad=True)
    logits = layer.attend(hidden)
    train(layer, optimizer, 1)
    with pytest.raises(RuntimeError, match="inplace"):
        logits.sum().backward()


def test_a_step_between_forward_and_backward_of_a_lookup_is_caught_up():
    ours, theirs = twins()
    for layer, optimizer in (
        (ours, AdamW(ours.parameters(), lr=0.01)),
        (theirs, torch.optim.AdamW(theirs.parameters(), lr=0.01)),
    ):
        train(layer, optimizer, 5)
        early = layer(torch.tensor([17])).sum()
        train(layer, optimizer, 5, seed=1)
        optimizer.zero_grad()
        early.backward()
        optimizer.step()
    assert_same(ours, theirs)
