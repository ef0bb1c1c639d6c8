"""Analogy questions and their sections."""

from __future__ import annotations

import pytest

from rowspace.errors import EvaluationError
from rowspace.evaluation.questions import as_sections, read_questions


def write(tmp_path, text):
    path = tmp_path / "questions.txt"
    path.write_text(text, encoding="utf-8", newline="")
    return path


def test_sections(tmp_path):
    text = "\ufeff: family\nboy girl brother sister\n\n:gram1-plural\na\tb\tc\td\ne f g h\n: empty\n"
    sections = read_questions(write(tmp_path, text.replace("\n", "\r\n")))
    assert [(section.name, section.kind, len(section.questions)) for section in sections] == [
        ("family", "semantic", 1),
        ("gram1-plural", "syntactic", 2),
        ("empty", "semantic", 0),
    ]
    assert sections[0].questions == [("boy", "girl", "brother", "sister")]


def test_a_file_without_sections(tmp_path):
    sections = read_questions(write(tmp_path, "good better rough rougher\n# a comment\n"))
    assert [(section.name, section.kind) for section in sections] == [("", "")]
    assert len(sections[0].questions) == 1


@pytest.mark.parametrize("line", ["a b c", "a b c d e", "one"])
def test_lines_of_another_length_are_named(tmp_path, line):
    with pytest.raises(EvaluationError, match=r"questions\.txt: line 3 must be ': section' or four words"):
        read_questions(write(tmp_path, f": s\na b c d\n{line}\n"))


@pytest.mark.parametrize("text", ["", ": family\n", "\n#\n"])
def test_no_question(tmp_path, text):
    with pytest.raises(EvaluationError, match="at least one question"):
        read_questions(write(tmp_path, text))


def test_questions_in_memory(tmp_path):
    four = ("a", "b", "c", "d")
    assert [section.name for section in as_sections({"family": [four], "gram1": [four, four]})] == [
        "family",
        "gram1",
    ]
    (section,) = as_sections([four])
    assert (section.name, section.kind, section.questions) == ("", "", [four])
    assert as_sections(write(tmp_path, "a b c d"))[0].questions == [four]


@pytest.mark.unchecked
@pytest.mark.parametrize("question", ["abcd", ("a", "b", "c"), ("a", "b", "c", 4)])
def test_questions_in_memory_of_another_form_are_named(question):
    with pytest.raises(EvaluationError, match="question 1 of section 's' must be four words"):
        as_sections({"s": [("a", "b", "c", "d"), question]})
    with pytest.raises(EvaluationError, match="at least one question"):
        as_sections({"s": []})
