from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from rowspace.errors import ShapeError
from rowspace.nn.columns.frame import check_names, open_frame


def test_every_frame_gives_its_columns_by_name(frame_of: Callable[[dict[str, list[Any]]], Any]):
    frame = open_frame(frame_of({"city": ["Oslo", "Rome"], "size": [3, 1]}))
    size, city = frame.columns(["size", "city"])
    assert frame.names == ["city", "size"]
    assert [int(each) for each in np.asarray(size)] == [3, 1]
    assert [str(each) for each in np.asarray(city)] == ["Oslo", "Rome"]


def test_a_column_that_is_not_there_is_named_with_those_that_are(
    frame_of: Callable[[dict[str, list[Any]]], Any],
):
    frame = open_frame(frame_of({"city": ["Oslo"], "size": [3]}))
    with pytest.raises(ShapeError, match="must have a column 'country', but has 'city', 'size'"):
        frame.columns(["city", "country"])


def test_many_names_are_shortened():
    with pytest.raises(ShapeError, match="'c7' and 12 more"):
        open_frame({f"c{place}": [1] for place in range(20)}).columns(["d"])


def test_a_name_that_occurs_twice_is_refused_only_where_it_is_asked_for():
    pandas = pytest.importorskip("pandas")
    frame = open_frame(pandas.DataFrame([[1, 2, 3]], columns=["a", "b", "a"]))
    assert list(frame.columns(["b"])[0]) == [2]
    with pytest.raises(ShapeError, match="column 'a' occurs 2 times"):
        frame.columns(["b", "a"])


def test_columns_of_unequal_length_are_both_named():
    with pytest.raises(ShapeError, match="column 'a' has 2 and column 'b' has 1"):
        open_frame({"a": [1, 2], "b": [1]}).columns(["a", "b"])


@pytest.mark.parametrize(
    "value", ["Oslo", b"Oslo", 5, {"a": 1}, {1, 2}, np.float64(3), np.zeros((2, 2)), iter("ab")]
)
def test_what_is_no_column_is_told_with_its_name(value: object):
    with pytest.raises(ShapeError, match="column 'city' must be a list or array"):
        open_frame({"city": value}).columns(["city"])


@pytest.mark.parametrize("value", [None, "a,b", 5, [1, 2], np.zeros((2, 2)), [{"a": 1}, 3]])
def test_what_is_no_frame_is_told(value: object):
    with pytest.raises(ShapeError, match=r"must be a pandas or Polars frame.* but is"):
        open_frame(value)


def test_lazy_frames_are_to_be_collected():
    polars = pytest.importorskip("polars")
    with pytest.raises(ShapeError, match="LazyFrame is lazy"):
        open_frame(polars.LazyFrame({"a": [1]}))


def test_records_may_lack_names_and_an_empty_list_has_none():
    frame = open_frame([{"a": 1}, {"b": 2}])
    assert frame.columns(["a", "b"]) == [[1, None], [None, 2]]
    assert open_frame([]).names == []


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ("city", r"columns must be a list of names, but is the single string 'city'; write \['city'\]"),
        (["a", "b", "a"], "'a' comes twice in columns"),
        (["a", 5], "must be str, but 5 is int"),
    ],
)
def test_names_are_distinct_strings(names: Any, message: str):
    with pytest.raises(ShapeError, match=message):
        check_names(names, "columns")
