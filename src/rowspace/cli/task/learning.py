"""What the verbs of ``rowspace task`` share: to learn a model from files, to score it, to read texts."""

# No `from __future__ import annotations`: flags are made anew for each task, from annotations' values.

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from rowspace import tasks
from rowspace.cli.flags import recipe_command
from rowspace.cli.output import byte_size, emit, file_bytes, say
from rowspace.cli.tables import Json, Quiet, Threads, load
from rowspace.corpus.paths import reading
from rowspace.corpus.text_file import BYTE_ORDER_MARK
from rowspace.errors import CorpusError, FormatError
from rowspace.formats import check_writable

Command = Callable[..., None]
ModelPath = Annotated[
    Path, typer.Argument(metavar="MODEL", help="A model that fit has written.", show_default=False)
]
Texts = Annotated[
    str, typer.Argument(metavar="TEXTS", help="A file with a text a line, or - (standard input).")
]


def fit_command(recipe: type[Any], text: str, *, data: str, told: Callable[[Any], str]) -> Command:
    """A command that learns a recipe's model from a file and saves it.

    `data` says what the file must hold, and `told` what is to be said of the model in a line.
    """

    def fit(
        made: Any,
        train: Annotated[Path, typer.Argument(metavar="TRAIN", help=data, show_default=False)],
        *,
        output: Annotated[
            Path,
            typer.Option("--output", "-o", metavar="MODEL", help="Where the model goes.", show_default=False),
        ],
        validation: Annotated[
            Path | None, typer.Option(metavar="FILE", help="Data that is not trained on: chooses the epoch.")
        ] = None,
        table: Annotated[Path | None, typer.Option(metavar="TABLE", help="Rows to begin with.")] = None,
        threads: Threads = None,
        checkpoint: Annotated[
            Path | None, typer.Option(metavar="FILE", help="Save the training here now and then.")
        ] = None,
        checkpoint_minutes: Annotated[float, typer.Option(help="Minutes between two saves.")] = 1.0,
        resume: Annotated[
            bool, typer.Option("--resume", help="Go on from the checkpoint if it exists.")
        ] = False,
        quiet: Quiet = False,
        as_json: Json = False,
    ) -> None:
        started = time.monotonic()
        check_writable(output)
        model = made.fit(
            train,
            validation=validation,
            table=load(table) if table else None,
            threads=threads,
            progress=False if quiet else None,
            checkpoint=checkpoint,
            checkpoint_minutes=checkpoint_minutes,
            resume=resume,
        )
        model.save(output)
        seconds = time.monotonic() - started
        if as_json:
            emit({"model": output, "seconds": seconds, **model.facts})
        elif not quiet:
            say(f"{told(model)}; {seconds:.1f} s")
            say(f"{output}: {byte_size(file_bytes(output))}")

    return recipe_command(recipe, fit, text)


def evaluate_command(kind: type[Any], text: str, *, data: str) -> Command:
    """A command that scores a model of this kind on a file; `data` says what the file must hold."""

    def evaluate(
        model: ModelPath,
        source: Annotated[Path, typer.Argument(metavar="DATA", help=data, show_default=False)],
        *,
        as_json: Json = False,
    ) -> None:
        report = opened(model, kind).evaluate(source)
        if as_json:
            emit({"model": model, "data": source, **report.to_dict()})
        else:
            say(str(report))

    evaluate.__doc__ = text
    return evaluate


def opened(path: Path, kind: type[Any]) -> Any:
    """The model in a file. Raises FormatError where it is one of another task."""
    model = tasks.open(path)
    if not isinstance(model, kind):
        raise FormatError(
            path, 8, f"this verb needs a {kind.__name__}, but the file holds a {type(model).__name__}"
        )
    return model


def lines_of(source: str, errors: Literal["strict", "surrogateescape"] = "strict") -> Iterator[str]:
    """The lines of a file, or of standard input for -, each as soon as it is there.

    Raises CorpusError for one that is not UTF-8, FileAccessError where there is no such file.
    """
    if source == "-":
        yield from _decoded(sys.stdin.buffer, "standard input", errors)
        return
    with reading(Path(source)), Path(source).open("rb") as file:
        yield from _decoded(file, source, errors)


def _decoded(file: Any, name: str, errors: str) -> Iterator[str]:
    for number, line in enumerate(file, start=1):
        data = line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line
        try:
            yield data.rstrip(b"\r\n").decode("utf-8", errors)
        except UnicodeDecodeError:
            raise CorpusError(f"{name}: line {number} must be UTF-8, but is not; convert it") from None
