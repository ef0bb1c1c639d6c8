"""Relations: pairs of words that all stand to each other in one way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rowspace.errors import EvaluationError
from rowspace.evaluation.lines import malformed, numbered_lines, set_files

Pair = tuple[str, str]
RelationSource = str | Path | Mapping[str, Iterable[Pair]] | Iterable[Pair]


@dataclass(frozen=True)
class Relation:
    """The pairs of one relation; each first word with every second word that is right for it."""

    name: str
    pairs: list[tuple[str, tuple[str, ...]]]


def as_relations(source: RelationSource) -> list[Relation]:
    """The relations of a file or folder, or of pairs in memory, by name or in one without.

    >>> as_relations({"opposite": [("up", "down"), ("old", "young/new")]})[0].pairs
    [('up', ('down',)), ('old', ('young', 'new'))]
    """
    if isinstance(source, str | Path):
        return [relation for path in set_files(source) for relation in _read_file(path)]
    named = source if isinstance(source, Mapping) else {"": source}
    relations = [Relation(name, list(_parted(name, pairs))) for name, pairs in named.items()]
    if not any(relation.pairs for relation in relations):
        raise EvaluationError("a test set needs at least one pair, but none was given")
    return relations


def _parted(name: str, pairs: Iterable[Pair]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for place, pair in enumerate(pairs):
        words = list(pair) if isinstance(pair, tuple | list) else []
        right = _right(words[1]) if len(words) == 2 and isinstance(words[1], str) else ()
        if not right or not isinstance(words[0], str):
            where = f" of relation {name!r}" if name else ""
            raise EvaluationError(f"pair {place}{where} must be two words, but is {pair!r}")
        yield words[0], right


def _read_file(path: Path) -> list[Relation]:
    """Two words a line, `: name` before each relation; pairs before any such line bear the file's name."""
    relations = [Relation(path.stem, [])]
    for number, line in numbered_lines(path):
        if line.startswith(":"):
            relations.append(Relation(line.lstrip(":").strip(), []))
            continue
        words = [word.strip() for word in line.split("\t")] if "\t" in line else line.split()
        right = _right(words[1]) if len(words) == 2 else ()
        if not right or not words[0]:
            raise malformed(path, number, f"must be ': relation' or two words, but is {line[:80]!r}")
        relations[-1].pairs.append((words[0], right))
    if not any(relation.pairs for relation in relations):
        raise EvaluationError(f"{path}: a test set needs at least one pair, but this file holds none")
    return relations if relations[0].pairs else relations[1:]


def _right(text: str) -> tuple[str, ...]:
    """The right answers, which a slash parts."""
    return tuple(word.strip() for word in text.split("/") if word.strip())
