"""Damaged and foreign files of models are refused."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.errors import FileAccessError, FormatError, RowspaceError
from rowspace.formats.tensor_file import map_tensors, write_tensors
from rowspace.tasks.classification import LinearTextModel, TextClassifier
from rowspace.tasks.classification.model_file import num_bytes


@pytest.fixture(scope="module")
def saved(tmp_path_factory, pairs):
    path = tmp_path_factory.mktemp("models") / "model"
    return TextClassifier(dim=4, epochs=1).fit(pairs, threads=1).save(path)


def rewritten(saved, path, tensors=None, **metadata):
    """The saved model with some tensors or metadata replaced, with sound checksums."""
    file = map_tensors(saved)
    arrays = {name: np.array(array) for name, array in file.tensors.items()} | (tensors or {})
    kept = {name: value for name, value in file.metadata.items() if not name.startswith("checksum.")}
    with path.open("wb") as target:
        write_tensors(target, arrays, kept | metadata, aligned="vectors")
    return path


def test_every_cut_and_many_flips_are_noticed(saved, tmp_path):
    whole, path = saved.read_bytes(), tmp_path / "broken"
    for length in range(0, len(whole), 997):
        path.write_bytes(whole[:length])
        with pytest.raises(RowspaceError):
            LinearTextModel.load(path)
    for place in range(0, len(whole), 997):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 16]) + whole[place + 1 :])
        with pytest.raises(FormatError):
            LinearTextModel.load(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "other"}, "no text classifier"),
        ({"version": "7"}, "upgrade"),
        ({"labels": '["a"]'}, "disagree"),
        ({"labels": "3"}, "contradicts itself"),
        ({"loss": "hinge"}, "disagree"),
        ({"rule": "{}"}, "contradicts itself"),
        ({"tensors": {"vectors": np.zeros((3, 4), np.float32)}}, "disagree"),
        ({"tensors": {"output": np.zeros((2, 5), np.float32)}}, "disagree"),
        ({"tensors": {"vectors": np.zeros((3, 4), np.float64)}}, "must be 2-d F32"),
        ({"tensors": {"words.hash": np.zeros(3, np.int32)}}, "disagree"),
        ({"tensors": {"vectors.counts": np.zeros(3, np.int32)}}, "disagree"),
        (
            {"tensors": {"tree.nodes": np.zeros(3, np.int32), "tree.codes": np.zeros(3, np.float32)}},
            "disagree",
        ),
        ({"rows": "float8"}, "contradicts itself"),
        ({"rows": "int8"}, "must be"),
    ],
)
def test_files_that_contradict_themselves(saved, tmp_path, change, message):
    with pytest.raises(FormatError, match=message):
        LinearTextModel.load(rewritten(saved, tmp_path / "changed", **change))


@pytest.mark.parametrize(
    "tensors",
    [
        {"tree.nodes": np.full(5, 9, np.int32)},
        {"tree.offsets": np.array([0, 1, 5])},
        {"tree.codes": np.full(5, 0.5, np.float32)},
    ],
)
def test_trees_that_lead_nowhere(saved, tmp_path, tensors):
    texts = [("a", "x"), ("b", "y"), ("c", "z")] * 4
    path = TextClassifier(dim=4, epochs=1, loss="hierarchical").fit(texts, threads=1).save(tmp_path / "tree")
    assert len(LinearTextModel.load(path).parts.outputs.tree.nodes) == 5
    with pytest.raises(FormatError, match="disagree"):
        LinearTextModel.load(rewritten(path, tmp_path / "changed", tensors=tensors))


def test_the_size_is_known_before_writing(saved):
    assert num_bytes(LinearTextModel.load(saved).parts) == saved.stat().st_size


def test_no_file(tmp_path):
    with pytest.raises(FileAccessError):
        LinearTextModel.load(tmp_path / "none")
