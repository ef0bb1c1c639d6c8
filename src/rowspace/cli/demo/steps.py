"""The steps of the demo: each looks at a trained table from one side and says in a sentence what it shows."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from rowspace.arrays import Vector
from rowspace.cli.demo.choice import Question
from rowspace.cli.demo.picture import draw
from rowspace.cli.output import aligned, byte_size, file_bytes, number, shown
from rowspace.errors import MissingExtraError, UnknownKeyError
from rowspace.formats import open as open_table
from rowspace.formats import write
from rowspace.search import analogy, nearest
from rowspace.table import Table

TABLE = "words.rows"
PICTURE = "neighbours.png"
SHOWN_NEIGHBORS = 6
PICTURED_NEIGHBORS = 7
WELL_KNOWN_ROWS = 5_000  # neighbours come from the most frequent words: rare ones have poor rows
UNKNOWN = "qwertyuiopology"


@dataclass
class Step:
    """One thing to see: a heading, a plain sentence, the lines that show it, and the same as data."""

    name: str
    heading: str
    sentence: str
    lines: list[str] = field(default_factory=list)
    facts: Mapping[str, Any] = field(default_factory=dict)


def matrix_step(table: Table) -> Step:
    """The matrix's shape, and its size beside one-hot vectors for the same vocabulary."""
    rows, dim = table.shape
    dense, one_hot = rows * dim * 4, rows * rows * 4
    return Step(
        "matrix",
        "The matrix",
        f"Each of the {number(rows)} words owns one row of {dim} numbers; a one-hot vector would need "
        f"{number(rows)} numbers a word, all zero but one, and every two words would be equally far apart.",
        aligned_lines(
            [
                ["this matrix", f"{number(rows)} x {dim} float32", byte_size(dense)],
                ["one-hot vectors", f"{number(rows)} x {number(rows)} float32", byte_size(one_hot)],
                ["saved", f"{one_hot / dense:.1f} times smaller", byte_size(one_hot - dense)],
            ],
            right=[2],
        ),
        {"rows": rows, "dim": dim, "bytes": dense, "one_hot_bytes": one_hot, "times": one_hot / dense},
    )


def lookup_step(table: Table, word: str) -> Step:
    """The first numbers of one row."""
    vector = table[word]
    first = [round(float(value), 4) for value in vector[:6]]
    return Step(
        "lookup",
        "A lookup",
        "Looking a word up reads its row: no number means anything by itself, only their pattern does.",
        [
            f'table["{shown(word)}"] = [{_numbers(vector[:6])}, ...]  ({table.dim} numbers)',
        ],
        {"key": word, "first": first, "length": float(np.linalg.norm(vector))},
    )


def neighbor_step(table: Table, words: Sequence[str]) -> Step:
    """The nearest words of several."""
    near = {word: neighbors(table, word, SHOWN_NEIGHBORS) for word in words}
    lines = [
        [shown(word), ", ".join(f"{shown(key)} {score:.2f}" for key, score in found)]
        for word, found in near.items()
    ]
    return Step(
        "neighbors",
        "Neighbours",
        "Words that occur in like company end up with like rows; the number is the cosine of the angle "
        "between two rows, 1 for the same direction.",
        aligned_lines(lines),
        {word: [{"key": key, "score": score} for key, score in found] for word, found in near.items()},
    )


def analogy_step(table: Table, questions: Sequence[Question], words: Sequence[str]) -> Step:
    """Questions "a is to b as c is to ...?" with the answer that we expect and the one that comes."""
    answers = [_answer(table, a, b, c, expected) for a, b, c, expected in questions]
    if not answers and len(words) > 1:
        first, second = words[0], words[1]
        partner = neighbors(table, first, 1)
        answers = [_answer(table, first, key, second, None) for key, _ in partner]
    asked = [answer for answer in answers if answer["expected"] is not None]
    right = sum(answer["answer"] == answer["expected"] for answer in asked)
    return Step(
        "analogy",
        "Analogies",
        "Differences of rows carry meaning too: row(b) - row(a) + row(c) is a point, and the word nearest "
        "to it answers "
        + (
            '"a is to b as c is to ?".' if asked else "(none of our questions fits this text: a made-up one)."
        ),
        [_spoken(answer) for answer in answers] + ([f"{right} of {len(asked)} as expected"] if asked else []),
        {"questions": answers, "asked": len(asked), "right": right},
    )


