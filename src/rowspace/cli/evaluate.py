"""``rowspace evaluate``: score a table on test sets, and look how its rows lie."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from rowspace import evaluation
from rowspace.cli.output import emit, say
from rowspace.cli.score_table import Report, score_table
from rowspace.cli.tables import Json, Limit, TablePath, load
from rowspace.errors import EvaluationError
from rowspace.maps.saving import check_picture, save
from rowspace.maps.similarity_scatter import similarity_scatter
from rowspace.maps.spectrum import spectrum
from rowspace.table import Table

Files = list[Path] | None
TESTS: Mapping[str, Callable[..., Report]] = {  # by flag, which is also the name in JSON
    "similarity": evaluation.similarity,
    "analogies": evaluation.analogies,
    "categories": evaluation.categories,
    "odd_one_out": evaluation.odd_one_out,
    "relations": evaluation.relations,
}
AMONG_THE_FIRST = ("analogies", "relations")  # whose candidates have a limit of their own


class Command(TyperCommand):
    """A command whose flags for test sets each take all the files that follow them."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Repeat the flag before each of its files, which is the form that the parser knows."""
        flags = [f"--{test.replace('_', '-')}" for test in TESTS]
        return super().parse_args(ctx, list(spread(args, flags)))


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


def _sets(help_text: str) -> Any:
    return typer.Option(metavar="FILE...", help=help_text, show_default=False)


def evaluate(
    path: TablePath,
    *,
    similarity: Annotated[Files, _sets("Word pairs with human scores.")] = None,
    analogies: Annotated[Files, _sets("Questions: a b c d, in sections.")] = None,
    categories: Annotated[Files, _sets("Words with their category.")] = None,
    odd_one_out: Annotated[Files, _sets("Lines of words of which the last is the odd one.")] = None,
    relations: Annotated[Files, _sets("Pairs of words that stand in one relation, in sections.")] = None,
    geometry: Annotated[
        bool, typer.Option("--geometry", help="How the rows lie; this alone where no test set is given.")
    ] = False,
    limit: Limit = None,
    plot: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Draw the word pairs, or without them the spectrum: PNG, SVG or PDF, by the suffix.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Score a table on test sets; without one, look how its rows lie and what is wrong with them."""
    given = (similarity, analogies, categories, odd_one_out, relations)
    files = {test: each or [] for test, each in zip(TESTS, given, strict=True)}
    if plot is not None:
        _check_plot(plot, files["similarity"])
    table = load(path, nonfinite="keep")
    reports = {test: _reports(table, test, files[test], limit) for test in TESTS}
    lies = evaluation.geometry(table, limit=limit) if geometry or not any(files.values()) else None
    if plot is not None:
        _draw(table, files["similarity"], limit, plot)
    if as_json:
        described = {test: _described(files[test], reports[test]) for test in TESTS}
        facts = {"geometry": None if lies is None else lies.to_dict(), "plot": plot}
        emit({"table": path, **described, **facts})
        return
    _say([*(report for test in TESTS for report in reports[test])], lies)
    if plot is not None:
        say(f"\nplot {plot}")


def _reports(table: Table, test: str, files: Sequence[Path], limit: int | None) -> list[Report]:
    limits = {} if limit is None and test in AMONG_THE_FIRST else {"limit": limit}
    return [TESTS[test](table, file, **limits) for file in files]


def _described(files: Sequence[Path], reports: Sequence[Report]) -> list[dict[str, Any]]:
    return [{"file": file, **report.to_dict()} for file, report in zip(files, reports, strict=True)]


def _say(reports: Sequence[Report], lies: evaluation.GeometryReport | None) -> None:
    """All scores first, then each report, a blank line between any two."""
    parts = [*map(str, reports), *([] if lies is None else [str(lies)])]
    if len(reports) > 1:
        parts.insert(0, score_table(reports))
    say("\n\n".join(parts))


def _check_plot(plot: Path, pairs: Sequence[Path]) -> None:
    """Raise before the table is read what would spoil the picture after the tests."""
    check_picture(plot)
    if len(pairs) > 1:
        raise EvaluationError(
            f"a picture shows one set of word pairs, but {len(pairs)} were given; draw one in each call"
        )


def _draw(table: Table, pairs: Sequence[Path], limit: int | None, plot: Path) -> None:
    figure = similarity_scatter(table, pairs[0], limit=limit) if pairs else spectrum(table, limit=limit)
    save(figure, plot)
