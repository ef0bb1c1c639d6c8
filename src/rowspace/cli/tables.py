"""What the verbs that look into a table share: their arguments, and how a table is opened."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from rowspace import formats
from rowspace.table import Table

TablePath = Annotated[
    Path, typer.Argument(metavar="TABLE", help="A table of any known format.", show_default=False)
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, for machines.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no remarks.")]
Limit = Annotated[
    int | None,
    typer.Option(min=1, metavar="ROWS", help="Only the first rows, which are mostly the most frequent keys."),
]
Threads = Annotated[int | None, typer.Option(min=1, help="Default: all cores.")]


def load(path: Path, *, nonfinite: Literal["error", "keep"] = "error") -> Table:
    """Open a ``.rows`` file by mapping it; read a file of any other format into memory."""
    facts = formats.inspect(path, verify=False)
    if facts.format == "rows" and facts.packing is None:
        return formats.open(path)
    return formats.read(path, nonfinite=nonfinite, progress=sys.stderr.isatty())
