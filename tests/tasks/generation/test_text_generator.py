"""Training: what it gives, that it can be repeated, cut short and resumed, and what it refuses."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
import torch

from rowspace.errors import CorpusError, RecipeError
from rowspace.table import Table
from rowspace.tasks.generation import TextGenerator

SLOW = """
import sys, time
from rowspace.tasks.generation import TextGenerator, learner
given = learner.LanguageLearner.batch
def slowly(self, chosen):
    time.sleep(0.05)
    return given(self, chosen)
learner.LanguageLearner.batch = slowly
text, checkpoint = sys.argv[1:]
recipe = TextGenerator(dim=8, hidden=8, batch=4, length=6, epochs=3, samples=9)
recipe.fit(text, validation=text, threads=1, checkpoint=checkpoint, checkpoint_minutes=0.005)
"""


@pytest.fixture
def recipe(fields):
    return TextGenerator(**fields | {"epochs": 2})


@pytest.mark.parametrize("loss", ["full", "sampled", "adaptive"])
@pytest.mark.parametrize("body", ["recurrent", "transformer"])
def test_every_kind_learns(body, loss, fields, sentences):
    given = fields | {"network": body, "loss": loss, "learning_rate": 0.01, "epochs": 3}
    given |= {} if loss == "sampled" else {"samples": 1000}
    model = TextGenerator(**given).fit(sentences(150), validation=sentences(30, seed=1), threads=1)
    assert model.facts["losses"][-1] < model.facts["losses"][0]
    assert model.facts["perplexities"][-1] < 6
    assert model.evaluate(sentences(30, seed=1)).perplexity == pytest.approx(
        min(model.facts["perplexities"]), rel=1e-4
    )


def test_the_same_seed_gives_the_same_bytes(recipe, sentences, tmp_path):
    text = sentences(60)
    paths = [recipe.fit(text, threads=1) for _ in range(2)]
    for model in paths:
        model.facts.pop("seconds")
    first, second = (model.save(tmp_path / str(n)).read_bytes() for n, model in enumerate(paths))
    assert first == second
    other = replace(recipe, seed=2).fit(text, threads=1)
    assert not torch.equal(other.network.rows.weight, paths[0].network.rows.weight)


def test_torch_keeps_its_generator_and_threads(recipe, sentences):
    torch.manual_seed(5)
    wanted, threads = torch.rand(1), torch.get_num_threads()
    torch.manual_seed(5)
    recipe.fit(sentences(30), threads=1)
    assert torch.rand(1) == wanted and torch.get_num_threads() == threads


def test_a_killed_training_goes_on_to_the_same_model(sentences, tmp_path):
    text, checkpoint = tmp_path / "text.txt", tmp_path / "checkpoint"
    text.write_text("\n".join(sentences(150)))
    begun = subprocess.Popen([sys.executable, "-c", SLOW, str(text), str(checkpoint)])
    deadline = time.monotonic() + 60
    while not checkpoint.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.5)
    os.kill(begun.pid, signal.SIGKILL)
    assert begun.wait() == -signal.SIGKILL
    recipe = TextGenerator(dim=8, hidden=8, batch=4, length=6, epochs=3, samples=9)
    resumed = recipe.fit(text, validation=text, threads=1, checkpoint=checkpoint, resume=True)
    unbroken = recipe.fit(text, validation=text, threads=1)
    # Rows that lag behind are settled at each save, and so are rounded elsewhere than in an unbroken run.
    for name, value in unbroken.network.state_dict().items():
        torch.testing.assert_close(resumed.network.state_dict()[name], value, rtol=1e-3, atol=1e-4)
    assert resumed.facts["losses"] == pytest.approx(unbroken.facts["losses"], rel=1e-5)


def test_a_checkpoint_of_other_data_is_refused(recipe, sentences, tmp_path):
    path = tmp_path / "checkpoint"
    recipe.fit(sentences(30), threads=1, checkpoint=path)
    with pytest.raises(RecipeError, match="data"):
        recipe.fit(sentences(31), threads=1, checkpoint=path, resume=True)
    with pytest.raises(RecipeError, match="overwritten"):
        recipe.fit(sentences(30), threads=1, checkpoint=path)


def test_given_rows_are_tuned_or_stay(recipe, sentences):
    vectors = np.random.default_rng(0).standard_normal((3, 12)).astype(np.float32)
    table = Table.from_arrays(["cat", "dog", "elk"], vectors)
    scale = np.sqrt((vectors**2).sum(1).mean())
    for pretrained, moves in (("tuned", True), ("frozen", False)):
        model = replace(recipe, pretrained=pretrained).fit(sentences(60), table=table, threads=1)
        assert model.sizes.dim == 12 and model.facts["given_rows"] == 2
        found = model.to_table()["dog"]
        assert np.allclose(found, vectors[1] / scale, atol=1e-6) != moves


def test_patience_holds_the_end_of_the_text_out(recipe, sentences):
    model = replace(recipe, patience=1, epochs=30, learning_rate=0.05).fit(sentences(200), threads=1)
    assert len(model.facts["scores"]) == len(model.facts["losses"]) < 30
    assert model.facts["tokens"] < 200 * 7


def test_a_text_shorter_than_a_batch(recipe):
    model = replace(recipe, batch=64, length=5).fit(["a b a b a b a b a b a b"], threads=1)
    assert model.predict("a b", length=3).split() != []


def test_words_are_cut_as_asked(recipe):
    given = replace(recipe, lowercase=True, pattern=r"\w+|[^\w\s]")
    model = given.fit(["The cat sat."] * 30, threads=1)
    assert "." in model.words and "The" not in model.words
    assert model.complete("THE Cat", temperature=0, length=2) == "THE Cat sat ."


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"network": "convolution"}, "network"), ({"loss": "half"}, "loss"), ({"dim": 0}, "dim"),
        ({"num_keys": 2}, "num_keys"), ({"dropout": 1.0}, "dropout"), ({"learning_rate": 0}, "learning_rate"),
        ({"loss": "full", "samples": 9}, "samples"), ({"patience": 0}, "patience"), ({"length": 0}, "length"),
        ({"pretrained": "both"}, "pretrained"),
    ],
)  # fmt: skip
@pytest.mark.unchecked
def test_settings_out_of_range_are_refused(wrong, message):
    with pytest.raises(RecipeError, match=message):
        TextGenerator(**wrong)


def test_a_text_that_is_too_short_is_refused(recipe):
    with pytest.raises(CorpusError, match="two stretches"):
        recipe.fit(["a a"])
    with pytest.raises(CorpusError, match="must hold words"):
        recipe.fit([""])
