"""A tagger learns, in each way of using given rows, and goes on after a kill."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import asdict, replace

import numpy as np
import pytest
import torch

from rowspace.errors import CorpusError, DivergedError, RecipeError
from rowspace.tasks.tagging import Tagger


def test_it_learns_names_and_keeps_the_best_epoch(model, sentences):
    assert model.labels == ("LOC", "PER")
    assert model.evaluate(sentences(40, seed=2)).f1 > 0.95
    assert model.facts["best_epoch"] == int(np.argmax(model.facts["scores"])) + 1
    assert model.facts["losses"][-1] < model.facts["losses"][0] / 4


@pytest.mark.parametrize(
    ("pretrained", "own", "given"), [("both", 8, 5), ("frozen", None, 5), ("tuned", 5, None)]
)
def test_given_rows_are_used_as_asked(small, pairs, rows, pretrained, own, given):
    found = replace(small, pretrained=pretrained, epochs=2).fit(pairs, table=rows)
    network = found.network
    assert (network.own.embedding_dim if network.own else None) == own
    assert (network.given.embedding_dim if network.given else None) == given
    table = found.to_table()
    assert table.dim == (own or given)
    assert ("paris" in table) == (pretrained != "both")
    if network.given is not None:
        scale = np.sqrt((rows.vectors**2).sum(1).mean())
        np.testing.assert_allclose(network.given.weight.numpy(), rows.vectors / scale, rtol=1e-5)


def test_tuned_rows_begin_at_the_table_and_move(small, pairs, rows):
    found = replace(small, pretrained="tuned", epochs=2).fit(pairs, table=rows).to_table()
    scale = np.sqrt((rows.vectors**2).sum(1).mean())
    np.testing.assert_allclose(found["paris"], rows["paris"] / scale, rtol=1e-5)  # never met
    assert np.abs(found["rome"] - rows["rome"] / scale).max() > 1e-3


def test_the_same_seed_gives_the_same_model_and_leaves_torch_alone(small, pairs):
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    first, again, other = (
        replace(small, epochs=1, seed=seed).fit(pairs, threads=1).facts["losses"] for seed in (1, 1, 2)
    )
    assert first == again != other
    assert torch.rand(1) == expected


KILLED = """
import json, os, signal, sys
from rowspace.tasks.networks import Checkpoint
from rowspace.tasks.tagging import Tagger

fields, pairs, validation, path = json.load(sys.stdin)
save, saves = Checkpoint.save, []

def save_and_die(self, *arguments):
    save(self, *arguments)
    saves.append(1)
    if len(saves) == 14:
        os.kill(os.getpid(), signal.SIGKILL)

Checkpoint.save = save_and_die
Tagger(**fields).fit(pairs, validation=validation, threads=1, checkpoint=path, checkpoint_minutes=1e-9)
"""


def test_a_killed_training_goes_on_to_the_same_model(small, pairs, sentences, tmp_path):
    recipe, validation, path = replace(small, epochs=3), sentences(10, seed=3), tmp_path / "c.part"
    often = {"validation": validation, "threads": 1, "checkpoint_minutes": 1e-9}
    whole = recipe.fit(pairs, checkpoint=tmp_path / "whole", **often)

    given = json.dumps([asdict(recipe), pairs, validation, str(path)])
    killed = subprocess.run([sys.executable, "-c", KILLED], input=given, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL
    with pytest.raises(RecipeError, match="never overwritten unasked"):
        recipe.fit(pairs, checkpoint=path, **often)
    with pytest.raises(RecipeError, match="differs in data"):
        recipe.fit(pairs[1:], checkpoint=path, resume=True, **often)
    gone_on = recipe.fit(pairs, checkpoint=path, resume=True, **often)
    assert gone_on.facts == whole.facts
    assert gone_on.save(tmp_path / "a").read_bytes() == whole.save(tmp_path / "b").read_bytes()


def test_patience_ends_early_and_holds_sentences_out(small, pairs):
    found = replace(small, epochs=30, patience=2).fit(pairs)
    scores = found.facts["scores"]
    assert len(scores) < 30
    assert len(scores) - found.facts["best_epoch"] == 2
    with pytest.raises(RecipeError, match="patience needs 10 sentences"):
        replace(small, patience=1).fit(pairs[:5])


def test_one_label_one_sentence_and_no_rows_at_all(small):
    data = [(["in", "Rome"], ["O", "S-LOC"])]
    found = replace(small, dim=0, filters=0, dropout=0.0, epochs=40).fit(data)
    assert found.tag([["in", "Rome"], []]) == [["O", "S-LOC"], []]
    with pytest.raises(RecipeError, match="a table needs word rows"):
        found.to_table()


def test_a_long_sentence_is_learned_and_tagged_in_pieces(small):
    tokens, tags = (["in", "Rome"] * 150, ["O", "B-LOC"] * 150)
    found = replace(small, batch=4, epochs=20).fit([(tokens, tags)] * 4)
    assert found.tag([tokens]) == [tags]


def test_what_cannot_be_learned_is_refused(small, sentences):
    with pytest.raises(CorpusError, match="all tags of 1 sentences are O"):
        small.fit([(["a"], ["O"])])
    with pytest.raises(CorpusError, match="validation needs a labelled span"):
        small.fit(sentences(2), validation=[(["a"], ["O"])])
    with pytest.raises(CorpusError, match="must hold a tagged sentence"):
        small.fit([])
    with pytest.raises(RecipeError, match="resume"):
        small.fit(sentences(2), resume=True)


def test_a_loss_that_is_not_finite_is_told(small, pairs, monkeypatch):
    from rowspace.tasks.tagging.network import TaggingNetwork

    loss = TaggingNetwork.loss
    monkeypatch.setattr(TaggingNetwork, "loss", lambda self, batch: loss(self, batch) * float("nan"))
    with pytest.raises(DivergedError, match="lower learning_rate"):
        replace(small, epochs=1).fit(pairs)


@pytest.mark.parametrize(
    ("field", "value"),
    [("dim", -1), ("hidden", 0), ("dropout", 1.0), ("epochs", 0), ("learning_rate", 0), ("patience", 0)],
)
def test_fields_out_of_range_are_refused(field, value):
    with pytest.raises(RecipeError, match=field):
        Tagger(**{field: value})
