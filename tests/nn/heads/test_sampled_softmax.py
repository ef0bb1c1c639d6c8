"""SampledSoftmax: against a brute-force oracle, and what it learns."""

import copy
import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from rowspace.errors import RecipeError, RowIdError
from rowspace.nn import Embedding, optim
from rowspace.nn.heads import Distinct, LogUniform, SampledSoftmax, Uniform, Unigram, logits

ROWS, DIM = 30, 6


class Fixed:
    """A sampler that draws the ids it was given, with the odds of Zipf's law."""

    def __init__(self, *ids, distinct=False):
        self.num_rows, self.ids, self.distinct = ROWS, torch.tensor(ids), distinct

    def sample(self, n, *, generator=None, device=None):
        return self.ids.repeat(n // len(self.ids)) if n else self.ids[:0]

    def log_probability(self, ids):
        return LogUniform(self.num_rows).log_probability(ids)

    def log_expected_count(self, ids, n):
        return self.log_probability(ids) + math.log(n)


def head_of(sampler, num_sampled=8, **options) -> SampledSoftmax:
    torch.manual_seed(0)
    head = SampledSoftmax.untied(sampler.num_rows, DIM, sampler, num_sampled, **options)
    if head.bias is not None:
        torch.nn.init.normal_(head.bias.weight)
    return head


def batch(*shape):
    generator = torch.Generator().manual_seed(1)
    return torch.randn(*shape, DIM, generator=generator), torch.randint(ROWS, shape, generator=generator)


@torch.no_grad()
def corrected(head, hidden, row):
    """One logit, less the log of the row's expected count."""
    logit = float(hidden @ head.layer.weight[row]) + float(head.bias.weight[row])
    return logit - float(head.sampler.log_expected_count(torch.tensor(row), head.num_sampled))


def by_hand(head, hidden, target, sampled) -> float:
    """The sampled log-probability of one target, one row at a time."""
    target, distinct = int(target), head.sampler.distinct
    own = math.exp(corrected(head, hidden, target))
    hits = 0 if distinct else own * sampled.count(target)
    others = sum(math.exp(corrected(head, hidden, row)) for row in sampled if row != target)
    return math.log((own + hits) / (own + hits + others))


@pytest.mark.parametrize(
    ("sampler", "shared"),
    [
        (Fixed(3, 0, 29, 11, distinct=True), True),
        (Fixed(3, 0, 3, 29, 11), True),
        (Fixed(3, 0, 3, 29, 11), False),
    ],
)
def test_the_loss_is_that_of_the_definition(sampler, shared):
    sampled = sampler.ids.tolist()
    head = head_of(sampler, len(sampled), shared=shared)
    hidden, targets = batch(2, 4)
    targets[0, 0] = 3  # an accidental hit, where draws repeat twice
    found = head(hidden, targets)
    expected = [
        by_hand(head, a, b, sampled) for a, b in zip(hidden.view(8, DIM), targets.view(8), strict=True)
    ]
    np.testing.assert_allclose(found.output.detach().view(8), expected, rtol=1e-5)
    assert found.loss.item() == pytest.approx(-np.mean(expected), rel=1e-5)


def test_draws_of_their_own_differ_between_positions():
    head = head_of(Uniform(ROWS), 4, shared=False)
    hidden = torch.ones(2, DIM)
    first, second = head(hidden, torch.tensor([5, 5])).output.tolist()
    assert first != second


def test_a_sample_of_all_rows_is_the_full_softmax():
    head = head_of(Distinct(LogUniform(ROWS)), ROWS)
    twin, (hidden, targets) = copy.deepcopy(head).eval(), batch(7)
    sampled, exact = head(hidden, targets), twin(hidden, targets)
    torch.testing.assert_close(sampled.output, exact.output)
    for each in (sampled, exact):
        each.loss.backward()
    for found, expected in zip(head.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(found.grad, expected.grad)


@pytest.mark.parametrize("bias", [True, False])
def test_eval_mode_is_exact(monkeypatch, bias):
    monkeypatch.setattr(logits, "LOGITS_IN_BLOCK", 4 * ROWS)
    head, (hidden, targets) = head_of(LogUniform(ROWS), bias=bias).eval(), batch(2, 5)
    products = hidden @ head.layer.weight.T
    if bias:
        products = products + head.bias.weight.squeeze(1)
    expected = F.cross_entropy(products.view(10, ROWS), targets.view(10))
    torch.testing.assert_close(head(hidden, targets).loss, expected)
    torch.testing.assert_close(head.log_prob(hidden), F.log_softmax(products, -1))
    assert torch.equal(head.predict(hidden), products.argmax(-1))


def pull_at_truth(sampler, num_sampled, *, rounds=1, positions, **options):
    """The expected gradient where the rows are at the truth, which should be zero, and the truth."""
    generator = torch.Generator().manual_seed(0)
    truth = torch.softmax(torch.randn(20, generator=torch.Generator().manual_seed(3)), 0)
    layer = Embedding(20, 1, _weight=truth.log()[:, None])
    head = SampledSoftmax(layer, sampler, num_sampled, bias=False, **options)
    for _ in range(rounds):
        targets = torch.multinomial(truth, positions, True, generator=generator)
        (head(torch.ones(positions, 1), targets, generator=generator).loss / rounds).backward()
    return layer.weight.grad.squeeze(1), truth


@pytest.mark.parametrize(
    "sampler",
    [LogUniform(20), Uniform(20), Unigram(np.arange(1, 21), 2.0)],
    ids=["log-uniform", "uniform", "unigram"],
)
def test_training_ends_at_the_truth_whatever_the_sampler(sampler):
    """Without the correction the pull is 1 and more; with accidental hits left out 0.06 to 0.1."""
    pull, truth = pull_at_truth(sampler, 12, positions=100_000, shared=False)
    assert (pull / truth).abs().max() < 0.05


def test_distinct_draws_end_near_the_truth():
    """Their expected counts are not exact; without the correction the pull is 0.36 and more."""
    sampler = Distinct(Unigram(np.arange(1, 21), 2.0))
    pull, _ = pull_at_truth(sampler, 10, rounds=80, positions=256)
    assert pull.abs().sum() < 0.15


def test_only_rows_that_were_met_move():
    head = head_of(Fixed(3, 0, 29), 3)
    before = copy.deepcopy(head.state_dict())
    optimizer = optim.RowwiseAdagrad(head.parameters(), lr=0.1)
    head(torch.randn(2, DIM), torch.tensor([7, 3])).loss.backward()
    optimizer.step()
    for name, value in head.state_dict().items():
        moved = (value != before[name]).any(1)
        assert moved.nonzero().squeeze(1).tolist() == [0, 3, 7, 29], name


def test_the_gradient_is_sparse_where_the_layer_is():
    head = head_of(Fixed(3, 0), 2, sparse=True)
    head(torch.randn(1, DIM), torch.tensor([7])).loss.backward()
    for weight in head.parameters():
        assert weight.grad.is_sparse
        assert weight.grad.coalesce().indices().tolist() == [[0, 3, 7]]


def test_an_optimizer_of_rows_steps_as_torch_s_own():
    head = head_of(Distinct(LogUniform(ROWS)))
    twin = copy.deepcopy(head)
    optimizers = (
        optim.AdamW(head.parameters(), lr=0.01, weight_decay=0.1),
        torch.optim.AdamW(twin.parameters(), lr=0.01, weight_decay=0.1),
    )
    hidden, targets = batch(9)
    for step in range(10):
        for each, optimizer in zip((head, twin), optimizers, strict=True):
            optimizer.zero_grad()
            each(hidden, targets, generator=torch.Generator().manual_seed(step)).loss.backward()
            optimizer.step()
    for name, value in twin.state_dict().items():
        torch.testing.assert_close(head.state_dict()[name], value, rtol=1e-4, atol=1e-6)


def test_tied_rows_learn_from_both_uses():
    layer = Embedding(ROWS, DIM)
    head = SampledSoftmax(layer, Fixed(3, 0), 2)
    torch.tanh(layer(torch.tensor([5]))).sum().backward()
    alone = layer.weight.grad.clone()
    layer.weight.grad = None
    hidden = torch.randn(1, DIM)
    head(hidden, torch.tensor([7])).loss.backward()
    other = layer.weight.grad.clone()
    layer.weight.grad = None
    (torch.tanh(layer(torch.tensor([5]))).sum() + head(hidden, torch.tensor([7])).loss).backward()
    torch.testing.assert_close(layer.weight.grad, alone + other)
    assert other.any(1).nonzero().squeeze(1).tolist() == [0, 3, 7]


@pytest.mark.parametrize("distinct", [True, False])
def test_nothing_but_an_accidental_hit_is_certain(distinct):
    head, hidden = head_of(Fixed(3, distinct=distinct), 1), torch.randn(1, DIM, requires_grad=True)
    loss = head(hidden, torch.tensor([3])).loss
    loss.backward()
    assert loss.item() == pytest.approx(0, abs=1e-6)
    assert hidden.grad.abs().max() < 1e-6


def test_large_logits_stay_finite():
    head, (hidden, targets) = head_of(Distinct(LogUniform(ROWS))), batch(5)
    hidden = (1e6 * hidden).requires_grad_()
    loss = head(hidden, targets).loss
    loss.backward()
    assert loss.isfinite()
    assert hidden.grad.isfinite().all()


def test_the_generator_alone_decides():
    head, (hidden, targets) = head_of(Distinct(LogUniform(ROWS))), batch(3)
    losses = [head(hidden, targets, generator=torch.Generator().manual_seed(s)).loss for s in (1, 1, 2)]
    assert losses[0] == losses[1] != losses[2]


@pytest.mark.parametrize("training", [True, False])
def test_ignored_and_empty(training):
    head, (hidden, targets) = head_of(Fixed(3, 0), 2, reduction="sum").train(training), batch(4)
    targets[1] = -100
    kept = torch.tensor([0, 2, 3])
    torch.testing.assert_close(head(hidden, targets).loss, head(hidden[kept], targets[kept]).loss)
    assert head(hidden, targets).output[1] == 0
    assert head(hidden[:0], targets[:0]).loss.item() == 0
    assert head(hidden[0], targets[0]).output.shape == ()


def test_a_target_that_is_no_row():
    head = head_of(LogUniform(ROWS))
    with pytest.raises(RowIdError, match=r"targets of SampledSoftmax.*\[1\] is 30"):
        head(torch.zeros(2, DIM), torch.tensor([0, 30]))


@pytest.mark.parametrize("training", [True, False])
def test_autocast_sums_in_float32(training):
    head, (hidden, targets) = head_of(Fixed(3, 0), 2).train(training), batch(50)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = head(hidden, targets)
    found.loss.backward()
    assert found.loss.dtype == torch.float32
    torch.testing.assert_close(found.loss, head(hidden, targets).loss, rtol=0.01, atol=0.01)


def test_rows_in_bfloat16():
    layer = Embedding(ROWS, DIM, dtype=torch.bfloat16)
    head, (hidden, targets) = SampledSoftmax(layer, Fixed(3, 0), 2), batch(5)
    found = head(hidden.bfloat16(), targets)
    found.loss.backward()
    assert found.loss.dtype == torch.float32
    assert layer.weight.grad.dtype == torch.bfloat16


def test_a_state_dict_goes_round():
    head, other = head_of(LogUniform(ROWS)), head_of(Uniform(ROWS))
    with torch.no_grad():
        head.layer.weight.add_(1)
    other.load_state_dict(head.state_dict())
    assert list(head.state_dict()) == ["layer.weight", "bias.weight"]
    hidden, _ = batch(3)
    assert torch.equal(other.log_prob(hidden), head.log_prob(hidden))


def test_own_rows_start_as_those_of_a_linear_layer():
    head = SampledSoftmax.untied(200, 64, LogUniform(200), 5)
    bound = 1 / math.sqrt(64)
    assert 0.9 * bound < head.layer.weight.abs().max() <= bound
    assert not head.bias.weight.any()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda layer: SampledSoftmax(layer, LogUniform(29), 5), "layer's 30 rows, but draws from 29"),
        (lambda layer: SampledSoftmax(layer, LogUniform(30), 0), "at least 1, but is 0"),
        (lambda layer: SampledSoftmax(layer, Distinct(LogUniform(30)), 31), "at most the 30"),
        (lambda layer: SampledSoftmax(layer, Distinct(LogUniform(30)), 5, shared=False), "with replacement"),
        (lambda layer: SampledSoftmax(layer, Unigram([1] * 29 + [0], floor=0), 5), "never draws row 29"),
    ],
)
def test_errors_say_what_is_wrong(make, message):
    with pytest.raises(RecipeError, match=message):
        make(Embedding(ROWS, DIM))
