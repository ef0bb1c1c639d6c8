"""Odd-one-out questions, in files, folders and in memory."""

from __future__ import annotations

import pytest

from rowspace.errors import EvaluationError
from rowspace.evaluation.odd_questions import as_odd_questions


@pytest.mark.parametrize("text", ["cup mug cow\na b c d\n", "# x\ncup\tmug\tcow\n\na b c d\n"])
def test_a_question_a_line(tmp_path, text):
    path = tmp_path / "odd.txt"
    path.write_text(text)
    assert as_odd_questions(path) == [("cup", "mug", "cow"), ("a", "b", "c", "d")]


def test_words_of_several_parts_need_tabs(tmp_path):
    path = tmp_path / "odd.txt"
    path.write_text("New York\tBoston\tplum\n")
    assert as_odd_questions(path) == [("New York", "Boston", "plum")]


def test_outlier_sets_and_folders_of_them(tmp_path):
    (tmp_path / "cups.txt").write_text("cup\nmug\nglass\n\ncow\nday\n")
    (tmp_path / "days.txt").write_text("monday\nfriday\n\n\ncow\n")
    cups = [("cup", "mug", "glass", "cow"), ("cup", "mug", "glass", "day")]
    assert as_odd_questions(tmp_path / "cups.txt") == cups
    assert as_odd_questions(tmp_path) == [*cups, ("monday", "friday", "cow")]


@pytest.mark.parametrize(
    ("text", "line"),
    [("a b c\nd e\n", 2), ("a\nb\nc\n", 1), ("a\n\nb\n\nc\n", 1), ("a\t\tb\n", 1), ("a\n\nb\nc\n", 1)],
)
def test_lines_of_another_form_are_named(tmp_path, text, line):
    (tmp_path / "odd.txt").write_text(text)
    with pytest.raises(EvaluationError, match=rf"odd\.txt: line {line} must"):
        as_odd_questions(tmp_path / "odd.txt")


def test_nothing(tmp_path):
    (tmp_path / "odd.txt").write_text("\n")
    for source in (tmp_path / "odd.txt", []):
        with pytest.raises(EvaluationError, match="at least one question"):
            as_odd_questions(source)


@pytest.mark.unchecked
@pytest.mark.parametrize("question", ["cup", ("a", "b"), ("a", "b", 3)])
def test_questions_in_memory_of_another_form_are_named(question):
    with pytest.raises(EvaluationError, match="question 1 must be three words or more"):
        as_odd_questions([("a", "b", "c"), question])
