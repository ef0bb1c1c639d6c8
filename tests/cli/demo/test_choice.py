"""Choosing words and questions to show."""

from __future__ import annotations

import numpy as np

from rowspace import Table
from rowspace.cli.demo.choice import content_words, fitting_questions


def table_of(keys, counts=None, vectors=None):
    vectors = np.eye(len(keys), dtype=np.float32) if vectors is None else vectors
    return Table.from_arrays(
        keys, vectors, counts=np.full(len(keys), 50) if counts is None else np.array(counts)
    )


def test_preferred_words_come_first_if_they_are_frequent():
    table = table_of(["river", "thread", "file", "color"], counts=[90, 80, 70, 3])
    assert content_words(table, ["file", "color", "absent", "thread"], amount=3) == [
        "file",
        "thread",
        "river",
    ]


def test_like_words_are_put_off():
    vectors = np.array([[1, 0, 0], [1, 0.1, 0], [0, 1, 0], [0, 0, 1]], np.float32)
    table = table_of(["king", "kings", "river", "stone"], vectors=vectors)
    assert content_words(table, amount=3) == ["king", "river", "stone"]
    assert content_words(table, amount=4) == ["king", "river", "stone", "kings"]


def test_function_words_short_words_and_signs_are_passed_over():
    keys = [f"the{chr(97 + row // 26)}{chr(97 + row % 26)}" for row in range(300)]
    keys[40:43] = ["of", "<unk>", "x1yz"]
    chosen = content_words(table_of(keys), amount=250)
    assert chosen[0] == keys[30]
    assert not {"of", "<unk>", "x1yz"} & set(chosen)


def test_any_words_will_do_where_there_are_no_others():
    assert content_words(table_of(["a", "b"], counts=[2, 1])) == ["a", "b"]


def test_a_table_without_counts_or_with_zero_rows():
    table = Table.from_arrays(["alpha", "beta"], np.zeros((2, 3), np.float32))
    assert content_words(table) == ["alpha", "beta"]


def test_questions_need_all_four_words():
    table = table_of(["row", "rows", "column", "columns", "min"])
    questions = [("min", "minimum", "row", "rows"), ("row", "rows", "column", "columns")]
    assert fitting_questions(table, questions) == questions[1:]
    rare = table_of(["row", "rows", "column", "columns"], counts=[50, 50, 50, 1])
    assert fitting_questions(rare, questions) == []
