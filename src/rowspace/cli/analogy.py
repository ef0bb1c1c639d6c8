"""``rowspace analogy``: A is to B as C is to what?"""

from __future__ import annotations

from typing import Annotated

import typer

from rowspace import search
from rowspace.cli.nearest import NumAnswers
from rowspace.cli.output import aligned, emit, say, shown
from rowspace.cli.tables import Json, Limit, TablePath, load
from rowspace.search import Method

Key = Annotated[str, typer.Argument(help="A key of the table.", show_default=False)]


def analogy(
    path: TablePath,
    a: Key,
    b: Key,
    c: Key,
    *,
    k: NumAnswers = 5,
    method: Annotated[
        Method, typer.Option(help="Add similarities (3CosAdd) or multiply them (3CosMul).")
    ] = "add",
    limit: Limit = None,
    as_json: Json = False,
) -> None:
    """Answer "A is to B as C is to what?", best answer first."""
    found = search.analogy(load(path), a, b, c, k=k, method=method, limit=limit)
    if as_json:
        answers = [{"key": key, "score": score} for key, score in found]
        emit({"table": path, "question": [a, b, c], "method": method, "answers": answers})
        return
    say(aligned([[shown(key), f"{score:.4f}"] for key, score in found], right=[1]))
