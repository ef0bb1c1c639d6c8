from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from rowspace.errors import ShapeError
from rowspace.nn.columns.category import categories_of, category_of, check_kind

EAST = dt.timezone(dt.timedelta(hours=2))


@pytest.mark.parametrize(
    "value", [None, float("nan"), np.float32("nan"), np.datetime64("NaT"), Decimal("NaN")]
)
def test_missing_values(value: object):
    assert category_of(value) is None


def test_missing_values_of_pandas():
    pandas = pytest.importorskip("pandas")
    assert category_of(pandas.NA) is None
    assert category_of(pandas.NaT) is None


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        ("5", "text", "5"),
        ("", "text", ""),
        (np.str_("x"), "text", "x"),
        (5, "number", "5"),
        (5.0, "number", "5"),
        (np.int8(5), "number", "5"),
        (np.float32(5), "number", "5"),
        (Decimal("5.00"), "number", "5"),
        (-0.0, "number", "0"),
        (0.1, "number", "0.1"),
        (Decimal("0.10"), "number", "0.1"),
        (2**70, "number", "1180591620717411303424"),
        (float("inf"), "number", "inf"),
        (Decimal("Infinity"), "number", "infinity"),
        (True, "truth", "True"),
        (np.bool_(False), "truth", "False"),
        (dt.date(2020, 1, 2), "date", "2020-01-02"),
        (dt.datetime(2020, 1, 2), "date", "2020-01-02"),
        (np.datetime64("2020-01-02"), "date", "2020-01-02"),
        (np.datetime64("2020-01-02T00:00:00", "ns"), "date", "2020-01-02"),
        (dt.datetime(2020, 1, 2, 3, 4), "date", "2020-01-02T03:04:00"),
        (dt.datetime(2020, 1, 2, 1, tzinfo=EAST), "date", "2020-01-01T23:00:00+00:00"),
    ],
)  # fmt: skip
def test_values_have_a_kind_and_a_text(value: Any, kind: str, text: str):
    assert category_of(value) == (kind, text)


def test_nanoseconds_are_told():
    pandas = pytest.importorskip("pandas")
    assert category_of(pandas.Timestamp("2020-01-02")) == ("date", "2020-01-02")
    assert category_of(pandas.Timestamp(dt.datetime(2020, 1, 2)) + pandas.Timedelta(7, "ns")) == (
        "date",
        "2020-01-02T00:00:00.000000007",
    )


def test_lone_surrogates_become_something_that_keys_allow():
    _, text = category_of("\ud83d") or ("", "")
    assert text.encode("utf-8", "surrogateescape") == b"\xed\xa0\xbd"


def test_numbers_and_text_in_one_column_are_refused():
    with pytest.raises(ShapeError, match=r"column 'zip' .* numbers such as 5 and text such as '5'"):
        categories_of([None, 5, "5"], "zip")
    with pytest.raises(ShapeError, match="truth values such as True and numbers such as 1"):
        categories_of([True, 1], "flag")


def test_a_column_of_missing_values_has_no_kind():
    assert categories_of([None, float("nan")], "zip") == (None, [None, None])


@pytest.mark.parametrize("value", [b"x", (1, 2), [1], 1j, dt.timedelta(1), np.zeros(2), object])
def test_other_types_are_no_categories(value: object):
    with pytest.raises(ShapeError, match="column 'zip' must hold str, numbers, truth values or dates"):
        categories_of(["a", value], "zip")


def test_another_kind_than_in_training_is_refused_but_missing_values_are_not():
    with pytest.raises(
        ShapeError, match="column 'zip' held text in training, but now holds numbers such as 5"
    ):
        check_kind("number", "text", "zip", [None, 5])
    check_kind(None, "text", "zip", [None])
    check_kind("number", None, "zip", [5])
