"""Optimizers of rows inside the ordinary business of training with PyTorch."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from rowspace.nn.embedding import Embedding
from rowspace.nn.optim import SGD, AdamW

ROWS, DIM = 30, 4


class Net(torch.nn.Module):
    """A table, and something ordinary behind it."""

    def __init__(self, layer: torch.nn.Embedding) -> None:
        super().__init__()
        self.layer, self.head = layer, torch.nn.Linear(DIM, 1)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.head(self.layer(ids).tanh()).squeeze(-1)


def nets() -> tuple[Net, Net]:
    """The same network with our layer and with torch's."""
    torch.manual_seed(3)
    ours = Net(Embedding(ROWS, DIM))
    theirs = Net(torch.nn.Embedding(ROWS, DIM))
    theirs.load_state_dict(ours.state_dict())
    return ours, theirs


def some_batches(steps: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    generator = torch.Generator().manual_seed(1)
    sizes = [(torch.rand(8, generator=generator) ** 2 * ROWS).long() for _ in range(steps)]
    return [(ids, torch.randn(8, generator=generator)) for ids in sizes]


def loss_of(net: Callable[..., torch.Tensor], batch: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
    ids, target = batch
    return (net(ids) - target).square().mean()


def assert_same(ours: Net, theirs: Net) -> None:
    for mine, other in zip(ours.state_dict().values(), theirs.state_dict().values(), strict=True):
        torch.testing.assert_close(mine, other, atol=1e-5, rtol=0)


def optimizers(ours: Net, theirs: Net):
    settings = {"lr": 0.01, "weight_decay": 0.1}
    return AdamW(ours.parameters(), **settings), torch.optim.AdamW(theirs.parameters(), **settings)


def test_gradients_accumulate_over_backward_passes():
    ours, theirs = nets()
    for net, optimizer in zip((ours, theirs), optimizers(ours, theirs), strict=True):
        for n, batch in enumerate(some_batches(60)):
            (loss_of(net, batch) / 3).backward()
            if n % 3 == 2:
                optimizer.step()
                optimizer.zero_grad()
    assert_same(ours, theirs)


def test_many_small_batches_are_one_large_batch():
    (parted, _), (whole, _) = nets(), nets()
    steps = [SGD(net.parameters(), lr=1.0) for net in (parted, whole)]
    parts = some_batches(4)
    for part in parts:
        (loss_of(parted, part) / 4).backward()
    loss_of(whole, tuple(torch.cat(each) for each in zip(*parts, strict=True))).backward()
    for each in steps:
        each.step()
    torch.testing.assert_close(parted.layer.weight, whole.layer.weight)


@pytest.mark.parametrize("foreach", [None, False])
def test_gradients_are_clipped_by_their_global_norm(foreach):
    ours, theirs = nets()
    norms = []
    for net, optimizer in zip((ours, theirs), optimizers(ours, theirs), strict=True):
        for batch in some_batches(20):
            optimizer.zero_grad()
            loss_of(net, batch).backward()
            norms.append(torch.nn.utils.clip_grad_norm_(net.parameters(), 0.05, foreach=foreach))
            optimizer.step()
    torch.testing.assert_close(norms[:20], norms[20:])
    assert min(norms) > 0.05
    assert_same(ours, theirs)


def test_losses_are_scaled_and_unscaled_before_clipping():
    ours, theirs = nets()
    for net, optimizer in zip((ours, theirs), optimizers(ours, theirs), strict=True):
        scaler = torch.amp.GradScaler("cpu", init_scale=1024.0, growth_interval=5)
        for batch in some_batches(20):
            optimizer.zero_grad()
            scaler.scale(loss_of(net, batch)).backward()
            scaler.unscale_(optimizer)
            torch.nn.utils.clip_grad_norm_(net.parameters(), 0.5)
            scaler.step(optimizer)
            scaler.update()
    assert_same(ours, theirs)


def test_a_step_with_infinite_gradients_is_left_out():
    ours, theirs = nets()
    for net, optimizer in zip((ours, theirs), optimizers(ours, theirs), strict=True):
        scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
        for n, batch in enumerate(some_batches(12)):
            optimizer.zero_grad()
            loss = loss_of(net, batch)
            scaler.scale(loss * float("inf") if n == 6 else loss).backward()
            before = [each.clone() for each in net.state_dict().values()]
            scaler.step(optimizer)
            if n == 6:
                after = list(net.state_dict().values())
                assert all(map(torch.equal, before, after))
            scaler.update()
        assert scaler.get_scale() == 512.0
    assert_same(ours, theirs)


def test_autocast_trains_float32_rows():
    ours, theirs = nets()
    for net, optimizer in zip((ours, theirs), optimizers(ours, theirs), strict=True):
        for batch in some_batches(20):
            optimizer.zero_grad()
            with torch.autocast("cpu", torch.bfloat16):
                loss = loss_of(net, batch)
            loss.backward()
            optimizer.step()
    assert_same(ours, theirs)


@pytest.mark.unchecked  # the compiler does not see through the wrappers that check types
@pytest.mark.filterwarnings("ignore:The .grad attribute")  # which it hides, but not from pytest
def test_the_rest_of_the_model_may_be_compiled():
    ours, theirs = nets()
    compiled = torch.compile(ours, backend="aot_eager")
    for net, optimizer in zip((compiled, theirs), optimizers(ours, theirs), strict=True):
        for batch in some_batches(15):
            optimizer.zero_grad()
            loss_of(net, batch).backward()
            optimizer.step()
    assert_same(ours, theirs)


def test_activation_checkpoints_recompute_the_same_rows():
    ours, theirs = nets()
    for net, optimizer in zip((ours, theirs), optimizers(ours, theirs), strict=True):
        for ids, target in some_batches(20):
            optimizer.zero_grad()
            vectors = torch.utils.checkpoint.checkpoint(net.layer, ids, use_reentrant=False)
            (net.head(vectors.tanh()).squeeze(-1) - target).square().mean().backward()
            optimizer.step()
    assert_same(ours, theirs)


def test_zeroed_gradients_count_as_a_step_without_one():
    ours, theirs = nets()
    for net, optimizer in zip((ours, theirs), optimizers(ours, theirs), strict=True):
        for n, batch in enumerate(some_batches(20)):
            optimizer.zero_grad()
            loss_of(net, batch).backward()
            if n % 4 == 3:
                optimizer.zero_grad(set_to_none=False)
            optimizer.step()
    assert_same(ours, theirs)


def test_evaluation_between_steps_reads_what_the_dense_network_has():
    ours, theirs = nets()
    outputs: list[list[torch.Tensor]] = [[], []]
    for side, (net, optimizer) in enumerate(zip((ours, theirs), optimizers(ours, theirs), strict=True)):
        for batch in some_batches(30):
            optimizer.zero_grad()
            loss_of(net, batch).backward()
            optimizer.step()
            with torch.no_grad():
                outputs[side].append(net(torch.arange(ROWS)))
    torch.testing.assert_close(outputs[0], outputs[1], atol=1e-5, rtol=0)
