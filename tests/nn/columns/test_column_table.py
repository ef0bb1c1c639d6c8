from __future__ import annotations

import numpy as np
import pytest

from rowspace import formats
from rowspace.errors import ShapeError
from rowspace.nn.columns.column_table import from_table, known_rows, to_table
from rowspace.nn.columns.column_vocabulary import ColumnVocabulary
from rowspace.table import Table

COLORS = ColumnVocabulary.learn("color", ["red", "blue", "red", None, "mauve"], min_count=1)
VECTORS = np.arange(10, dtype=np.float32).reshape(5, 2)


def test_a_table_answers_for_known_unknown_and_missing_values():
    table = to_table(COLORS, VECTORS)
    assert list(table.keys) == ["<unknown>", "<missing>", "red", "blue", "mauve"]
    assert table.counts is not None
    assert table.counts.tolist() == [0, 1, 2, 1, 1]
    assert table["blue"].tolist() == [6, 7]
    assert table["green"].tolist() == table["<unknown>"].tolist() == [0, 1]
    assert table["<missing>"].tolist() == [2, 3]


def test_a_table_is_a_copy():
    vectors = VECTORS.copy()
    table = to_table(COLORS, vectors)
    vectors[:] = 0
    assert table["blue"].tolist() == [6, 7]


def test_there_and_back_through_a_file(tmp_path):
    path = formats.write(to_table(COLORS, VECTORS), tmp_path / "colors.rows")
    vocabulary, vectors = from_table("color", formats.open(path))
    np.testing.assert_array_equal(vectors, VECTORS)
    assert list(vocabulary.words.keys) == list(COLORS.words.keys)
    assert vocabulary.counts.tolist() == COLORS.counts.tolist()
    assert vocabulary.kind == "text"


def test_categories_called_like_the_special_keys_stay_themselves():
    odd = ColumnVocabulary.learn("odd", ["<unknown>", "<<unknown>>", "<missing>"])
    table = to_table(odd, VECTORS)
    assert list(table.keys)[:2] == ["<<<unknown>>>", "<<missing>>"]
    vocabulary, vectors = from_table("odd", table)
    assert (
        vocabulary.encode(["<missing>", "<unknown>"]).ids.tolist()
        == odd.encode(["<missing>", "<unknown>"]).ids.tolist()
    )
    np.testing.assert_array_equal(vectors, VECTORS)


def test_numbers_stay_numbers():
    vocabulary, _ = from_table("zip", to_table(ColumnVocabulary.learn("zip", [7, 5, 7]), VECTORS[:4]))
    assert vocabulary.encode([5, 7]).ids.tolist() == [3, 2]
    with pytest.raises(ShapeError, match="held numbers in training"):
        vocabulary.encode(["5"])


def test_any_other_table_has_the_mean_for_unknown_values():
    vocabulary, vectors = from_table(
        "word", Table.from_arrays(["king", "queen"], np.eye(2, dtype=np.float32))
    )
    assert vocabulary.encode(["queen", "joker"]).ids.tolist() == [3, 0]
    assert vectors.tolist() == [[0.5, 0.5], [0.5, 0.5], [1, 0], [0, 1]]
    empty, vectors = from_table("word", Table.from_arrays([], np.empty((0, 3), np.float32)))
    assert (empty.num_rows, vectors.tolist()) == (2, [[0, 0, 0], [0, 0, 0]])


def test_a_table_that_lost_its_special_rows_is_refused():
    whole = to_table(COLORS, VECTORS)
    cut = Table.from_arrays(list(whole.keys)[2:], VECTORS[2:])
    with pytest.raises(
        ShapeError, match="table of column 'color' must begin with its unknown and its missing key"
    ):
        from_table("color", Table(cut.vocabulary, cut.store, whole.metadata))


def test_known_rows_are_those_whose_category_the_table_has():
    rows, vectors = known_rows(COLORS, Table.from_arrays(["blue", "green"], VECTORS[:2]))
    assert (rows.tolist(), vectors.tolist()) == ([3], [[0, 1]])
