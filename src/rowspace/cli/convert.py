"""``rowspace convert``: read a table in one format, write it in another."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from rowspace import formats
from rowspace.cli.output import byte_size, emit, file_bytes, number, say
from rowspace.cli.tables import Json, Limit, Quiet, Threads
from rowspace.cli.target import check_target
from rowspace.formats.options import Duplicates, Format, Header, KeyErrors, NonFinite
from rowspace.training.settings import usable_cores


def convert(
    source: Annotated[
        Path, typer.Argument(metavar="IN", help="A table of any known format.", show_default=False)
    ],
    target: Annotated[
        Path,
        typer.Argument(
            metavar="OUT",
            help="The suffix chooses the format: .rows, .txt or .vec (word2vec text), .bin (fastText's model "
            "where IN has n-grams, else word2vec binary), .glove, .floret.",
            show_default=False,
        ),
    ],
    *,
    format: Annotated[Format | None, typer.Option(help="The format of OUT, whatever its suffix.")] = None,
    limit: Limit = None,
    errors: Annotated[KeyErrors, typer.Option(help="Keys that are no UTF-8.")] = "strict",
    duplicates: Annotated[Duplicates, typer.Option(help="Keys that come again.")] = "error",
    nonfinite: Annotated[NonFinite, typer.Option(help="Rows with NaN or infinity.")] = "error",
    header: Annotated[Header, typer.Option(help="Whether the header must tell the true number.")] = "check",
    escape: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Put in place of what a key may not hold in OUT.")
    ] = None,
    threads: Threads = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Read table IN and write it as OUT, wholly or not at all."""
    started = time.monotonic()
    check_target(target, format)
    progress = not quiet and sys.stderr.isatty()
    workers = threads or usable_cores()
    table = formats.read(
        source,
        limit=limit,
        errors=errors,
        duplicates=duplicates,
        nonfinite=nonfinite,
        header=header,
        threads=workers,
        progress=progress,
    )
    formats.write(table, target, format=format, escape=escape, threads=workers, progress=progress)
    dim, rows = table.dim, formats.inspect(target, verify=False).num_rows
    rows = len(table) if rows is None else rows
    size, seconds = file_bytes(target), time.monotonic() - started
    if as_json:
        emit(
            {"source": source, "target": target, "rows": rows, "dim": dim, "bytes": size, "seconds": seconds}
        )
    elif not quiet:
        say(f"{target}: {number(rows)} rows x {dim}, {byte_size(size)} in {seconds:.1f} s")
