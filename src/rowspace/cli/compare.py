"""``rowspace compare``: score two tables on the same test sets, with a paired test of each difference."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from rowspace import evaluation
from rowspace.cli.evaluate import TESTS, Command
from rowspace.cli.output import emit, say
from rowspace.cli.tables import Json, Limit, load
from rowspace.errors import EvaluationError

__all__ = ["Command", "compare"]


def _table(name: str) -> Any:
    return typer.Argument(metavar=name, help="A table of any known format.", show_default=False)


def _files(text: str) -> Any:
    return typer.Option(metavar="FILE...", help=text, show_default=False)


def compare(
    first: Annotated[Path, _table("A")],
    second: Annotated[Path, _table("B")],
    *,
    similarity: Annotated[list[Path] | None, _files("Word pairs with human scores.")] = None,
    analogies: Annotated[list[Path] | None, _files("Questions: a b c d, in sections.")] = None,
    categories: Annotated[list[Path] | None, _files("Words and their categories.")] = None,
    odd_one_out: Annotated[list[Path] | None, _files("Words of which the last is the odd one.")] = None,
    relations: Annotated[list[Path] | None, _files("Word pairs in relations, as BATS has them.")] = None,
    limit: Limit = None,
    as_json: Json = False,
) -> None:
    """Score two tables on the same test sets, and test whether they differ."""
    if not any((similarity, analogies, categories, odd_one_out, relations)):
        flags = ", ".join(f"--{test.replace('_', '-')}" for test in TESTS)
        raise EvaluationError(f"a test set is needed, but none was given; pass one of {flags}")
    report = evaluation.compare(
        load(first),
        load(second),
        similarity=similarity or (),
        analogies=analogies or (),
        categories=categories or (),
        odd_one_out=odd_one_out or (),
        relations=relations or (),
        names=(str(first), str(second)),
        limit=limit,
    )
    if as_json:
        emit(report.to_dict())
        return
    say(str(report))
