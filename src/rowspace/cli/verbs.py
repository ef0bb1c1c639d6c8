"""The verbs: what each does in a line, and where it is; its module is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

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
    "task": "Learn a task from files, predict with what was learned, and score it.",
}


class Commands(Mapping[str, Any]):
    """Commands by name, each made when it is first looked up."""

    def __init__(self, folder: str, summaries: Mapping[str, str]) -> None:
        """Find each command of `summaries` in the module of its name in the package `folder`."""
        self._folder, self._summaries = folder, summaries
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._summaries:
            raise KeyError(name)
        if name not in self._made:
            self._made[name] = made(self._folder, name)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._summaries)

    def __len__(self) -> int:
        return len(self._summaries)


def on_demand(group: type[TyperGroup], folder: str, summaries: Mapping[str, str]) -> type[TyperGroup]:
    """A kind of `group` whose commands lie in `folder`; to list them needs none of them."""

    class OnDemand(group):  # type: ignore[misc, valid-type]
        def __init__(self, **options: Any) -> None:
            super().__init__(**options | {"commands": {}})
            self.commands = Commands(folder, summaries)

        def list_commands(self, ctx: Any) -> list[str]:
            return list(summaries)

        def format_commands(self, ctx: Any, formatter: Any) -> None:
            with formatter.section("Commands"):
                formatter.write_dl(list(summaries.items()))

    return OnDemand


def made(folder: str, name: str) -> Any:
    """The command of a verb: the function of its name in the module of its name, or the group `app` there."""
    module = import_module(f"{folder}.{name.replace('-', '_')}")
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
