"""Analogy questions in sections, as in questions-words.txt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rowspace.errors import EvaluationError
from rowspace.evaluation.lines import malformed, numbered_lines

Question = tuple[str, str, str, str]  # a is to b as c is to d
Kind = Literal["semantic", "syntactic", ""]


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
