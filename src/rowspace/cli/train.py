"""``rowspace train``: one verb a recipe, its flags made from the recipe's fields."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from rowspace import formats
from rowspace.cli.failure import INTERRUPTED
from rowspace.cli.flags import recipe_command
from rowspace.cli.output import aligned, byte_size, emit, file_bytes, note, number, say
from rowspace.cli.preflight import Announced
from rowspace.cli.tables import Json, Quiet, Threads, load
from rowspace.cli.target import check_target
from rowspace.corpus import open_corpus
from rowspace.corpus.tokenizer import Errors
from rowspace.errors import DivergedError
from rowspace.table import Table
from rowspace.training import Word2Vec


def train(
    recipe: Word2Vec,
    corpus: Annotated[
        str,
        typer.Argument(
            metavar="CORPUS",
            help="A file (plain, packed, JSON lines, Parquet), a folder, a glob, or - (standard input).",
            show_default=False,
        ),
    ],
    *,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="TABLE", help="Where the table goes.", show_default=False),
    ],
    lowercase: Annotated[bool, typer.Option("--lowercase", help="Turn the text to lower case.")] = False,
    pattern: Annotated[
        str | None, typer.Option(metavar="REGEX", help="What a token is. Default: all between white space.")
    ] = None,
    errors: Annotated[Errors, typer.Option(help="What to do with text that is not UTF-8.")] = "strict",
    field: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The field of JSON lines, or the column, with the text."),
    ] = None,
    threads: Threads = None,
    deterministic: Annotated[
        bool, typer.Option("--deterministic", help="The same rows in every run: one thread trains.")
    ] = False,
    initial: Annotated[
        Path | None, typer.Option(metavar="TABLE", help="Start from the rows of this table.")
    ] = None,
    checkpoint: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Save the training here now and then.")
    ] = None,
    checkpoint_minutes: Annotated[float, typer.Option(help="Minutes between two saves.")] = 10.0,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the checkpoint if it exists.")] = False,
    context: Annotated[
        bool, typer.Option("--context", help="Save the context rows too, so that training can go on.")
    ] = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Learn a table from text by skip-gram with negative sampling, and save it."""
    started = time.monotonic()
    check_target(output)
    opened = open_corpus(corpus, lowercase=lowercase, pattern=pattern, errors=errors, field=field)
    try:
        table = recipe.fit(
            opened if quiet else Announced(opened, recipe, threads=1 if deterministic else threads),
            threads=threads,
            deterministic=deterministic,
            initial=load(initial) if initial else None,
            progress=False if quiet else None,
            checkpoint=checkpoint,
            checkpoint_minutes=checkpoint_minutes,
            resume=resume,
            context=context,
        )
    except DivergedError as error:
        if error.table is not None:
            formats.write(error.table, output)
            note(f"rowspace: the last good rows were saved to {output}")
        raise
    formats.write(table, output)
    facts = _described(table, output, time.monotonic() - started)
    if as_json:
        emit(facts)
    elif not quiet:
        say(aligned(_lines(facts)))
    if facts["interrupted"]:
        raise typer.Exit(INTERRUPTED)


def _described(table: Table, output: Path, seconds: float) -> dict[str, Any]:
    rows, dim = table.shape
    own = {"table": output, "rows": rows, "dim": dim, "bytes": file_bytes(output), "total_seconds": seconds}
    return {**table.metadata, **own}


def _lines(facts: dict[str, Any]) -> list[list[str]]:
    done, asked = facts["epochs_done"], facts["recipe"]["epochs"]
    return [
        ["loss", " ".join(f"{loss:.4f}" for loss in facts["losses"]) or "no epoch was finished"],
        ["epochs", f"{done:g} of {asked}" + (", interrupted" if facts["interrupted"] else "")],
        ["speed", f"{number(facts['words_per_second'])} words/s, {facts['total_seconds']:.1f} s in all"],
        [
            "saved",
            f"{facts['table']}: {number(facts['rows'])} rows x {facts['dim']}, {byte_size(facts['bytes'])}",
        ],
    ]


app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Learn a table from text.")
app.command("word2vec")(recipe_command(Word2Vec, train))


@app.callback()
def recipes() -> None:
    """Learn a table from text."""
