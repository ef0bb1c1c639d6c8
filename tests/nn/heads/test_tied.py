"""TiedOutput: both uses of the rows learn, and optimisers step the shared rows once."""

import copy

import pytest
import torch
import torch.nn.functional as F

from rowspace.nn import Embedding, optim
from rowspace.nn.heads import TiedOutput


class Model(torch.nn.Module):
    """The next row from one row before it."""

    def __init__(self, layer, head):
        super().__init__()
        self.layer, self.head = layer, head

    def forward(self, ids):
        return self.head(torch.tanh(self.layer(ids)))


def tied(num_rows=12, dim=5, **options) -> Model:
    torch.manual_seed(0)
    layer = Embedding(num_rows, dim)
    return Model(layer, TiedOutput(layer, **options))


def loss_of(model, step=0):
    generator = torch.Generator().manual_seed(step)
    ids, targets = torch.randint(12, (2, 6), generator=generator)
    return F.cross_entropy(model(ids), targets)


def test_the_logits_are_the_product_with_every_row():
    model = tied()
    torch.nn.init.normal_(model.head.bias)
    hidden = torch.randn(2, 3, 5)
    expected = hidden @ model.layer.weight.T + model.head.bias
    torch.testing.assert_close(model.head(hidden), expected)
    assert model.head(hidden[0, 0]).shape == (12,)
    assert model.head(hidden[:0]).shape == (0, 3, 12)


def test_without_bias_the_logits_are_those_of_the_layer():
    head = tied(bias=False).head
    hidden = torch.randn(4, 5)
    assert head.bias is None
    assert torch.equal(head(hidden), head.layer.attend(hidden))


def test_a_projection_takes_hidden_vectors_of_another_size():
    head = tied(hidden_dim=9).head
    hidden = torch.randn(3, 9)
    expected = hidden @ head.projection.weight.T @ head.layer.weight.T
    torch.testing.assert_close(head(hidden), expected)
    assert head.projection.bias is None


def test_gradients_of_both_uses_add_up():
    model = tied()
    ids, targets = torch.tensor([1, 1, 4]), torch.tensor([4, 7, 0])
    rows_in, rows_out = (model.layer.weight.detach().clone().requires_grad_() for _ in range(2))
    F.cross_entropy(torch.tanh(rows_in[ids]) @ rows_out.T, targets).backward()
    F.cross_entropy(model(ids), targets).backward()
    torch.testing.assert_close(model.layer.weight.grad, rows_in.grad + rows_out.grad)


def test_gradients_of_both_uses_add_up_under_an_optimizer_of_rows(collecting, dense_gradient):
    model = tied()
    expected = copy.deepcopy(model)
    loss_of(expected).backward()
    owner = collecting(model.layer)
    loss_of(model).backward()
    torch.testing.assert_close(dense_gradient(model.layer.weight), expected.layer.weight.grad)
    assert owner.settled


@pytest.mark.parametrize(
    ("ours", "theirs", "options"),
    [
        (optim.SGD, torch.optim.SGD, {"lr": 0.1, "momentum": 0.9}),
        (optim.Adagrad, torch.optim.Adagrad, {"lr": 0.1}),
        (optim.AdamW, torch.optim.AdamW, {"lr": 0.01, "weight_decay": 0.1}),
    ],
)
def test_an_optimizer_steps_the_shared_rows_as_torch_s_own(ours, theirs, options):
    model = tied(hidden_dim=5)
    twin = copy.deepcopy(model)
    optimizers = ours(model.parameters(), **options), theirs(twin.parameters(), **options)
    for step in range(15):
        for each, optimizer in zip((model, twin), optimizers, strict=True):
            optimizer.zero_grad()
            loss_of(each, step).backward()
            optimizer.step()
    for name, value in twin.state_dict().items():
        torch.testing.assert_close(model.state_dict()[name], value, rtol=1e-4, atol=1e-6)


def test_the_shared_rows_are_one_parameter():
    model = tied()
    assert {name for name, _ in model.named_parameters()} == {"layer.weight", "head.bias"}
    twin = copy.deepcopy(model)
    assert twin.head.layer is twin.layer
    assert torch.equal(twin.layer.weight, model.layer.weight)


def test_a_state_dict_goes_round():
    model, other = tied(hidden_dim=5), tied(hidden_dim=5)
    torch.nn.init.normal_(model.head.bias)
    other.load_state_dict(model.state_dict())
    hidden = torch.randn(2, 5)
    assert torch.equal(other.head(hidden), model.head(hidden))


def test_autocast_gives_the_logits_of_a_linear_layer():
    head, hidden = tied().head, torch.randn(4, 5)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = head(hidden)
    assert logits.dtype == torch.bfloat16
    torch.testing.assert_close(logits.float(), head(hidden), rtol=0.05, atol=0.05)


def test_a_layer_of_another_dtype():
    head = TiedOutput(Embedding(6, 4, dtype=torch.float64), hidden_dim=3)
    assert head(torch.randn(2, 3, dtype=torch.float64)).dtype == torch.float64
