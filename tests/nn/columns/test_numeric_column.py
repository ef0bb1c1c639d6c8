from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from rowspace.errors import ShapeError
from rowspace.nn.columns.numeric_column import NumericColumn, numbers_of


def columns_of(values: list[float | None]) -> dict[str, Any]:
    """The same numbers as columns of every library that is installed."""
    floats = np.array([np.nan if value is None else value for value in values])
    columns: dict[str, Any] = {"list": values, "floats": floats, "objects": np.array(values, object)}
    for name, make in (("pandas", "Series"), ("polars", "Series"), ("pyarrow", "array")):
        columns[name] = getattr(pytest.importorskip(name), make)(values)
    columns["pandas Int64"] = pytest.importorskip("pandas").Series(values, dtype="Int64")
    columns["arrow chunks"] = pytest.importorskip("pyarrow").chunked_array([values[:1], values[1:]])
    columns["decimals"] = [None if value is None else Decimal(value) for value in values]
    return columns


@pytest.mark.parametrize("values", [[4, None, 2], [4, 2], [None, None], [0, 1]])
def test_all_libraries_give_the_same_numbers(values: list[float | None]):
    expected = np.array([np.nan if value is None else value for value in values], np.float64)
    for name, column in columns_of(values).items():
        numbers = numbers_of(column, "age")
        assert numbers.dtype == np.float64, name
        np.testing.assert_array_equal(numbers, expected, name)


def test_truth_values_are_zeros_and_ones():
    assert numbers_of([True, None, False], "old").tolist()[::2] == [1, 0]
    assert numbers_of(np.array([True, False]), "old").tolist() == [1, 0]


def test_known_values_are_standardised_in_training():
    values = np.random.default_rng(3).normal(1e6, 3, 1000)
    column = NumericColumn.learn("age", values)
    outputs, missing = column.encode(values)
    assert outputs.dtype == np.float32
    assert outputs.shape == (1000, 1)
    np.testing.assert_allclose([outputs.mean(), outputs.std(), missing], [0, 1, 0], atol=1e-5)


def test_missing_values_count_as_the_mean_and_are_told_where_training_had_some():
    column = NumericColumn.learn("age", [1, 3, None])
    assert column.outputs == ("age", "age is missing")
    outputs, missing = column.encode([None, 5.0])
    assert outputs.tolist() == [[0, 1], [3, 0]]
    assert missing == 1


def test_missing_values_that_training_never_met_are_the_mean_alone():
    outputs, missing = NumericColumn.learn("age", [1, 3]).encode([None, 3])
    assert (outputs.tolist(), missing) == ([[0], [1]], 1)


@pytest.mark.parametrize("value", [7, 0.1, 1e300, -3e-200])
def test_a_constant_gives_zeros(value: float):
    column = NumericColumn.learn("age", [value] * 7)
    assert column.encode([value])[0].tolist() == [[0]]


def test_all_missing_and_no_rows():
    column = NumericColumn.learn("age", [None, None])
    assert column.encode([None, 4])[0].tolist() == [[0, 1], [4, 0]]
    assert column.encode([])[0].shape == (0, 2)


@pytest.mark.parametrize(
    "column", [["1", 2], np.array(["1"]), ["x"], np.array(["2020-01-01"], "datetime64[D]"), [[1]]]
)
def test_what_is_no_number_names_the_column(column: Any):
    with pytest.raises(ShapeError, match="column 'age' must hold"):
        numbers_of(column, "age")


def test_infinities_are_refused_with_their_row():
    with pytest.raises(ShapeError, match="column 'age' must hold finite numbers, but row 1 holds inf"):
        NumericColumn.learn("age", [1.0, float("inf")])
    with pytest.raises(
        ShapeError, match="column 'age' holds 1e\\+300 in row 0, far beyond its training range"
    ):
        NumericColumn.learn("age", [1.0, 2.0]).encode([1e300])
    with pytest.raises(ShapeError, match="column 'age' holds numbers too large to add up"):
        NumericColumn.learn("age", [1e308, 1.5e308])
