"""``rowspace task classify-network``: learn a network that labels texts, use it, and score it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from typing import Annotated, Any

import typer

from rowspace.cli.output import emit, say, shown
from rowspace.cli.tables import Json
from rowspace.cli.task.classify import DATA
from rowspace.cli.task.learning import ModelPath, Texts, evaluate_command, fit_command, lines_of, opened
from rowspace.tasks.classification.networks import NetworkClassifier, NetworkTextModel

TEXTS_A_STEP = 1024


def predict(
    model: ModelPath,
    texts: Texts = "-",
    *,
    k: Annotated[
        int | None, typer.Option(min=1, help="Labels a text at most; default: 1, with --threshold all.")
    ] = None,
    threshold: Annotated[
        float | None, typer.Option(min=0, max=1, help="The least chance of a label.")
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Say what each word does for a label.")] = False,
    as_json: Json = False,
) -> None:
    """Print the labels of each line with their chances, the most likely first."""
    fitted: NetworkTextModel = opened(model, NetworkTextModel)
    if k is None and threshold is None:
        k = 1
    answers: list[Any] = []
    for lines in _steps(texts):
        for text, best in zip(lines, fitted.predict_top(lines, k, threshold=threshold or 0.0), strict=True):
            told = [fitted.explain(text, label) for label, _ in best] if explain else []
            if as_json:
                own = [each.to_dict() for each in told]
                answers.append(own or [{"label": label, "chance": chance} for label, chance in best])
            elif explain:
                say("\n".join(map(str, told)))
            else:
                say("\t".join(f"{shown(label)}\t{chance:.4f}" for label, chance in best))
    if as_json:
        emit({"model": model, "texts": answers})


def _steps(source: str) -> Iterator[list[str]]:
    """Lines in parts; one by one where a person types them."""
    length = 1 if source == "-" and sys.stdin.isatty() else TEXTS_A_STEP
    lines = lines_of(source)
    while part := list(islice(lines, length)):
        yield part


def _told(model: NetworkTextModel) -> str:
    facts = model.facts
    best = (
        f", accuracy {max(facts['scores']):.4f} after epoch {facts['best_epoch']}" if facts["scores"] else ""
    )
    return f"{facts['texts']:,} texts, {len(model.labels)} labels, {len(facts['losses'])} epochs{best}"


app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Give texts labels: a network on word rows."
)
app.command("fit")(
    fit_command(NetworkClassifier, "Learn a network from labelled texts, and save it.", data=DATA, told=_told)
)
app.command("predict")(predict)
app.command("evaluate")(evaluate_command(NetworkTextModel, "Score a network on labelled texts.", data=DATA))
