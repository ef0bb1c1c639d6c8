"""The command line: one file a verb; each parses, calls one public function and prints."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from rowspace import __version__
from rowspace.cli.failure import Verbs
from rowspace.cli.verbs import SUMMARIES, on_demand


def _print_version(wanted: bool) -> bool:
    if wanted:
        print(f"rowspace {__version__}")
        raise typer.Exit
    return wanted


app = typer.Typer(
    cls=on_demand(Verbs, "rowspace.cli", SUMMARIES),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Train, look into, search, evaluate and convert embedding tables.",
)


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Show the version.")
    ] = False,
) -> None:
    """Train, look into, search, evaluate and convert embedding tables."""


def main() -> None:
    """Run the command line; the process ends with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal that lacks a letter shows its escape
            stream.reconfigure(errors="backslashreplace")
    app(prog_name="rowspace")
