"""Every task keeps the one shape: recipe, fit, predict, evaluate, save, open, resume."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import FrozenInstanceError, dataclass, fields
from typing import Any

import pytest

from rowspace import tasks
from rowspace.errors import FileAccessError, FormatError, RecipeError
from rowspace.table import Table


@dataclass(frozen=True)
class Case:
    """A small task, as Python that this process and others evaluate."""

    recipe: str
    data: str
    asked: str
    checkpoint: str  # the module whose Checkpoint the task writes
    extra: str = "torch"

    @property
    def values(self) -> tuple[Any, Any, Any]:
        for module in {self.extra, "tokenizers" if "Translator" in self.recipe else "numpy"}:
            pytest.importorskip(module)
        return tuple(eval(text, {"tasks": tasks}) for text in (self.recipe, self.data, self.asked))


NETWORKS = "rowspace.tasks.networks.checkpoint"
LABELLED = "[('good', 'a fine film'), ('bad', 'a dull film'), ('bad', 'no fine film')] * 8"
CASES = {
    "TextClassifier": Case(
        "tasks.TextClassifier(dim=8, epochs=6)",
        LABELLED,
        "['a fine day', '']",
        "rowspace.tasks.classification.checkpoint",
        "numba",
    ),
    "NetworkClassifier": Case(
        "tasks.NetworkClassifier(dim=8, width=8, epochs=6, batch=5)", LABELLED, "['a fine day', '']", NETWORKS
    ),
    "Tagger": Case(
        "tasks.Tagger(dim=8, filters=8, hidden=8, epochs=6, batch=5)",
        "[(['in', 'Rome'], ['O', 'B-LOC']), (['to', 'New', 'York', '.'], ['O', 'B-LOC', 'I-LOC', 'O'])] * 9",
        "['in York', '']",
        NETWORKS,
    ),
    "Translator": Case(
        "tasks.Translator(dim=16, heads=2, pieces=40, epochs=6, batch=30)",
        "[('good day', 'guten Tag'), ('good night', 'gute Nacht')] * 9",
        "['good night', '']",
        NETWORKS,
    ),
    "TextGenerator": Case(
        "tasks.TextGenerator(dim=8, hidden=8, batch=2, length=5, epochs=6)",
        "['the cat sat on the mat', 'the dog lay on the rug'] * 9",
        "['the cat', '']",
        NETWORKS,
    ),
}
OPENED = """
import sys
from rowspace import tasks
model = tasks.open(sys.argv[1])
print(repr(model.predict({asked})))
"""
KILLED = """
import os, signal, sys
from {checkpoint} import Checkpoint
from rowspace import tasks
save, done = Checkpoint.save, []
def save_and_die(self, *arguments, **options):
    save(self, *arguments, **options)
    done.append(1)
    if len(done) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
Checkpoint.save = save_and_die
({recipe}).fit({data}, threads=1, checkpoint=sys.argv[1], checkpoint_minutes=1e-6)
"""


@pytest.fixture(params=CASES, scope="module")
def case(request) -> Case:
    return CASES[request.param]


@pytest.fixture(scope="module")
def model(case):
    recipe, data, _ = case.values
    return recipe.fit(data, threads=1)


def test_recipes_are_frozen_and_every_field_has_help(case):
    recipe, _, _ = case.values
    assert all(field.metadata["help"] for field in fields(recipe))
    with pytest.raises(FrozenInstanceError):
        recipe.seed = 2
    with pytest.raises(RecipeError, match="epochs"):
        type(recipe)(epochs=0)


def test_models_tell_what_they_know(case, model):
    _, data, asked = case.values
    assert len(model.predict(asked)) == len(asked)
    report = model.evaluate(data)
    assert json.dumps(report.to_dict())
    assert str(report)
    assert isinstance(model.to_table(), Table)
    assert len(json.loads(json.dumps(model.facts))["losses"]) == 6
    assert model.facts["recipe"]["epochs"] == 6


def test_a_saved_model_predicts_the_same_in_another_process(case, model, tmp_path):
    _, _, asked = case.values
    path = model.save(tmp_path / "model")
    assert tasks.open(path).save(tmp_path / "again").read_bytes() == path.read_bytes()
    program = [sys.executable, "-c", OPENED.format(asked=case.asked), str(path)]
    result = subprocess.run(program, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == repr(model.predict(asked))


def test_damage_and_other_files_are_refused(case, model, tmp_path):
    path = model.save(tmp_path / "model")
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(FormatError, match="checksum"):
        tasks.open(path)
    with pytest.raises(FileAccessError):
        type(model).load(tmp_path / "none")
    with pytest.raises(FileAccessError):
        model.save(tmp_path / "no" / "model")


def test_a_training_that_was_killed_goes_on(case, model, tmp_path):
    recipe, data, asked = case.values
    path = tmp_path / "training"
    program = KILLED.format(checkpoint=case.checkpoint, recipe=case.recipe, data=case.data)
    result = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, check=False)
    assert result.returncode == -signal.SIGKILL
    assert path.exists()
    with pytest.raises(RecipeError, match="never overwritten unasked"):
        recipe.fit(data, threads=1, checkpoint=path)
    with pytest.raises(RecipeError, match="seed"):
        type(recipe)(**{**vars(recipe), "seed": 9}).fit(data, threads=1, checkpoint=path, resume=True)
    resumed = recipe.fit(data, threads=1, checkpoint=path, resume=True)
    assert repr(resumed.predict(asked)) == repr(model.predict(asked))
    assert resumed.facts["losses"] == pytest.approx(model.facts["losses"], rel=1e-4)


def test_the_same_seed_gives_the_same_model(case, model):
    recipe, data, _ = case.values
    assert recipe.fit(data, threads=1).facts["losses"] == model.facts["losses"]
