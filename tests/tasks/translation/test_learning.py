"""What the training is given."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.tasks.translation.copying import SLOTS
from rowspace.tasks.translation.learning import Learning


@pytest.fixture(scope="module")
def learning(model, pairs):
    return Learning.of(
        model, pairs, validation=pairs[:10], measure="loss", batch_pieces=100, smoothing=0.1,
        precision="float32", seed=1,
    )  # fmt: skip


def test_each_epoch_has_every_pair_once_now_and_then_with_a_slot(learning, pairs):
    slots = {learning.model.lexicon.pieces.find(slot) for slot in SLOTS}
    hidden = batches = 0
    for seed in range(30):
        order = learning.order(np.random.default_rng(seed))
        chosen = np.sort(np.concatenate(order))
        back = {form: number for number, form in learning.forms.items()}
        assert sorted(back.get(each, each) for each in chosen.tolist()) == list(range(len(pairs)))
        hidden += int((chosen >= len(pairs)).sum())
        batches = batches or len(order)
        assert len(order) == batches
    assert 0 < hidden < 0.5 * 30 * len(learning.forms)
    form = next(iter(learning.forms.values()))
    batch = learning.batch(np.array([form]))
    assert slots & set(batch.source.flatten().tolist()) & set(batch.wanted.tolist())


def test_scores(learning, pairs):
    score = learning.score()
    assert score is not None
    assert score == pytest.approx(-learning.model.loss(pairs[:10]))
