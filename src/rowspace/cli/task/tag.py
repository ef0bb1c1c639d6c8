"""``rowspace task tag``: learn a tagger, find labelled spans with it, and score it."""

from __future__ import annotations

import typer

from rowspace.cli.output import emit, say, shown
from rowspace.cli.tables import Json
from rowspace.cli.task.learning import ModelPath, Texts, evaluate_command, fit_command, lines_of, opened
from rowspace.tasks.tagging import Tagger, TaggingModel

DATA = "Sentences in CoNLL's columns: a token first, its tag last, an empty line between sentences."


def predict(model: ModelPath, texts: Texts = "-", *, as_json: Json = False) -> None:
    """Find the labelled spans of each line: its number, first and last character, label and text."""
    fitted: TaggingModel = opened(model, TaggingModel)
    found = fitted.predict(list(lines_of(texts)))
    if as_json:
        emit({"model": model, "texts": [[span.to_dict() for span in spans] for spans in found]})
        return
    for number, spans in enumerate(found, start=1):
        for span in spans:
            say(f"{number}\t{span.start}\t{span.end}\t{shown(span.label)}\t{shown(span.text)}")


def _told(model: TaggingModel) -> str:
    facts = model.facts
    best = f", F1 {max(facts['scores']):.4f} after epoch {facts['best_epoch']}" if facts["scores"] else ""
    return (
        f"{facts['sentences']:,} sentences, {len(model.labels)} labels, {len(facts['losses'])} epochs{best}"
    )


app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Find labelled spans in sentences, such as names."
)
app.command("fit")(
    fit_command(Tagger, "Learn a tagger from tagged sentences, and save it.", data=DATA, told=_told)
)
app.command("predict")(predict)
app.command("evaluate")(
    evaluate_command(TaggingModel, "Score a tagger on tagged sentences: precision, recall and F1.", data=DATA)
)
