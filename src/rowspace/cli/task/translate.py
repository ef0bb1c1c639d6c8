"""``rowspace task translate``: learn a translator, translate with it, and score it."""

from __future__ import annotations

from typing import Annotated

import typer

from rowspace.cli.output import emit, say
from rowspace.cli.tables import Json
from rowspace.cli.task.learning import ModelPath, Texts, evaluate_command, fit_command, lines_of, opened
from rowspace.tasks.translation import TranslationModel, Translator

DATA = (
    "Pairs: lines of text<TAB>translation, or CSV or JSON lines with the fields source and target; plain or "
    "compressed."
)


def predict(
    model: ModelPath,
    texts: Texts = "-",
    *,
    beam: Annotated[int, typer.Option(min=1, max=256, help="Hypotheses of a sentence; 1 is greedy.")] = 4,
    length_power: Annotated[
        float, typer.Option(min=0, max=10, help="How much length is forgiven: greater for longer ones.")
    ] = 1.0,
    as_json: Json = False,
) -> None:
    """Translate each line."""
    fitted: TranslationModel = opened(model, TranslationModel)
    found = fitted.predict(list(lines_of(texts)), beam=beam, length_power=length_power)
    if as_json:
        emit({"model": model, "translations": found})
        return
    for text in found:
        say(text)


def _told(model: TranslationModel) -> str:
    facts = model.facts
    measure = "BLEU" if facts["recipe"]["measure"] == "bleu" else "-loss"
    best = f", {measure} {max(facts['scores']):.2f} after epoch {facts['best_epoch']}"
    said = f"{facts['pairs']:,} pairs, {len(model.lexicon.pieces):,} pieces, {len(facts['losses'])} epochs"
    return said + best if facts["scores"] else said


app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Translate sentences, learned from pairs of them."
)
app.command("fit")(
    fit_command(Translator, "Learn a translator from pairs of sentences, and save it.", data=DATA, told=_told)
)
app.command("predict")(predict)
app.command("evaluate")(
    evaluate_command(TranslationModel, "Score a translator on pairs: BLEU, chrF and loss.", data=DATA)
)
