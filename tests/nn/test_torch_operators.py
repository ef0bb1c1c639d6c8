"""torch's own samples for its operators and modules, with our layers in place of its."""

from __future__ import annotations

import pytest
import torch

from rowspace import nn as rnn

methods = pytest.importorskip("torch.testing._internal.common_methods_invocations")
modules = pytest.importorskip("torch.testing._internal.common_modules")

OPERATORS = {each.name: each for each in methods.op_db if each.name.startswith("nn.functional.embedding")}


def samples(name: str, requires_grad: bool = False) -> list[object]:
    torch.manual_seed(0)
    return list(OPERATORS[name].sample_inputs("cpu", torch.float32, requires_grad=requires_grad))


def layer_of(name: str, weight: torch.Tensor, options: dict[str, object]) -> torch.nn.Module:
    kind = rnn.Embedding if name.endswith("embedding") else rnn.EmbeddingBag
    return kind(*weight.shape, _weight=weight.detach().clone(), **options)


def split(sample) -> tuple[torch.Tensor, torch.Tensor, dict[str, object], dict[str, object]]:
    """Weight, ids, what goes to the constructor, what goes to forward."""
    given = dict(sample.kwargs)
    if "mode" in given or "offsets" in given or "per_sample_weights" in given:
        given.setdefault("mode", "mean")
    call = {key: given.pop(key) for key in ("offsets", "per_sample_weights") if key in given}
    return sample.input, sample.args[0], given, call


def both_gradients(name: str, sample) -> tuple[torch.Tensor, ...]:
    """Outputs and gradients of torch's operator and of a fresh layer with the same weight."""
    weight, ids, options, call = split(sample)
    ours = layer_of(name, weight, options)
    theirs = weight.detach().clone().requires_grad_()
    expected = OPERATORS[name].op(theirs.clone() if "max_norm" in options else theirs, ids, **options, **call)
    found = ours(ids, **call)
    return found, expected, ours, theirs


@pytest.mark.parametrize("place", range(10))
def test_embedding_samples(place: int) -> None:
    check_sample("nn.functional.embedding", place)


@pytest.mark.parametrize("place", range(49))
def test_embedding_bag_samples(place: int) -> None:
    check_sample("nn.functional.embedding_bag", place)


@pytest.mark.parametrize(
    ("name", "place"),
    [("nn.functional.embedding", p) for p in range(10)]
    + [("nn.functional.embedding_bag", p) for p in range(49)],
)
def test_collected_rows_are_the_same_gradient(name: str, place: int, collecting, dense_gradient) -> None:
    found, expected, ours, theirs = both_gradients_collected(name, place, collecting)
    torch.testing.assert_close(found, expected)
    toward = torch.randn_like(expected)
    expected.backward(toward)
    found.backward(toward)
    gradient = theirs.grad.to_dense() if theirs.grad.is_sparse else theirs.grad
    torch.testing.assert_close(dense_gradient(ours.weight), gradient)


def both_gradients_collected(name: str, place: int, collecting):
    weight, ids, options, call = split(samples(name)[place])
    if options.get("scale_grad_by_freq"):
        options.pop("sparse", None)  # torch has no backward for both together
        if name.endswith("bag"):
            options.pop("scale_grad_by_freq")  # see test_a_bag_scales_each_row_by_its_own_count
    options.pop("max_norm", None)  # the gradient of a limited row is scaled here, and is not in torch
    ours = layer_of(name, weight, options)
    keeper = collecting(ours)
    theirs = weight.detach().clone().requires_grad_()
    expected = OPERATORS[name].op(theirs, ids, **options, **call)
    found = ours(ids, **call)
    assert keeper.settled
    ours.keeper = keeper
    return found, expected, ours, theirs


def test_a_bag_scales_each_row_by_its_own_count(collecting, dense_gradient) -> None:
    """torch 2.13 divides by another row's count on the CPU: it gives 0.5 to row 2 here, and 2 to row 4."""
    layer = rnn.EmbeddingBag(5, 1, mode="sum", scale_grad_by_freq=True)
    keeper = collecting(layer)
    layer(torch.tensor([1, 1, 4, 0, 4, 2]), torch.tensor([0, 3])).sum().backward()
    assert dense_gradient(layer.weight)[:, 0].tolist() == [1.0, 1.0, 1.0, 0.0, 1.0]
    assert len(keeper.settled) == 1


def check_sample(name: str, place: int) -> None:
    every = samples(name)
    assert len(every) == {"nn.functional.embedding": 10, "nn.functional.embedding_bag": 49}[name]
    found, expected, ours, theirs = both_gradients(name, every[place])
    torch.testing.assert_close(found, expected)
    if "max_norm" in every[place].kwargs:
        return  # torch writes into the table there, so that its gradient belongs to other rows
    toward = torch.randn_like(expected)
    expected.backward(toward)
    found.backward(toward)
    torch.testing.assert_close(ours.weight.grad, theirs.grad)


@pytest.mark.unchecked
def test_error_inputs_are_errors_here_too() -> None:
    errors = list(OPERATORS["nn.functional.embedding"].error_inputs("cpu"))
    assert errors
    for each in errors:
        layer = rnn.Embedding(2, 2)
        layer.weight = rnn.RowParameter(each.sample_input.input)
        with pytest.raises((RuntimeError, ValueError, IndexError)):
            layer(each.sample_input.args[0])


def test_module_samples() -> None:
    (info,) = (each for each in modules.module_db if each.name == "nn.Embedding")
    tried = 0
    for training in (True, False):
        for each in info.module_inputs_func(
            info, device="cpu", dtype=torch.float64, requires_grad=True, training=training
        ):
            theirs = torch.nn.Embedding(
                *each.constructor_input.args, **each.constructor_input.kwargs
            ).double()
            ours = rnn.Embedding(*each.constructor_input.args, **each.constructor_input.kwargs).double()
            ours.load_state_dict(theirs.state_dict())
            arguments, options = each.forward_input.args, each.forward_input.kwargs
            torch.testing.assert_close(ours(*arguments, **options), theirs(*arguments, **options))
            tried += 1
    assert tried
