from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rowspace.errors import ShapeError
from rowspace.nn.columns.distinct import distinct_values

COLUMNS = {
    "text": ["b", None, "a", "b", "", None],
    "numbers": [3, None, 1, 3, 0, None],
    "truths": [True, None, False, True, False, None],
    "all missing": [None, None],
    "empty": [],
}


def restored(column: Any) -> list[Any]:
    """The column that the distinct values and their codes describe."""
    found = distinct_values(column, "c")
    assert found.codes.dtype == np.int64
    values = [*found.values, None]
    listed = [values[code] for code in found.codes.tolist()]
    return [None if value is None or value != value else value for value in listed]


@pytest.mark.parametrize("values", COLUMNS.values(), ids=COLUMNS)
def test_lists_and_arrays(values: list[Any]):
    assert restored(values) == values
    assert restored(tuple(values)) == values
    assert restored(np.array(values, object)) == values
    distinct = distinct_values(values, "c").values
    assert len(distinct) == len(set(distinct))


@pytest.mark.parametrize("values", COLUMNS.values(), ids=COLUMNS)
def test_polars(values: list[Any]):
    polars = pytest.importorskip("polars")
    assert restored(polars.Series("c", values)) == values


def test_polars_categories_and_floats():
    polars = pytest.importorskip("polars")
    assert restored(polars.Series("c", ["b", None, "a"], dtype=polars.Categorical)) == ["b", None, "a"]
    assert restored(polars.Series("c", [1.5, float("nan"), None])) == [1.5, None, None]


@pytest.mark.parametrize("values", COLUMNS.values(), ids=COLUMNS)
def test_arrow(values: list[Any]):
    arrow = pytest.importorskip("pyarrow")
    plain = arrow.array(values)
    assert restored(plain) == values
    assert restored(arrow.chunked_array([values[:2], values[2:]], type=plain.type)) == values


def test_arrow_dictionaries_and_long_text():
    arrow = pytest.importorskip("pyarrow")
    encoded = arrow.array(["b", None, "a", "b"]).dictionary_encode()
    assert restored(encoded) == ["b", None, "a", "b"]
    assert restored(encoded[1:3]) == [None, "a"]
    assert restored(arrow.chunked_array([encoded, arrow.array(["c"]).dictionary_encode()])) == [
        "b",
        None,
        "a",
        "b",
        "c",
    ]
    assert restored(arrow.DictionaryArray.from_arrays([0, 1, None], ["x", None])) == ["x", None, None]
    assert restored(arrow.array(["b", None], arrow.large_string())) == ["b", None]
    assert restored(arrow.array(["b", None], arrow.string_view())) == ["b", None]


PANDAS = {
    "str": (["b", None, "a"], None),
    "object": (["b", None, "a"], "object"),
    "nullable": ([3, None, 1], "Int64"),
    "boolean": ([True, None, False], "boolean"),
    "category": (["b", None, "a"], "category"),
    "float": ([3.0, None, 1.0], None),
}


@pytest.mark.parametrize(("values", "dtype"), PANDAS.values(), ids=PANDAS)
def test_pandas(values: list[Any], dtype: str | None):
    pandas = pytest.importorskip("pandas")
    assert restored(pandas.Series(values, dtype=dtype)) == values


def test_pandas_ignores_categories_that_do_not_occur():
    pandas = pytest.importorskip("pandas")
    column = pandas.Series(pandas.Categorical(["b"], categories=["a", "b", "c"]))
    assert distinct_values(column, "c").values == ["b"]


@pytest.mark.parametrize("as_column", [list, lambda values: np.array(values, object)])
def test_true_and_one_stay_apart(as_column: Any):
    values = [1, True, 0, False, 1, np.bool_(True)]
    found = distinct_values(as_column(values), "c")
    kinds = [isinstance(found.values[code], bool | np.bool_) for code in found.codes.tolist()]
    assert kinds == [False, True, False, True, False, True]


def test_pandas_objects_stay_apart():
    pandas = pytest.importorskip("pandas")
    found = distinct_values(pandas.Series([1, True], dtype=object), "c")
    assert len(found.values) == 2


def test_numpy_text_and_dates():
    assert restored(np.array(["b", "a", "b"])) == ["b", "a", "b"]
    days = np.array(["2020-01-02", "NaT"], "datetime64[ns]")
    found = distinct_values(days, "c")
    assert found.values[found.codes[0]] == days[0]


@pytest.mark.parametrize("value", [[1], {"a": 1}, np.zeros(2), (1, [2])])
def test_lists_as_values_are_refused(value: object):
    with pytest.raises(ShapeError, match="column 'tags' must hold one category a row"):
        distinct_values(["a", value], "tags")
