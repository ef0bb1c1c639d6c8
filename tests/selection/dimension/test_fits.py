"""What a training at one dim is remembered by."""

from __future__ import annotations

import warnings

import pytest

import rowspace as rs
from rowspace.selection.dimension.counted import keys_of
from rowspace.selection.dimension.fits import Fits
from rowspace.selection.dimension.text_split import split
from rowspace.training.run import InterruptedTrainingWarning
from rowspace.vocabulary import Words


@pytest.fixture
def fits(tmp_path):
    text = split([f"{a} {b} {a} {b}" for a, b in ["ab", "cd", "ef"] for _ in range(90)], tmp_path, threads=1)
    recipe = rs.Word2Vec(epochs=2, subsample=0)
    keys = keys_of(text.train, recipe, threads=1)
    with Fits(text, keys, recipe, None, threads=1, progress=False) as made:
        yield made


def test_costs_are_the_training_loss_and_minus_the_agreement(fits):
    train, cost = fits(4, 1)
    assert train == fits.mean("training loss", 4)
    assert fits.prefix_measures([4])["first columns"] == [-cost]
    assert fits.prefix_measures([4])["principal columns"] == pytest.approx([-cost], abs=1e-6)


def test_means_are_over_seeds(fits):
    losses = [fits(4, seed)[0] for seed in (1, 2)]
    assert fits.mean("training loss", 4) == pytest.approx(sum(losses) / 2)
    assert fits.mean("training loss", 8) is None
    assert fits.mean("pairs", 4) is None


def test_prefixes_are_of_the_widest_table(fits):
    fits(8, 1)
    fits(4, 1)
    assert None not in fits.prefix_measures([2, 8])["first columns"]
    assert fits.prefix_measures([2, 16])["first columns"][1] is None


def test_an_interrupted_training_ends_it_all(fits, monkeypatch):
    whole = rs.Word2Vec.fit

    def interrupted(self, corpus, **options):
        table = whole(self, corpus, **options)
        warnings.warn("Ctrl-C", InterruptedTrainingWarning, stacklevel=2)
        return rs.Table(table.vocabulary, table.store, {**table.metadata, "interrupted": True})

    monkeypatch.setattr(rs.Word2Vec, "fit", interrupted)
    with pytest.raises(KeyboardInterrupt), pytest.warns(InterruptedTrainingWarning):
        fits(4, 1)


def test_a_loss_that_rises_again_is_told(fits):
    fits._histories = {4: [2.0, 1.5, 1.9], 8: [2.0, 1.5, 1.501]}
    (remark,) = fits.remarks_on_epochs(4)
    assert remark == "at 4 the held-out loss is least after epoch 2 of 3: 1.5, against 1.9 at the end"
    assert fits.remarks_on_epochs(8) == []
    assert fits.remarks_on_epochs(16) == []


def test_keys_are_those_of_the_recipe(tmp_path):
    text = split(["a b c", "a b"] * 60, tmp_path, threads=1)
    keys = keys_of(text.train, rs.Word2Vec(min_count=60), threads=1)
    assert isinstance(keys, Words)
    assert list(keys.keys) == ["a", "b"]
