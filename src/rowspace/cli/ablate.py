"""``rowspace ablate``: does a text classifier do better with a table than without?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from rowspace import selection
from rowspace.cli.corpora import LABELLED, Lowercase
from rowspace.cli.evaluate import spread
from rowspace.cli.output import emit, note, say
from rowspace.cli.tables import Json, Quiet, load


class Command(TyperCommand):
    """A command whose --dims takes all the numbers that follow it."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Repeat the flag before each of its numbers, which is the form that the parser knows."""
        return super().parse_args(ctx, list(spread(args, ("--dims",))))


def ablate(
    data: Annotated[
        Path,
        typer.Argument(metavar="DATA", help=LABELLED, show_default=False),
    ],
    *,
    table: Annotated[
        Path | None, typer.Option(metavar="TABLE", help="Pre-trained rows to try.", show_default=False)
    ] = None,
    test: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Texts to score on. Default: a fifth of DATA.")
    ] = None,
    dims: Annotated[
        list[int] | None, typer.Option(metavar="DIM...", help="Dims of random rows. Default: 16 64.")
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Models of each variant.")] = 6,
    lowercase: Lowercase = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Classify texts with one-hot, random and pre-trained vectors, and compare the accuracies."""
    report = selection.ablate_text(
        data,
        None if table is None else load(table),
        test=test,
        dims=dims or None,
        seeds=seeds,
        lowercase=lowercase,
        progress=None if quiet else lambda trial: note(str(trial)),
    )
    if as_json:
        emit({"data": data, "table": table, **report.to_dict()})
    else:
        say(str(report))
