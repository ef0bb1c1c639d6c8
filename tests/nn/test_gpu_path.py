"""The layers on the kernels of a GPU, run by Triton's interpreter on CPU tensors: alike to the CPU in all."""

from __future__ import annotations

import pytest
import torch

from rowspace import kernels
from rowspace import nn as rnn
from rowspace.errors import RowIdError, ShapeError
from rowspace.nn import row_kernels
from rowspace.nn.row_ids import RowIdCheck


class ArrivesAtOnce:
    """A copy to the host that does not keep anybody waiting."""

    def __init__(self, record: torch.Tensor) -> None:
        self.record = record.tolist()

    def arrived(self) -> bool:
        return True

    def values(self) -> list[int]:
        return self.record


@pytest.fixture
def on_gpu(gpu_kernels, monkeypatch):
    """A function that moves layers to the GPU's way of doing things, and the record of kernels called."""
    interpreted, called, load = gpu_kernels(interpret=True), [], kernels.load

    def load_and_tell(name: str, device: str = "cpu"):
        if device != "gpu":
            return load(name, device)
        called.append(name)
        return interpreted[name]

    def move(*layers: torch.nn.Module) -> list[str]:
        for layer in layers:
            old = layer.inputs.check
            layer.inputs.check = RowIdCheck(
                old.policy, old.num_rows, old.unknown_row, buckets=old.buckets, start_copy=ArrivesAtOnce
            )
        monkeypatch.setattr(row_kernels, "on_gpu", lambda tensor: True)
        monkeypatch.setattr(kernels, "load", load_and_tell)
        return called

    return move


OPTIMIZERS = {
    "SGD": {"lr": 0.1},
    "SGD momentum": {"lr": 0.1, "momentum": 0.9},
    "RowwiseAdagrad": {"lr": 0.1},
    "Adagrad": {"lr": 0.1},
    "AdamW": {"lr": 0.1, "weight_decay": 0.1},
}


def steps(layer: torch.nn.Module, name: str, settings: dict[str, float]) -> torch.Tensor:
    """The rows after three steps on different ids."""
    optimizer = getattr(rnn.optim, name.partition(" ")[0])(layer.parameters(), **settings)
    toward = torch.arange(12.0).reshape(2, 6)[:, : layer.embedding_dim]
    for ids in ([[1, 2, 1], [3, 3, 4]], [[0, 2, 2], [1, 1, 1]], [[4, 3, 0], [2, 0, 2]]):
        out = layer(torch.tensor(ids))
        ((out if out.dim() == 2 else out.sum(1)) * toward).sum().backward()
        optimizer.step()
        optimizer.zero_grad()
    return layer.state_dict()["weight"].clone()


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("mode", ["sum", "mean", "max", None])
def test_training_gives_the_rows_of_the_cpu(name, mode, on_gpu) -> None:
    def make() -> torch.nn.Module:
        torch.manual_seed(0)
        return rnn.EmbeddingBag(5, 3, mode=mode, padding_idx=4) if mode else rnn.Embedding(5, 3)

    expected = steps(make(), name, OPTIMIZERS[name])
    layer = make()
    called = on_gpu(layer)
    torch.testing.assert_close(steps(layer, name, OPTIMIZERS[name]), expected, atol=1e-5, rtol=1e-5)
    assert {"row_segments", "row_steps"} <= set(called)


WRONG = {
    "too large": torch.tensor([[0, 5]]),
    "negative": torch.tensor([[0, -1]]),
    "beyond int32": torch.tensor([[0, 2**40]]),
    "int32": torch.tensor([[0, 7]], dtype=torch.int32),
    "uint8": torch.tensor([[0, 255]], dtype=torch.uint8),
}


@pytest.mark.parametrize("kind", [rnn.Embedding, rnn.EmbeddingBag])
@pytest.mark.parametrize("gpu", [False, True])
@pytest.mark.parametrize("ids", WRONG.values(), ids=WRONG)
def test_ids_out_of_range(ids, gpu, kind, on_gpu) -> None:
    layer = kind(5, 2, name="colors")
    if gpu:
        on_gpu(layer)
        assert layer(ids).isfinite().all(), "a wrong id becomes row 0 until somebody is told"
    with pytest.raises(RowIdError, match=r"colors: row ids must lie in \[0, 5\), but ids\[0, 1\] is"):
        layer(ids)
        layer.check()
    assert layer(torch.tensor([[1, 4]])).isfinite().all(), "and the layer goes on"
    layer.check()


@pytest.mark.parametrize("gpu", [False, True])
@pytest.mark.parametrize("ids", WRONG.values(), ids=WRONG)
def test_ids_out_of_range_by_policy(ids, gpu, on_gpu) -> None:
    unknown = rnn.Embedding(5, 2, out_of_range="unknown", unknown=rnn.Unknown(row=3))
    zero = rnn.Embedding(5, 2, out_of_range="zero")
    if gpu:
        on_gpu(unknown, zero)
    assert torch.equal(unknown(ids)[0], unknown.weight[[0, 3]])
    assert torch.equal(zero(ids)[0], torch.stack([zero.weight[0], torch.zeros(2)]))


@pytest.mark.parametrize("kind", [rnn.Embedding, rnn.EmbeddingBag])
@pytest.mark.parametrize("gpu", [False, True])
def test_ids_that_are_no_ids(gpu, kind, on_gpu) -> None:
    layer = kind(5, 2, name="colors")
    if gpu:
        on_gpu(layer)
    for ids in (torch.tensor([[0.5]]), torch.tensor([[True]]), torch.tensor([[1j]])):
        with pytest.raises(ShapeError, match="colors: ids must be whole numbers"):
            layer(ids)
    with pytest.raises(ShapeError, match="device"):
        layer(torch.tensor([[1]], device="meta"))


@pytest.mark.parametrize("gpu", [False, True])
@pytest.mark.parametrize("sizes", [(5, 2), (5, 0), (0, 2), (0, 0)])
def test_empty_inputs_and_empty_tables(sizes, gpu, on_gpu) -> None:
    single, bag = rnn.Embedding(*sizes), rnn.EmbeddingBag(*sizes, mode="sum")
    if gpu:
        on_gpu(single, bag)
    optimizer = rnn.optim.RowwiseAdagrad([*single.parameters(), *bag.parameters()], lr=0.1)
    nothing = torch.empty(3, 0, dtype=torch.int64)
    assert single(nothing).shape == (3, 0, sizes[1])
    pooled = bag(nothing)
    assert pooled.shape == (3, sizes[1])
    assert not pooled.count_nonzero()
    (pooled.sum() + single(nothing).sum()).backward()
    optimizer.step()
    if sizes[0] == 0:
        with pytest.raises(RowIdError):
            single(torch.tensor([0]))
    else:
        out = single(torch.tensor([1, 1])).sum() + bag(torch.tensor([[1, 4]])).sum()
        out.backward()
        optimizer.step()


@pytest.mark.parametrize("gpu", [False, True])
def test_strided_ids(gpu, on_gpu) -> None:
    layer = rnn.EmbeddingBag(9, 2, mode="sum")
    if gpu:
        on_gpu(layer)
    optimizer = rnn.optim.SGD(layer.parameters(), lr=1.0)
    before, ids = layer.weight.detach().clone(), torch.arange(8).reshape(2, 4).t()[::2]
    layer(ids).sum().backward()
    optimizer.step()
    moved = (layer.weight.detach() != before).any(1).nonzero().squeeze(1)
    assert moved.tolist() == sorted(ids.flatten().tolist())
