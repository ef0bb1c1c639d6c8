"""Analogy questions in sections, as in questions-words.txt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rowspace.errors import EvaluationError
from rowspace.evaluation.lines import malformed, numbered_lines
from rowspace.evaluation.shares import Kind

Question = tuple[str, str, str, str]  # a is to b as c is to d
QuestionSource = str | Path | Mapping[str, Iterable[Question]] | Iterable[Question]


@dataclass(frozen=True)
class Section:
    """The questions behind one `: name` line; without such a line the name is empty."""

    name: str
    questions: list[Question]

    @property
    def kind(self) -> Kind:
        """Syntactic where the name starts with "gram", else semantic; neither where there is no name."""
        if not self.name:
            return ""
        return "syntactic" if self.name.lower().startswith("gram") else "semantic"


def as_sections(source: QuestionSource) -> list[Section]:
    """The sections of a file, or of questions in memory, by name or in one section without.

    >>> as_sections({"family": [("man", "king", "woman", "queen")]})
    [Section(name='family', questions=[('man', 'king', 'woman', 'queen')])]
    """
    if isinstance(source, str | Path):
        return read_questions(source)
    named = source if isinstance(source, Mapping) else {"": source}
    sections = [Section(name, list(questions)) for name, questions in named.items()]
    for section in sections:
        for place, question in enumerate(section.questions):
            if not _is_question(question):
                where = f" of section {section.name!r}" if section.name else ""
                raise EvaluationError(f"question {place}{where} must be four words, but is {question!r}")
    if not any(section.questions for section in sections):
        raise EvaluationError("a test set needs at least one question, but none was given")
    return sections


def read_questions(path: str | Path) -> list[Section]:
    """Read four words a line, with `: name` before each section; a file without sections is one.

    Raises EvaluationError naming file and line for anything else or an empty file, and FileAccessError.
    """
    sections = [Section("", [])]
    for number, line in numbered_lines(path):
        words = line.split()
        if line.startswith(":"):
            sections.append(Section(line.lstrip(":").strip(), []))
        elif len(words) == 4:
            sections[-1].questions.append((words[0], words[1], words[2], words[3]))
        else:
            raise malformed(path, number, f"must be ': section' or four words, but is {line[:80]!r}")
    if not any(section.questions for section in sections):
        raise EvaluationError(f"{path}: a test set needs at least one question, but this file holds none")
    return sections if sections[0].questions else sections[1:]


def _is_question(question: object) -> bool:
    """Whether this is four words; one word of four letters is none."""
    return (
        isinstance(question, tuple | list)
        and len(question) == 4
        and all(isinstance(word, str) for word in question)
    )
