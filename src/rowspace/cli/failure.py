"""What a person sees when a verb fails or warns: one line each and an exit code, never a traceback."""

from __future__ import annotations

import os
import re
import sys
import warnings
from collections.abc import Collection
from typing import Any

import typer
from typer.core import TyperGroup

from rowspace.cli.output import note
from rowspace.errors import RowspaceError

FAILED = 2  # also what a wrong flag gives
INTERRUPTED = 130  # 128 + SIGINT, as a shell reports it
PIPE_CLOSED = 141  # 128 + SIGPIPE
# An argument as Python writes it: name=value, name="value", or name= at the end of a phrase.
ARGUMENT = re.compile(r"""\b([a-z_]+)=("[^"]*"|'[^']*'|[\w.+-]+(?![\w.(])|(?=\s|$))""")


class Verbs(TyperGroup):
    """The group of all verbs, which turns what they raise into one line and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run the verb; the end of standard output is part of it, so a full disk is reported too."""

        def worded(problem: BaseException | str) -> str:
            text = describe(problem) if isinstance(problem, BaseException) else problem
            return as_flags(text, flags_of(self.commands.get(ctx.invoked_subcommand)))

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("always", UserWarning)
                warnings.showwarning = lambda message, *_, **__: note(f"rowspace: warning: {worded(message)}")
                answer = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError as error:
            _discard_output()
            raise typer.Exit(PIPE_CLOSED) from error
        except (RowspaceError, OSError, MemoryError) as error:
            note(f"rowspace: error: {worded(error)}")
            _discard_unwritable_output()
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


def as_flags(message: str, names: Collection[str]) -> str:
    """Write the arguments that a message advises as flags, where the verb has them.

    >>> as_flags('pass errors="replace", resume=True or dim=3', ["errors", "resume"])
    'pass --errors replace, --resume or dim=3'
    """

    def written(match: re.Match[str]) -> str:
        name, value = match.groups()
        if name not in names:
            return match[0]
        value = "" if value == "True" else value.strip("\"'")
        return f"--{name.replace('_', '-')} {value}".rstrip()

    return ARGUMENT.sub(written, message)


def flags_of(command: Any) -> set[str]:
    """The names of the options of a command and of those below it."""
    if command is None:
        return set()
    own = {parameter.name for parameter in command.params if parameter.param_type_name == "option"}
    return own.union(*(flags_of(below) for below in getattr(command, "commands", {}).values()))


def _discard_unwritable_output() -> None:
    """Drop output that a full disk did not take: the interpreter would fail on it once more, at its end."""
    try:
        sys.stdout.flush()
    except OSError:
        _discard_output()


def _discard_output() -> None:
    """Let the interpreter flush into nothing: nobody can take what is left."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
