from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from rowspace.errors import RecipeError, ShapeError
from rowspace.nn.columns.encoder import Encoder

TRAINING = {
    "city": ["Oslo", "Rome", None, "Oslo"],
    "zip": [5, 7, 7, None],
    "member": [True, False, True, True],
    "age": [20, None, 40, 30],
}
LATER = {"city": ["Rome", "Lima"], "zip": [7, 9], "member": [None, True], "age": [30, None]}


def test_every_frame_is_encoded_alike(frame_of: Callable[[dict[str, list[Any]]], Any]):
    encoder = Encoder.learn(frame_of(TRAINING), numeric=["age"])
    assert encoder.names == ("city", "zip", "member")
    assert [list(each.words.keys) for each in encoder.vocabularies] == [
        ["Oslo", "Rome"],
        ["7", "5"],
        ["True", "False"],
    ]
    encoded, report = encoder.encode(frame_of(LATER))
    assert encoded.ids.tolist() == [[3, 2, 0], [0, 0, 2]]  # nobody's membership was missing in training
    spread = (200 / 3) ** 0.5
    np.testing.assert_allclose(encoded.numbers, [[(30 - 30) / spread, 0], [0, 1]])
    assert [(each.num_unknown, each.num_missing) for each in report.columns] == [
        (1, 0),
        (1, 0),
        (0, 1),
        (0, 1),
    ]


def test_order_and_number_of_a_frames_columns_do_not_matter():
    encoder = Encoder.learn(TRAINING, ["zip", "city"])
    assert encoder.names == ("zip", "city")
    expected = encoder.encode(LATER)[0].ids
    shuffled = {"more": [object(), object()], **dict(reversed(LATER.items()))}
    assert torch.equal(encoder.encode(shuffled)[0].ids, expected)


def test_a_frame_without_rows():
    encoder = Encoder.learn(TRAINING, numeric=["age"])
    for frame in ({name: [] for name in TRAINING}, {name: np.empty(0, object) for name in TRAINING}):
        encoded, report = encoder.encode(frame)
        assert encoded.ids.shape == (0, 3)
        assert encoded.ids.dtype == torch.int64
        assert encoded.numbers.shape == (0, 2)
        assert report["city"].unknown_rate == 0
    with pytest.raises(ShapeError, match="must have columns and rows, but this one has none"):
        Encoder.learn({"city": []})


def test_empty_frames_of_libraries():
    encoder = Encoder.learn({"city": ["Oslo", None], "age": [1.0, 2.0]}, numeric=["age"])
    for frame in (
        pytest.importorskip("pandas").DataFrame({"city": [], "age": []}),
        pytest.importorskip("polars").DataFrame({"city": [], "age": []}),
        pytest.importorskip("pyarrow").table({"city": [], "age": []}),
        pytest.importorskip("pyarrow").table({"city": [""], "age": [1.0]}).slice(1),
    ):
        assert encoder.encode(frame)[0].ids.shape == (0, 1)


@pytest.mark.parametrize(
    ("columns", "numeric", "error", "message"),
    [
        (["city", "city"], [], ShapeError, "'city' comes twice"),
        (["city"], ["city"], RecipeError, "'city' is named as both"),
        (["town"], [], ShapeError, "must have a column 'town'"),
        (["city"], ["weight"], ShapeError, "must have a column 'weight'"),
        (["city"], "age", ShapeError, r"write \['age'\]"),
        ([], ["age"], RecipeError, "needs a categorical column"),
        (["age", "city"], ["zip", "zip"], ShapeError, "'zip' comes twice in numeric"),
    ],
)
def test_wrong_choices_of_columns(columns: Any, numeric: Any, error: type[Exception], message: str):
    with pytest.raises(error, match=message):
        Encoder.learn(TRAINING, columns, numeric=numeric)


def test_a_later_frame_that_lacks_a_column_or_changed_its_type():
    encoder = Encoder.learn(TRAINING, ["city", "zip"])
    with pytest.raises(ShapeError, match="must have a column 'zip', but has 'city'"):
        encoder.encode({"city": ["Oslo"]})
    with pytest.raises(
        ShapeError, match="column 'zip' held numbers in training, but now holds text such as '5'"
    ):
        encoder.encode({"city": ["Oslo"], "zip": ["5"]})


def test_numbers_named_among_all_columns_of_other_types():
    frame = pytest.importorskip("pandas").DataFrame({0: [1, 2], "city": ["Oslo", "Rome"]})
    assert Encoder.learn(frame, ["city"]).names == ("city",)
    with pytest.raises(ShapeError, match="column names must be str, but 0 is int"):
        Encoder.learn(frame)


def test_it_travels_to_workers():
    encoder = pickle.loads(pickle.dumps(Encoder.learn(TRAINING, numeric=["age"])))
    assert encoder.encode(LATER)[0].ids.tolist() == [[3, 2, 0], [0, 0, 2]]


def test_no_library_of_frames_is_imported():
    program = (
        "import json, sys; from rowspace.nn.columns import CategoricalColumns as C; "
        "C.fit({'a': ['x', None]}).encode([{'a': 'x'}]); print(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"pandas", "polars", "pyarrow"} & set(json.loads(done.stdout))
