"""``rowspace evaluate``: score a table on word similarity and analogy test sets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from rowspace import evaluation
from rowspace.cli.output import emit, say
from rowspace.cli.tables import Json, Limit, TablePath, load
from rowspace.errors import EvaluationError

Report = evaluation.SimilarityReport | evaluation.AnalogyReport


class SpreadOptions(TyperCommand):
    """A command whose --similarity and --analogies each take all the files that follow them."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Repeat the flag before each of its files, which is the form that the parser knows."""
        return super().parse_args(ctx, list(spread(args, ("--similarity", "--analogies"))))


def spread(arguments: Sequence[str], flags: Sequence[str]) -> Iterator[str]:
    """Repeat each of `flags` before every value behind it.

    >>> list(spread(["T", "--a", "x", "y", "--json"], ["--a"]))
    ['T', '--a', 'x', '--a', 'y', '--json']
    """
    current, is_first = "", False
    for argument in arguments:
        if argument.startswith("-"):
            current, is_first = (argument if argument in flags else ""), True
            yield argument
            continue
        if current and not is_first:
            yield current
        yield argument
        is_first = False


def evaluate(
    path: TablePath,
    *,
    similarity: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE...", help="Word pairs with human scores.", show_default=False),
    ] = None,
    analogies: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE...", help="Questions: a b c d, in sections.", show_default=False),
    ] = None,
    limit: Limit = None,
    as_json: Json = False,
) -> None:
    """Score a table on word similarity and analogy test sets."""
    if not similarity and not analogies:
        raise EvaluationError(
            "a test set is needed, but none was given; pass --similarity FILE or --analogies FILE"
        )
    table = load(path)
    by_pairs = [evaluation.similarity(table, file, limit=limit) for file in similarity or []]
    candidates: dict[str, Any] = {} if limit is None else {"limit": limit}  # they have a default of their own
    by_questions = [evaluation.analogies(table, file, **candidates) for file in analogies or []]
    if as_json:
        emit(
            {
                "table": path,
                "similarity": _described(similarity, by_pairs),
                "analogies": _described(analogies, by_questions),
            }
        )
        return
    for report in (*by_pairs, *by_questions):
        say(str(report))


def _described(files: list[Path] | None, reports: Sequence[Report]) -> list[dict[str, Any]]:
    return [{"file": file, **report.to_dict()} for file, report in zip(files or [], reports, strict=True)]
