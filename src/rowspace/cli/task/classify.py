"""``rowspace task classify``: learn the linear text classifier, label texts with it, and score it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from rowspace.cli.corpora import LABELLED as DATA
from rowspace.cli.flags import recipe_command
from rowspace.cli.output import byte_size, emit, file_bytes, number, say, shown
from rowspace.cli.tables import Json, Quiet, Threads
from rowspace.cli.task.labelling import predict_command
from rowspace.cli.task.learning import ModelPath, evaluate_command, fit_command, opened
from rowspace.formats import check_writable
from rowspace.tasks.classification import LinearTextModel, TextClassifier
from rowspace.tasks.classification.tuning import Metric

TEXTS_A_STEP = 4096


def compress(
    model: ModelPath,
    *,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="MODEL", help="Where the model goes.", show_default=False),
    ],
    size: Annotated[str, typer.Option(metavar="SIZE", help="What the file may take: 500kB, 1MB.")] = "1MB",
    validation: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Labelled texts on which the cost is measured.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a model small: leave out what matters least until the file fits, and say what it costs."""
    check_writable(output)
    fitted: LinearTextModel = opened(model, LinearTextModel)
    small = fitted.compress(size, validation=validation)
    small.save(output)
    told = small.facts["compression"]
    if as_json:
        emit({"model": output, "bytes": file_bytes(output), **told})
        return
    for name, change in told.items():
        say(f"{name.replace('_', ' ')}: {_figure(change['before'])} before, {_figure(change['after'])} after")
    say(f"{output}: {byte_size(file_bytes(output))}")


def tune(
    recipe: Any,
    train: Annotated[Path, typer.Argument(metavar="TRAIN", help=DATA, show_default=False)],
    *,
    minutes: Annotated[float, typer.Option(help="The search ends about then.")] = 5.0,
    trials: Annotated[
        int | None, typer.Option(min=1, help="It ends after so many trainings at most.")
    ] = None,
    metric: Annotated[Metric, typer.Option(help="What is to become better.")] = "accuracy",
    validation: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Labelled texts to score on; else tenths of TRAIN.")
    ] = None,
    threads: Threads = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Search for better settings within a time, and print the command that learns with them."""
    found = recipe.tune(
        train,
        validation=validation,
        minutes=minutes,
        trials=trials,
        metric=metric,
        threads=threads,
        progress=False if quiet else None,
    )
    if as_json:
        emit(found.to_dict())
        return
    say(str(found))
    say(" ".join(["rowspace task classify fit", shown(str(train)), "-o MODEL", *_flags(found.recipe)]))


def _flags(recipe: TextClassifier) -> list[str]:
    """The flags that make a recipe from the usual one."""
    usual = TextClassifier().to_dict()
    return [
        f"--{name.replace('_', '-')} {value}"
        for name, value in recipe.to_dict().items()
        if value != usual[name]
    ]


def _figure(value: float | None) -> str:
    return "none" if value is None else number(value)


def _told(model: LinearTextModel) -> str:
    facts = model.facts
    best = f", accuracy {max(facts['accuracies']):.4f} on validation" if "accuracies" in facts else ""
    return f"{facts['texts']:,} texts, {len(model.labels)} labels, {len(facts['losses'])} epochs{best}"


app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Give texts labels: a fast linear model on words and word n-grams.",
)
app.command("fit")(
    fit_command(TextClassifier, "Learn a classifier from labelled texts, and save it.", data=DATA, told=_told)
)
app.command("predict")(predict_command(LinearTextModel, texts_a_step=TEXTS_A_STEP))
app.command("tune")(
    recipe_command(TextClassifier, tune, "Search for better settings within a time, beginning with these.")
)
app.command("compress")(compress)
app.command("evaluate")(evaluate_command(LinearTextModel, "Score a classifier on labelled texts.", data=DATA))
