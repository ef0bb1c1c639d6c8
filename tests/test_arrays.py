"""Ragged rows and packed keys."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rowspace.arrays import PackedKeys, Rows, check_offsets
from rowspace.errors import ShapeError

BYTES = st.lists(st.binary(max_size=12), max_size=20)


def ints(*numbers):
    return np.array(numbers, np.int64)


@pytest.mark.parametrize("offsets", [ints(0), ints(0, 0), ints(0, 2, 2, 5)])
def test_rows_know_their_number_of_bags(offsets):
    assert len(Rows(np.zeros(offsets[-1], np.int64), offsets)) == len(offsets) - 1


@pytest.mark.parametrize(
    ("offsets", "length", "message"),
    [
        (ints(), 0, "run from nothing to nothing"),
        (ints(1, 2), 2, "from 0 to 2, but run from 1 to 2"),
        (ints(0, 2), 3, "from 0 to 3, but run from 0 to 2"),
        (ints(0, 2, 1, 3), 3, "fall after position 1"),
    ],
)
def test_offsets_that_do_not_divide_the_whole(offsets, length, message):
    with pytest.raises(ShapeError, match=message):
        check_offsets(offsets, length)
    with pytest.raises(ShapeError, match=message):
        Rows(np.zeros(length, np.int64), offsets)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.text(max_size=12), max_size=20))
def test_any_text_comes_back(strings):
    strings = [text for text in strings if not any("\ud800" <= mark <= "\udfff" for mark in text)]
    keys = PackedKeys.from_strings(strings)
    assert list(keys) == strings
    assert [keys[place] for place in range(len(keys))] == strings
    assert keys.offsets.dtype == np.int64
    assert keys.data.dtype == np.uint8


@settings(deadline=None, max_examples=100)
@given(BYTES)
def test_bytes_that_are_no_utf8_come_back(encoded):
    keys = PackedKeys.from_bytes(encoded)
    assert [keys.bytes_at(place) for place in range(len(keys))] == encoded
    again = PackedKeys.from_strings(iter(keys))
    np.testing.assert_array_equal(again.data, keys.data)
    np.testing.assert_array_equal(again.offsets, keys.offsets)


@settings(deadline=None, max_examples=100)
@given(BYTES.filter(bool), st.data())
def test_take_gathers_keys(encoded, data):
    places = data.draw(st.lists(st.integers(0, len(encoded) - 1), max_size=30))
    taken = PackedKeys.from_bytes(encoded).take(np.array(places, np.int64))
    assert [taken.bytes_at(place) for place in range(len(taken))] == [encoded[place] for place in places]


@settings(deadline=None, max_examples=100)
@given(BYTES, st.slices(20))
def test_slices_are_those_of_a_list(encoded, part):
    keys = PackedKeys.from_bytes(encoded)
    assert keys[part] == list(keys)[part]


def test_places_count_from_both_ends_and_no_further():
    keys = PackedKeys.from_strings(["a", "bc", ""])
    assert (keys[-1], keys[-3], keys[1]) == ("", "a", "bc")
    for place in (3, -4):
        with pytest.raises(IndexError, match=f"key {place} of 3"):
            keys[place]
    with pytest.raises(IndexError):
        PackedKeys.from_strings([])[0]


def test_packed_keys_are_a_sequence():
    keys = PackedKeys.from_strings(["b", "a", "b"])
    assert "a" in keys
    assert "c" not in keys
    assert (keys.index("b"), keys.count("b"), list(reversed(keys))) == (0, 2, ["b", "a", "b"])


def test_keys_whose_offsets_do_not_fit():
    with pytest.raises(ShapeError, match="from 0 to 3"):
        PackedKeys(np.zeros(3, np.uint8), ints(0, 2))


def test_keys_are_joined_in_order():
    first, second = PackedKeys.from_strings(["a", "", "bc"]), PackedKeys.from_strings(["d", "é"])
    assert list(first.followed_by(second)) == ["a", "", "bc", "d", "é"]
    assert list(PackedKeys.from_strings([]).followed_by(first)) == ["a", "", "bc"]
