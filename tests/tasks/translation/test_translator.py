"""Training a translator."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from rowspace.errors import CorpusError, DivergedError, RecipeError
from rowspace.table import Table
from rowspace.tasks.translation import Translator
from rowspace.tasks.translation import learning as learning_module


@pytest.fixture(scope="module")
def small(fields):
    return Translator(**{**fields, "epochs": 10, "dropout": 0.2})


@pytest.mark.parametrize(
    "changes",
    [
        {"network": "transformer"},
        {"attention": False, "heads": 4},
        {"tied": False},
        {"layers": 2},
        {"precision": "bfloat16"},
    ],
    ids=str,
)
def test_every_network_learns(small, pairs, changes):
    losses = dataclasses.replace(small, epochs=20, **changes).fit(pairs, threads=1).facts["losses"]
    assert losses[-1] < 0.7 * losses[0]


def test_the_same_seed_gives_the_same_model(small, pairs):
    first, second = (small.fit(pairs, threads=1) for _ in range(2))
    other = dataclasses.replace(small, seed=2).fit(pairs, threads=1)
    assert first.facts == second.facts
    assert (first.to_table().vectors == second.to_table().vectors).all()
    assert first.facts["losses"] != other.facts["losses"]


def test_backward(small, pairs):
    model = dataclasses.replace(small, backward=True, epochs=60, dropout=0.0).fit(pairs, threads=1)
    assert model.predict(["die Katze sieht der Hund."]) == ["the cat sees the dog."]
    assert model.evaluate(pairs).bleu > 90


def test_the_best_epoch_is_kept_and_patience_ends(small, pairs, monkeypatch):
    scores = iter([1.0, 3.0, 2.0, 2.5, 9.0])
    seen = []

    def score(self):
        seen.append(self.model.to_table().vectors)
        return next(scores)

    monkeypatch.setattr(learning_module.Learning, "score", score)
    model = dataclasses.replace(small, epochs=9, patience=2).fit(pairs, validation=pairs[:5], threads=1)
    assert model.facts["scores"] == [1.0, 3.0, 2.0, 2.5]
    assert model.facts["best_epoch"] == 2
    assert (model.to_table().vectors == seen[1]).all()


def test_bleu_is_the_score(small, pairs):
    pytest.importorskip("sacrebleu")
    model = dataclasses.replace(small, epochs=2).fit(pairs, validation=pairs[:10], threads=1)
    assert len(model.facts["scores"]) == 2
    assert all(0 <= score <= 100 for score in model.facts["scores"])


class Killed(Exception):
    pass


def test_a_killed_training_goes_on_to_the_same_model(small, pairs, tmp_path, monkeypatch):
    whole = small.fit(pairs, threads=1)
    path, calls = tmp_path / "part", 0
    loss = learning_module.Learning.loss

    def failing(self, batch):
        nonlocal calls
        calls += 1
        if calls == 5:
            raise Killed
        return loss(self, batch)

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(learning_module.Learning, "loss", failing)
        small.fit(pairs, threads=1, checkpoint=path, checkpoint_minutes=0.0)
    resumed = small.fit(pairs, threads=1, checkpoint=path, resume=True)
    assert resumed.facts == whole.facts
    assert (resumed.to_table().vectors == whole.to_table().vectors).all()
    with pytest.raises(RecipeError, match="differs in data"):
        small.fit(pairs[:-1], threads=1, checkpoint=path, resume=True)


def test_rows_to_begin_with(small, pairs):
    keys = ["▁the", "dog", "nowhere"]
    vectors = np.random.default_rng(1).standard_normal((3, 32)).astype(np.float32)
    model = dataclasses.replace(small, epochs=1, learning_rate=1e-9).fit(
        pairs, table=Table.from_arrays(keys, vectors), threads=1
    )
    unit = vectors[0] / np.linalg.norm(vectors[0])
    row = model.to_table()["▁the"]
    np.testing.assert_allclose(row / np.linalg.norm(row), unit, atol=1e-5)
    with pytest.raises(RecipeError, match="set dim=2"):
        small.fit(pairs, table=Table.from_arrays(["a"], np.ones((1, 2), np.float32)))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("dim", 0), ("heads", 3), ("layers", 0), ("pieces", 31), ("dropout", 1.0), ("smoothing", -0.1),
        ("batch", 0), ("epochs", 0), ("learning_rate", 0.0), ("warmup", 1.0), ("patience", 0),
    ],
)  # fmt: skip
def test_ranges(field, value):
    with pytest.raises(RecipeError, match=field):
        Translator(**{field: value})


def test_what_contradicts_itself(small, pairs):
    with pytest.raises(RecipeError, match="made of attention"):
        Translator(network="transformer", attention=False)
    with pytest.raises(RecipeError, match="heads means nothing"):
        Translator(attention=False, heads=2)
    with pytest.raises(RecipeError, match="no validation data"):
        dataclasses.replace(small, patience=1).fit(pairs)
    with pytest.raises(CorpusError):
        small.fit([])
    with pytest.raises(DivergedError):
        dataclasses.replace(small, learning_rate=100.0, epochs=40, warmup=0.0).fit(
            [("a", "b")] * 4, table=Table.from_arrays(["▁a"], np.full((1, 32), math.nan, np.float32))
        )


def test_a_pair_alone(small):
    model = dataclasses.replace(small, epochs=60, dropout=0.0).fit([("yes", "ja")], threads=1)
    assert model.predict(["yes"]) == ["ja"]
