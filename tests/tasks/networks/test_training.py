"""A network learns, keeps its best epoch, and goes on after a kill as if there had been none."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rowspace.errors import DivergedError, FormatError, RecipeError
from rowspace.nn import optim
from rowspace.nn.embedding import Embedding
from rowspace.tasks.networks import Checkpoint, Learner, Plan, Training, own_settings


class Parity(torch.nn.Module):
    """Logits from a row, through dropout; counts its batches in a buffer as LSTMs carry their states."""

    def __init__(self):
        super().__init__()
        self.rows = Embedding(20, 4)
        self.fixed = Embedding(20, 2, _freeze=True)
        self.dropout = torch.nn.Dropout(0.2)
        self.output = torch.nn.Linear(6, 2)
        self.register_buffer("batches", torch.zeros(1), persistent=False)

    def forward(self, ids):
        self.batches += 1
        return self.output(self.dropout(torch.cat([self.rows(ids), self.fixed(ids)], 1)))


class ParityLearner:
    """Learns which ids are odd; `scores` are given out one after the other."""

    def __init__(self, scores=(), stop_at=None):
        with own_settings(1):
            torch.manual_seed(3)
            self.network = Parity()
        self.scores, self.stop_at, self.steps, self.orders = list(scores), stop_at, 0, []

    def order(self, rng):
        self.orders.append(rng.permutation(20).astype(np.int64))
        return np.split(self.orders[-1], [5, 10, 15, 19])  # the last one is smaller

    def batch(self, chosen):
        if self.steps == self.stop_at:
            raise KeyboardInterrupt
        self.steps += 1
        return torch.from_numpy(chosen)

    def loss(self, batch):
        return torch.nn.functional.cross_entropy(self.network(batch), batch % 2), len(batch)

    def score(self):
        return self.scores.pop(0) if self.scores else None


PLAN = Plan(epochs=4, learning_rate=0.05, seed=7, warmup=0.1)


def state_of(learner):
    return {name: each.clone() for name, each in learner.network.state_dict().items()} | {
        "batches": learner.network.batches.clone()
    }


def kept(path, **options):
    given = {"kind": "test", "identity": {"seed": 7}, "minutes": 0.0} | options
    return Checkpoint(path, **given)


def test_it_learns_and_leaves_frozen_rows_alone():
    learner = ParityLearner()
    assert isinstance(learner, Learner)
    fixed = learner.network.fixed.weight.clone()
    history = Training(learner, Plan(60, 0.05, 1)).run()
    assert history.losses[-1] < history.losses[0] / 3
    assert not learner.network.training
    assert torch.equal(learner.network.fixed.weight, fixed)
    assert any(
        (first != second).any() for first, second in zip(learner.orders, learner.orders[2:], strict=False)
    )


def test_the_best_epoch_is_kept_and_patience_ends():
    learner = ParityLearner(scores=[0.1, 0.9, 0.3, 0.2, 0.4])
    two = ParityLearner(scores=[0.1, 0.9])
    history = Training(learner, Plan(5, 0.05, 7, patience=2)).run()
    assert history.scores == [0.1, 0.9, 0.3, 0.2]
    assert history.best == 1
    Training(two, Plan(5, 0.05, 7)).run()  # its later epochs have no score, so that the second is its best
    for name, value in two.network.state_dict().items():
        assert torch.equal(value, learner.network.state_dict()[name])


@pytest.mark.parametrize("stop_at", [1, 7, 10])
@pytest.mark.parametrize("scores", [(), (0.5, 0.2, 0.7, 0.1)])
def test_a_killed_training_goes_on_to_the_same_network(tmp_path, stop_at, scores):
    whole = ParityLearner(scores)
    history = Training(whole, PLAN, checkpoint=kept(tmp_path / "whole")).run()
    path = tmp_path / "broken"
    with pytest.raises(KeyboardInterrupt):
        Training(ParityLearner(scores, stop_at), PLAN, checkpoint=kept(path)).run()
    again = ParityLearner(scores[stop_at // 5 if stop_at % 5 else max(0, stop_at // 5 - 1) :])
    assert Training(again, PLAN, checkpoint=kept(path, resume=True)).run() == history
    for name, value in state_of(again).items():
        torch.testing.assert_close(value, state_of(whole)[name], rtol=1e-5, atol=1e-6)
    assert path.read_bytes()  # a finished training is kept too
    done = ParityLearner()
    assert Training(done, PLAN, checkpoint=kept(path, resume=True)).run() == history
    assert done.steps == 0


def test_momentum_of_another_optimizer_is_kept_too(tmp_path):
    def sgd(parameters, rate):
        return optim.SGD(parameters, rate, momentum=0.9)

    whole, broken, again = ParityLearner(), ParityLearner(stop_at=6), ParityLearner()
    Training(whole, PLAN, optimizer=sgd).run()
    with pytest.raises(KeyboardInterrupt):
        Training(broken, PLAN, optimizer=sgd, checkpoint=kept(tmp_path / "c")).run()
    Training(again, PLAN, optimizer=sgd, checkpoint=kept(tmp_path / "c", resume=True)).run()
    for name, value in state_of(again).items():
        torch.testing.assert_close(value, state_of(whole)[name], rtol=1e-5, atol=1e-6)


def test_a_loss_that_is_not_finite_is_told_before_it_is_learned():
    learner = ParityLearner()
    with torch.no_grad():
        learner.network.output.bias.fill_(float("nan"))
    with pytest.raises(DivergedError, match="lower learning_rate"):
        Training(learner, PLAN).run()
    assert torch.isfinite(learner.network.rows.weight).all()


def test_checkpoints_are_of_one_training(tmp_path):
    path = tmp_path / "c"
    assert Checkpoint.opened(None, kind="test", identity={}) is None
    Training(ParityLearner(), PLAN, checkpoint=kept(path, minutes=9)).run()
    with pytest.raises(RecipeError, match="never overwritten unasked"):
        kept(path)
    with pytest.raises(RecipeError, match="differs in seed"):
        kept(path, resume=True, identity={"seed": 8}).load()
    with pytest.raises(FormatError, match="the format must be 'other'"):
        kept(path, resume=True, kind="other").load()
