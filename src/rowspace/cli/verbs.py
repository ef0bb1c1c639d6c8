"""The verbs: what each does in a line, and where it is; its module is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import typer
from typer.main import get_command

from rowspace.cli.failure import Verbs

# The first sentence of each verb's own help, which a test compares.
SUMMARIES = {
    "demo": "Train a table on the documentation of this Python, or on FILE, and show what it can do.",
    "phrases": "Join tokens that occur together more often than by chance (new_york), and write the text.",
    "train": "Learn a table from text.",
    "best": "Make the strongest rows for a text: several models, post-processed and combined.",
    "info": "Show what a table file holds, and whether it is sound.",
    "nearest": "Show the keys whose rows are nearest to each KEY, best first.",
    "analogy": 'Answer "A is to B as C is to what?", best answer first.',
    "evaluate": "Score a table on test sets; without one, look how its rows lie and what is wrong with them.",
    "compare": "Score two tables on the same test sets, and test whether they differ.",
    "dimension": "Measure which dimension suits a corpus: the smallest that is as good as the best.",
    "ablate": "Classify texts with one-hot, random and pre-trained vectors, and compare the accuracies.",
    "convert": "Read table IN and write it as OUT, wholly or not at all.",
}


class Commands(Mapping[str, Any]):
    """The commands by name, each made when it is first looked up."""

    def __init__(self) -> None:
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in SUMMARIES:
            raise KeyError(name)
        if name not in self._made:
            self._made[name] = made(name)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(SUMMARIES)

    def __len__(self) -> int:
        return len(SUMMARIES)


class VerbsOnDemand(Verbs):
    """The group of all verbs; a list of them needs none."""

    def __init__(self, **options: Any) -> None:
        """Pass everything to Typer, which has put no commands in."""
        super().__init__(**options | {"commands": {}})
        self.commands: Any = Commands()

    def list_commands(self, ctx: Any) -> list[str]:
        """The names in the order of help."""
        return list(self.commands)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write what each verb does."""
        with formatter.section("Commands"):
            formatter.write_dl(list(SUMMARIES.items()))


def made(name: str) -> Any:
    """The command of a verb: the function of its name in the module of its name, or the group `app` there."""
    module = import_module(f"rowspace.cli.{name}")
    app = getattr(module, "app", None)
    if app is None:
        app = typer.Typer(
            add_completion=False,
            rich_markup_mode=None,
            context_settings={"help_option_names": ["-h", "--help"]},
        )
        app.command(name, cls=getattr(module, "Command", None))(getattr(module, name))
    command = get_command(app)
    command.name = name
    return command
