"""``rowspace best``: the strongest rows for a corpus within a budget of minutes."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from rowspace import formats
from rowspace.cli.corpora import CorpusName, Field, Lowercase, OnErrors, Pattern
from rowspace.cli.evaluate import spread
from rowspace.cli.output import aligned, byte_size, emit, file_bytes, number, say
from rowspace.cli.tables import Json, Quiet, Threads
from rowspace.cli.target import check_target
from rowspace.corpus import open_corpus
from rowspace.selection.best import best as make_best


class Command(TyperCommand):
    """A command whose --pairs takes all the files that follow it."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Repeat the flag before each of its files, which is the form that the parser knows."""
        return super().parse_args(ctx, list(spread(args, ("--pairs",))))


def best(
    corpus: CorpusName,
    *,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="TABLE", help="Where the table goes.", show_default=False),
    ],
    budget: Annotated[
        float, typer.Option(metavar="MINUTES", help="The time that all of it may take.")
    ] = 10.0,
    dim: Annotated[
        int | None, typer.Option(min=1, help="Values in a vector. Default: by the size of the corpus.")
    ] = None,
    pairs: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE...", help="Word pairs with scores: one half of each is chosen on."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of every random draw.")] = 1,
    lowercase: Lowercase = False,
    pattern: Pattern = None,
    errors: OnErrors = "strict",
    field: Field = None,
    threads: Threads = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Make the strongest rows for a text: several models, post-processed and combined."""
    started = time.monotonic()
    check_target(output)
    table = make_best(
        open_corpus(corpus, lowercase=lowercase, pattern=pattern, errors=errors, field=field),
        budget,
        dim=dim,
        pairs=pairs,
        seed=seed,
        threads=threads,
        progress=False if quiet else None,
    )
    formats.write(table, output)
    rows, width = table.shape
    own = {"table": output, "rows": rows, "dim": width, "bytes": file_bytes(output)}
    facts = {**table.metadata, **own, "total_seconds": time.monotonic() - started}
    if as_json:
        emit(facts)
    elif not quiet:
        say(aligned([["step", "choice", "score", "gain"], *map(_line, facts["steps"])], right=[2, 3]))
        size = f"{number(rows)} rows x {width}, {byte_size(facts['bytes'])}"
        say(f"saved {output}: {size}, {facts['total_seconds']:.1f} s in all")


def _line(step: Mapping[str, Any]) -> list[str]:
    gain = "" if step["gain"] is None else f"{step['gain']:+.4f}"
    return [step["step"], step["choice"], f"{step['score']:.4f}", gain]
