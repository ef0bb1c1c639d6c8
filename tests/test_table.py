"""Table: vocabulary x store, and what it does with unknown keys."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.arrays import PackedKeys
from rowspace.errors import RecipeError, ShapeError, UnknownKeyError
from rowspace.stores import DenseStore
from rowspace.table import Table
from rowspace.vocabulary import Words

KEYS = ["king", "queen", "new york", "<unk>"]
VECTORS = np.arange(8, dtype=np.float32).reshape(4, 2)


def table_of(missing="raise", unknown_key=None):
    return Table(Words.from_keys(KEYS, missing=missing, unknown_key=unknown_key), DenseStore(VECTORS))


class GatheringStore:
    """A store that is not dense: half the values."""

    shape = (4, 2)

    def gather(self, ids):
        return VECTORS[ids] / 2

    def pool(self, rows):
        return self.gather(rows.ids)


def test_what_a_table_tells_of_itself():
    counts = np.array([4, 3, 2, 1])
    table = Table.from_arrays(KEYS, VECTORS, counts=counts)
    assert (table.dim, table.shape, len(table)) == (2, (4, 2), 4)
    assert list(table.keys) == KEYS
    assert table.counts is counts
    assert table.vectors is VECTORS
    assert (table.metadata, table.context) == ({}, None)
    assert "king" in table
    assert "zzz" not in table
    assert 3 not in table


def test_keys_may_be_packed():
    assert list(Table.from_arrays(PackedKeys.from_strings(KEYS), VECTORS).keys) == KEYS


def test_vectors_of_a_store_that_is_not_dense():
    table = Table(Words.from_keys(KEYS), GatheringStore())
    np.testing.assert_array_equal(table.vectors, VECTORS / 2)


def test_looking_up():
    table = table_of()
    assert table["new york"].tolist() == [4, 5]
    assert table["new york"].shape == (2,)
    assert table.lookup(["queen", "king", "queen"]).tolist() == [[2, 3], [0, 1], [2, 3]]
    assert table.lookup([]).shape == (0, 2)


def test_a_vector_looked_up_is_a_copy():
    table = Table.from_arrays(KEYS, VECTORS.copy())
    table["king"][:] = 9
    assert table["king"].tolist() == [0, 1]


@pytest.mark.parametrize(
    ("missing", "rows"),
    [("zero", [[0, 0], [2, 3], [0, 0]]), ("skip", [[2, 3]]), ("unknown", [[6, 7], [2, 3], [6, 7]])],
)
def test_policies_for_unknown_keys(missing, rows):
    asked = ["zzz", "queen", "yyy"]
    assert table_of(unknown_key="<unk>").lookup(asked, missing=missing).tolist() == rows
    assert table_of(missing, unknown_key="<unk>").lookup(asked).tolist() == rows


def test_raising_names_the_first_unknown_key():
    with pytest.raises(UnknownKeyError, match=r"'zzz' is not \(nor 1 more of 3\)"):
        table_of().lookup(["king", "zzz", "yyy"])
    with pytest.raises(KeyError, match="'zzz' is not"):
        table_of()["zzz"]


@pytest.mark.parametrize(("missing", "vector"), [("zero", [0, 0]), ("skip", [0, 0]), ("unknown", [6, 7])])
def test_one_unknown_key_has_a_vector_unless_the_policy_raises(missing, vector):
    assert table_of(missing, unknown_key="<unk>")["zzz"].tolist() == vector


def test_policies_that_cannot_be_followed():
    with pytest.raises(RecipeError, match="needs a vocabulary with an unknown row"):
        table_of().lookup(["zzz"], missing="unknown")
    with pytest.raises(RecipeError, match="must be one of the keys"):
        table_of(unknown_key="zzz")


@pytest.mark.unchecked
def test_wrong_arguments_of_lookup():
    with pytest.raises(ShapeError, match="single string 'king'"):
        table_of().lookup("king")
    with pytest.raises(RecipeError, match="missing must be one of"):
        table_of().lookup(["king"], missing="ignore")


def test_parts_that_do_not_fit():
    with pytest.raises(ShapeError, match="of 3 rows needs a store of as many, but the store has 4"):
        Table.from_arrays(KEYS[:3], VECTORS)
    with pytest.raises(ShapeError, match=r"store's dim 2, but have 1"):
        Table(Words.from_keys(KEYS), DenseStore(VECTORS), context=DenseStore(VECTORS[:, :1]))
    with pytest.raises(ShapeError, match="'king' comes again at row 2"):
        Table.from_arrays(["king", "queen", "king", "x"], VECTORS)


@pytest.mark.unchecked
def test_counts_that_do_not_fit():
    with pytest.raises(ShapeError, match=r"as many counts, but got shape \(3,\)"):
        Table.from_arrays(KEYS, VECTORS, counts=np.array([3, 2, 1]))


def test_an_empty_table():
    table = Table.from_arrays([], np.zeros((0, 300), np.float32))
    assert (len(table), table.dim, list(table.keys)) == (0, 300, [])
    assert table.lookup(["a", "b"], missing="zero").shape == (2, 300)
    assert table.lookup(["a"], missing="skip").shape == (0, 300)
    with pytest.raises(UnknownKeyError):
        table["a"]
