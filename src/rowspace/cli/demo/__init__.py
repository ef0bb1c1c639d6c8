"""``rowspace demo``: from text to a table, each step shown to someone who sees it for the first time."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from textwrap import fill
from typing import Annotated, Any

import typer

from rowspace.cli.demo import choice, steps
from rowspace.cli.demo.harvest import harvest
from rowspace.cli.demo.learn import learn_step, read_step
from rowspace.cli.demo.steps import Step
from rowspace.cli.output import aligned, byte_size, emit, file_bytes, note, say
from rowspace.cli.tables import Json
from rowspace.errors import FileAccessError

LINE = 100  # letters

Text = Annotated[
    Path | None,
    typer.Argument(
        metavar="FILE",
        help="Text to learn from. Default: the documentation of this Python.",
        show_default=False,
    ),
]


def demo(
    text: Text = None,
    *,
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where the files go.")] = Path("rowspace-demo"),
    as_json: Json = False,
) -> None:
    """Train a table on the documentation of this Python, or on FILE, and show what it can do."""
    started = time.monotonic()
    _make_folder(out)
    facts: dict[str, Any] = {}
    for place, step in enumerate(_steps(text, out), start=1):
        facts[step.name] = step.facts
        if not as_json:
            _show(place, step)
    paths = [facts[name]["path"] for name in ("text", "file", "picture") if name in facts]
    facts["files"] = [path for path in paths if path is not None]
    facts["next"] = _next_commands(out, list(facts["neighbors"]))
    facts["seconds"] = time.monotonic() - started
    if as_json:
        emit(facts)
    else:
        _show_end(facts)


def _steps(text: Path | None, out: Path) -> Iterator[Step]:
    """Read and train, then look at the table from each side; each step is made when it is its turn."""
    is_python = text is None
    if text is None:
        note("Reading the documentation of this Python and its packages ...")
        text = out / "corpus.txt"
        yield read_step(harvest(), text)
    note("Training ...")
    step, table = learn_step(text, is_cut=is_python)
    yield step
    words = choice.content_words(table, choice.PYTHON_WORDS if is_python else ())
    questions = choice.PYTHON_QUESTIONS if is_python else choice.ENGLISH_QUESTIONS
    yield steps.matrix_step(table)
    yield steps.lookup_step(table, words[0])
    yield steps.neighbor_step(table, words)
    yield steps.analogy_step(table, choice.fitting_questions(table, questions), words)
    yield steps.unknown_step(table, words[0])
    yield steps.file_step(table, out / steps.TABLE, words[0])
    title = (
        "Words that Python documentation uses alike" if is_python else f"Words that {text.name} uses alike"
    )
    yield steps.picture_step(table, words, out / steps.PICTURE, title=title)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileAccessError(
            f"{folder}: the folder for the demo's files cannot be made: {error.strerror}; pass --out"
        ) from error


def _show(place: int, step: Step) -> None:
    say(f"{place}. {step.heading}")
    say(fill(step.sentence, width=LINE, initial_indent="   ", subsequent_indent="   "))
    say()
    for line in step.lines:
        say(f"     {line}")
    say()


def _next_commands(out: Path, words: Sequence[str]) -> list[str]:
    table = shlex.quote(str(out / steps.TABLE))
    return [
        f"rowspace nearest {table} {shlex.quote(words[0])}",
        f"rowspace info {table} --verify",
        "rowspace train word2vec YOUR_TEXT.txt -o yours.rows --lowercase",
    ]


def _show_end(facts: dict[str, Any]) -> None:
    say(f"Done in {facts['seconds']:.0f} seconds. The files:")
    say(aligned([[str(path), byte_size(file_bytes(path))] for path in facts["files"]], [1], "     "))
    say()
    say("What you could do next:")
    for command in facts["next"]:
        say(f"     {command}")
