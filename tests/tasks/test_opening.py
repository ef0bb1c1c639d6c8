"""Models are opened without saying of which task they are."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest

from rowspace import tasks
from rowspace.errors import FileAccessError, FormatError
from rowspace.formats.atomic import atomic_write
from rowspace.formats.tensor_file import write_tensors
from rowspace.tasks.opening import MODELS


@pytest.mark.parametrize("kind", MODELS)
def test_every_kind_names_a_model(kind):
    module, name = MODELS[kind]
    if module != "classification":
        pytest.importorskip("torch")
    assert callable(getattr(import_module(f"rowspace.tasks.{module}"), name).load)


def test_a_saved_model_is_opened(tmp_path):
    data = [("warm", "sun"), ("cold", "snow")] * 9
    model = tasks.TextClassifier(dim=4, epochs=3).fit(data, threads=1)
    assert tasks.open(model.save(tmp_path / "m")).predict(["sun", "snow"]) == ["warm", "cold"]


def test_what_holds_no_model_is_refused(tmp_path):
    path = tmp_path / "other"
    with atomic_write(path) as file:
        write_tensors(file, {"a": np.zeros(1, np.float32)}, {"format": "else"}, aligned="a")
    with pytest.raises(FormatError, match=r"a model of a task has one of the formats .* but this is 'else'"):
        tasks.open(path)
    with pytest.raises(FileAccessError):
        tasks.open(tmp_path / "none")
