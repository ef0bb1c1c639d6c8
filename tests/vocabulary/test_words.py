"""Words: a key is its row."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rowspace.arrays import PackedKeys
from rowspace.errors import RecipeError, ShapeError, UnknownKeyError
from rowspace.vocabulary import Words
from rowspace.vocabulary.words import KERNEL_FROM_KEYS

KEYS = st.lists(st.text(max_size=6), unique=True, max_size=40)


@settings(deadline=None, max_examples=60)
@given(KEYS, st.text(max_size=6))
def test_each_key_is_found_at_its_row(keys: list[str], other: str) -> None:
    words = Words.from_keys(keys)
    assert (len(words), words.num_rows, list(words.keys)) == (len(keys), len(keys), keys)
    assert words.find_all(keys).tolist() == list(range(len(keys)))
    assert [words.find(key) for key in keys] == list(range(len(keys)))
    assert words.find(other) == (keys.index(other) if other in keys else -1)
    assert (other in words) == (other in keys)


def test_many_keys_go_through_the_kernel() -> None:
    keys = [f"key {i}" for i in range(KERNEL_FROM_KEYS + 5)]
    words = Words.from_keys(keys)
    assert words.find_all(keys[::-1]).tolist() == list(range(len(keys)))[::-1]
    assert words.find(keys[77]) == 77
    with pytest.raises(ShapeError, match=f"'key 3' comes again at row {len(keys)}"):
        Words.from_keys([*keys, "key 3"])


def test_bytes_that_are_no_utf8_are_found() -> None:
    words = Words.from_keys(PackedKeys.from_bytes([b"\xff", b"a"]))
    assert words.find("\udcff") == 0
    assert words.find_all(["a", "\udcff"]).tolist() == [1, 0]


def test_repeated_keys_are_refused() -> None:
    with pytest.raises(ShapeError, match="must be distinct, but 'a' comes again at row 2"):
        Words.from_keys(["a", "b", "a"])


def test_counts_must_be_as_many_as_keys() -> None:
    with pytest.raises(ShapeError, match=r"2 keys need as many counts, but got shape \(3,\)"):
        Words.from_keys(["a", "b"], counts=np.arange(3))


@pytest.mark.parametrize(
    ("missing", "ids", "offsets"),
    [
        ("zero", [1, 0], [0, 1, 1, 2]),
        ("skip", [1, 0], [0, 1, 2]),
        ("unknown", [1, 2, 0], [0, 1, 2, 3]),
        (None, [1, 2, 0], [0, 1, 2, 3]),
    ],
)
def test_policies(missing: str | None, ids: list[int], offsets: list[int]) -> None:
    words = Words.from_keys(["a", "b", "<unk>"], unknown_key="<unk>", missing="unknown")
    rows = words.rows_of(["b", "zzz", "a"], missing)
    assert (rows.ids.tolist(), rows.offsets.tolist()) == (ids, offsets)


def test_raise_names_the_first_unknown_key_and_how_many() -> None:
    words = Words.from_keys(["a"])
    with pytest.raises(UnknownKeyError, match=r"but 'y' is not \(nor 1 more of 3\); pass missing="):
        words.rows_of(["a", "y", "z"])
    with pytest.raises(KeyError, match="but 'y' is not; pass"):
        words.rows_of(["y"])


def test_no_keys_give_no_bags() -> None:
    for words in (Words.from_keys([]), Words.from_keys(["a"])):
        rows = words.rows_of([])
        assert (len(rows), rows.ids.tolist()) == (0, [])


def test_one_string_is_no_list_of_keys() -> None:
    with pytest.raises(ShapeError, match=r"write \['king'\]"):
        Words.from_keys(["king"]).rows_of("king")


def test_the_unknown_key_must_be_a_key() -> None:
    with pytest.raises(RecipeError, match="the unknown key '<unk>' must be one of the keys"):
        Words.from_keys(["a"], unknown_key="<unk>")
    with pytest.raises(RecipeError, match="needs a vocabulary with an unknown row"):
        Words.from_keys(["a"], missing="unknown")
