"""``rowspace task``: one verb a task, each with fit, predict and evaluate."""

from __future__ import annotations

import typer
from typer.core import TyperGroup

from rowspace.cli.verbs import on_demand

# The first sentence of each verb's own help, which a test compares.
TASKS = {
    "classify": "Give texts labels: a fast linear model on words and word n-grams.",
    "classify-network": "Give texts labels: a network on word rows.",
    "tag": "Find labelled spans in sentences, such as names.",
    "translate": "Translate sentences, learned from pairs of them.",
    "generate": "Go on with texts: a language model.",
}

app = typer.Typer(
    cls=on_demand(TyperGroup, "rowspace.cli.task", TASKS),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Learn a task from files, predict with what was learned, and score it.",
)


@app.callback()
def tasks() -> None:
    """Learn a task from files, predict with what was learned, and score it."""
