"""``rowspace train``: one verb a recipe, its flags made from the recipe's fields."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from rowspace import formats
from rowspace.cli.corpora import CorpusName, Field, Lowercase, OnErrors, Pattern
from rowspace.cli.failure import INTERRUPTED
from rowspace.cli.flags import recipe_command
from rowspace.cli.output import aligned, byte_size, emit, file_bytes, note, number, say
from rowspace.cli.preflight import Announced
from rowspace.cli.tables import Json, Quiet, Threads, load
from rowspace.cli.target import check_target
from rowspace.corpus import Corpus, open_corpus
from rowspace.errors import DivergedError, FileAccessError, RecipeError
from rowspace.maps.loss_curve import loss_curve
from rowspace.maps.saving import check_picture, save
from rowspace.table import Table
from rowspace.training import PPMI, FastText, GloVe, Word2Vec


def train(
    recipe: Any,
    corpus: CorpusName,
    *,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="TABLE", help="Where the table goes.", show_default=False),
    ],
    lowercase: Lowercase = False,
    pattern: Pattern = None,
    errors: OnErrors = "strict",
    field: Field = None,
    threads: Threads = None,
    deterministic: Annotated[
        bool, typer.Option("--deterministic", help="The same rows in every run: one thread trains.")
    ] = False,
    initial: Annotated[
        Path | None, typer.Option(metavar="TABLE", help="Start from the rows of this table.")
    ] = None,
    checkpoint: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Save the training here now and then.")
    ] = None,
    checkpoint_minutes: Annotated[float, typer.Option(help="Minutes between two saves.")] = 10.0,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the checkpoint if it exists.")] = False,
    validation: Annotated[
        str | None,
        typer.Option(metavar="CORPUS", help="Text that is not trained on: its loss is measured each epoch."),
    ] = None,
    patience: Annotated[
        int | None,
        typer.Option(help="End after so many epochs without a better validation loss."),
    ] = None,
    frozen: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keys whose rows stay as they start, one a line.")
    ] = None,
    anchored: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keys whose rows are pulled back to their start.")
    ] = None,
    anchor_strength: Annotated[float, typer.Option(help="How hard anchored rows are pulled.")] = 1.0,
    context: Annotated[
        bool, typer.Option("--context", help="Save the context rows too, so that training can go on.")
    ] = False,
    plot: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Draw the loss of each epoch: PNG, SVG or PDF, by the suffix."),
    ] = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Learn a table from text, and save it."""
    started = time.monotonic()
    check_target(output)
    if plot is not None:
        check_plot(recipe, plot)

    def opened(source: str) -> Corpus:
        return open_corpus(source, lowercase=lowercase, pattern=pattern, errors=errors, field=field)

    text = opened(corpus)
    try:
        table = recipe.fit(
            text if quiet else Announced(text, recipe, threads=1 if deterministic else threads),
            threads=threads,
            deterministic=deterministic,
            initial=load(initial) if initial else None,
            progress=False if quiet else None,
            checkpoint=checkpoint,
            checkpoint_minutes=checkpoint_minutes,
            resume=resume,
            validation=opened(validation) if validation else None,
            patience=patience,
            frozen=keys_of(frozen),
            anchored=keys_of(anchored),
            anchor_strength=anchor_strength,
            context=context,
        )
    except DivergedError as error:
        if error.table is not None:
            formats.write(error.table, output)
            note(f"rowspace: the last good rows were saved to {output}")
        raise
    formats.write(table, output)
    facts = _described(table, output, time.monotonic() - started)
    if plot is not None:
        facts["plot"] = draw_loss(table, plot)
    if as_json:
        emit(facts)
    elif not quiet:
        say(aligned(_lines(facts)))
    if facts["interrupted"]:
        raise typer.Exit(INTERRUPTED)


def keys_of(path: Path | None) -> list[str]:
    """The keys in a file, one a line; none without a file. FileAccessError where it cannot be read."""
    if path is None:
        return []
    try:
        lines = path.read_text(encoding="utf-8", errors="surrogateescape").split("\n")
    except OSError as error:
        raise FileAccessError(f"{path}: cannot be read: {error.strerror or error}") from error
    return [line.removesuffix("\r") for line in lines if line]


def check_plot(recipe: Any, plot: Path) -> None:
    """Raise before the corpus is read what would spoil the picture after the training."""
    check_picture(plot)
    if not hasattr(recipe, "epochs"):
        raise RecipeError(
            f"a picture of the loss needs epochs, but {type(recipe).__name__} factorises in one pass; leave "
            "--plot out, and draw the table's spectrum with: rowspace info TABLE --plot FILE"
        )


def draw_loss(table: Table, plot: Path) -> Path | None:
    """Draw the loss of each epoch; a training that was interrupted in its first has none to draw."""
    if not table.metadata["losses"]:
        note("rowspace: no epoch was finished, so there is no loss to draw")
        return None
    return save(loss_curve(table), plot)


def _described(table: Table, output: Path, seconds: float) -> dict[str, Any]:
    rows, dim = table.shape
    own = {"table": output, "rows": rows, "dim": dim, "bytes": file_bytes(output), "total_seconds": seconds}
    return {**table.metadata, **own}


def _lines(facts: dict[str, Any]) -> list[list[str]]:
    speed = f"{number(facts['words_per_second'])} words/s, {facts['total_seconds']:.1f} s in all"
    size = f"{number(facts['rows'])} rows x {facts['dim']}, {byte_size(facts['bytes'])}"
    drawn = [["plot", str(facts["plot"])]] if facts.get("plot") else []
    return [*_epoch_lines(facts), ["speed", speed], ["saved", f"{facts['table']}: {size}"], *drawn]


def _epoch_lines(facts: dict[str, Any]) -> list[list[str]]:
    """What there is to say of epochs; a factorisation has none."""
    asked = facts["recipe"].get("epochs")
    if asked is None:
        return []
    held_out = facts.get("held_out_losses") or []
    return [
        ["loss", " ".join(f"{loss:.4f}" for loss in facts["losses"]) or "no epoch was finished"],
        *([["validation", " ".join(f"{loss:.4f}" for loss in held_out)]] if held_out else []),
        [
            "epochs",
            f"{facts['epochs_done']:g} of {asked}" + (", interrupted" if facts["interrupted"] else ""),
        ],
    ]


app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Learn a table from text.")
for verb, kind, text in (
    ("word2vec", Word2Vec, "Learn rows for words from their neighbours: skip-gram or CBOW."),
    (
        "fasttext",
        FastText,
        "Learn rows for words and their character n-grams, so that all words have some.",
    ),
    ("glove", GloVe, "Learn rows for words from how often they occur near each other."),
    ("ppmi", PPMI, "Factorise the positive pointwise mutual information of words: one pass, no epochs."),
):
    app.command(verb)(recipe_command(kind, train, text))


@app.callback()
def recipes() -> None:
    """Learn a table from text."""
