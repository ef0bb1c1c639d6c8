"""``rowspace nearest``: the keys whose rows are nearest to those of given keys."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rowspace import search
from rowspace.cli.output import aligned, emit, say, shown
from rowspace.cli.tables import Json, Limit, TablePath, load
from rowspace.maps.neighbor_map import neighbor_map
from rowspace.maps.saving import check_picture, save
from rowspace.search import Metric

NumAnswers = Annotated[int, typer.Option("-k", min=1, metavar="N", help="How many to show.")]


def nearest(
    path: TablePath,
    keys: Annotated[
        list[str], typer.Argument(metavar="KEY...", help="The keys to look around.", show_default=False)
    ],
    *,
    k: NumAnswers = 10,
    metric: Annotated[Metric, typer.Option(help="What near means.")] = "cosine",
    limit: Limit = None,
    plot: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Draw the keys with their neighbors: PNG, SVG or PDF."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show the keys whose rows are nearest to each KEY, best first."""
    if plot is not None:
        check_picture(plot)
    table = load(path)
    found = search.nearest(table, keys, k=k, metric=metric, limit=limit)
    if plot is not None:
        save(neighbor_map(table, keys, k, metric=metric, limit=limit), plot)
    if as_json:
        answers = [
            {"key": key, "neighbors": [{"key": near, "score": score} for near, score in answer]}
            for key, answer in zip(keys, found, strict=True)
        ]
        emit({"table": path, "metric": metric, "answers": answers})
        return
    indent = "  " if len(keys) > 1 else ""
    for key, answer in zip(keys, found, strict=True):
        if len(keys) > 1:
            say(shown(key))
        say(aligned([[shown(near), f"{score:.4f}"] for near, score in answer], right=[1], indent=indent))