def unknown_step(table: Table, known: str) -> Step:
    """What each policy answers for a word that the text does not hold."""
    lines, facts = [], {}
    for policy, meaning in (
        ("raise", "an error that names the word"),
        ("zero", "a row of zeros"),
        ("skip", "no row at all"),
        ("unknown", "the row trained for rare words"),
    ):
        if policy == "unknown" and getattr(table.vocabulary, "unknown_key", None) is None:
            continue
        outcome = _look_up_unknown(table, known, policy)
        lines.append([f'missing="{policy}"', meaning, outcome])
        facts[policy] = outcome
    return Step(
        "unknown",
        "An unknown word",
        f'"{UNKNOWN}" is not in the vocabulary, and you say what that means: '
        f'table.lookup(["{shown(known)}", "{UNKNOWN}"], missing=...).',
        aligned_lines(lines),
        {"key": UNKNOWN, "policies": facts},
    )


def file_step(table: Table, path: Path, word: str) -> Step:
    """Save the table, open it again by mapping, and time both."""
    start = time.perf_counter()
    write(table, path)
    written = time.perf_counter() - start
    start = time.perf_counter()
    mapped = open_table(path)
    vector = mapped[word]
    opened = time.perf_counter() - start
    same = bool(np.array_equal(vector, table[word]))
    size = file_bytes(path)
    return Step(
        "file",
        "The file",
        "The file is mapped, not read: opening costs the same for a thousand rows and for a million.",
        aligned_lines(
            [
                ["saved", str(path), f"{byte_size(size)} in {written * 1e3:.1f} ms"],
                ["opened", f'and looked "{shown(word)}" up', f"in {opened * 1e3:.1f} ms"],
                ["checked", "the same numbers" if same else "OTHER NUMBERS: please report this", ""],
            ]
        ),
        {"path": path, "bytes": size, "write_seconds": written, "open_seconds": opened, "same": same},
    )


def picture_step(table: Table, words: Sequence[str], path: Path, *, title: str) -> Step:
    """Draw the words with their neighbours, or say how to get the picture."""
    groups: dict[str, list[str]] = {}
    drawn = set(words)
    for word in words:
        fresh = [key for key, _ in neighbors(table, word, 4 * PICTURED_NEIGHBORS) if key not in drawn]
        groups[word] = [word, *fresh[: PICTURED_NEIGHBORS - 1]]
        drawn.update(groups[word])
    step = Step(
        "picture",
        "A picture",
        f"The {table.dim} directions are flattened to the two in which these words differ most.",
        [str(path)],
        {"path": path, "groups": groups},
    )
    try:
        draw(table, groups, path, title=title)
    except MissingExtraError as error:
        step.lines, step.facts = [str(error)], {"path": None, "groups": groups, "reason": str(error)}
    return step


def neighbors(table: Table, word: str, k: int) -> list[tuple[str, float]]:
    """The `k` nearest of the well known words with their cosines."""
    found = nearest(table, word, k=k + 1, limit=WELL_KNOWN_ROWS)
    unknown_key = getattr(table.vocabulary, "unknown_key", None)
    return [(key, float(score)) for key, score in found if key != unknown_key][:k]


def aligned_lines(lines: Sequence[Sequence[str]], right: Sequence[int] = ()) -> list[str]:
    """Aligned columns as separate lines; none for no lines."""
    return aligned(lines, right).split("\n") if lines else []


def _answer(table: Table, a: str, b: str, c: str, expected: str | None) -> dict[str, Any]:
    found = analogy(table, a, b, c, k=3, limit=WELL_KNOWN_ROWS)
    keys = [key for key, _ in found]
    return {
        "a": a, "b": b, "c": c, "answer": keys[0] if keys else None, "next": keys[1:], "expected": expected,
    }  # fmt: skip


def _spoken(answer: Mapping[str, Any]) -> str:
    a, b, c = (shown(answer[name]) for name in "abc")
    got = "nothing" if answer["answer"] is None else shown(answer["answer"])
    verdict = ""
    if answer["expected"] is not None:
        verdict = "  as expected" if got == answer["expected"] else f"  (we expected {answer['expected']})"
    return f"{a} is to {b} as {c} is to: {got}{verdict}"


def _look_up_unknown(table: Table, known: str, policy: Any) -> str:
    try:
        vectors = table.lookup([known, UNKNOWN], missing=policy)
    except UnknownKeyError as error:
        return type(error).__name__
    if len(vectors) == 1:
        return "shape (1, dim): the known word alone"
    return f"[{_numbers(vectors[1, :3])}, ...]"


def _numbers(values: Vector) -> str:
    return ", ".join(f"{value:.3f}" for value in values)
