"""What a person sees when a verb fails: one line and an exit code, never a traceback."""

from __future__ import annotations

import os
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from rowspace.cli.output import note
from rowspace.errors import RowspaceError

FAILED = 2  # also what a wrong flag gives
INTERRUPTED = 130  # 128 + SIGINT, as a shell reports it
PIPE_CLOSED = 141  # 128 + SIGPIPE


class Verbs(TyperGroup):
    """The group of all verbs, which turns what they raise into one line and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run the verb; the end of standard output is part of it, so a full disk is reported too."""
        try:
            answer = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError as error:
            _discard_output()
            raise typer.Exit(PIPE_CLOSED) from error
        except (RowspaceError, OSError, MemoryError) as error:
            note(f"rowspace: error: {describe(error)}")
            raise typer.Exit(FAILED) from error
        except KeyboardInterrupt as error:
            note("rowspace: interrupted")
            raise typer.Exit(INTERRUPTED) from error
        return answer


def describe(error: BaseException) -> str:
    """An error as one line: our own messages as written, those of the system with their file.

    >>> describe(FileNotFoundError(2, "No such file or directory", "x.txt"))
    'x.txt: No such file or directory'
    """
    if isinstance(error, MemoryError):
        text = f"not enough memory ({error}); pass --limit, fewer dimensions or a higher --min-count"
    elif isinstance(error, OSError) and error.strerror and not isinstance(error, RowspaceError):
        text = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    else:
        text = str(error) or type(error).__name__
    return " ".join(text.split())


def _discard_output() -> None:
    """Let the interpreter flush into nothing: the reader of our pipe has gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
