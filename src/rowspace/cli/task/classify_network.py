"""``rowspace task classify-network``: learn a network that labels texts, use it, and score it."""

from __future__ import annotations

import typer

from rowspace.cli.corpora import LABELLED as DATA
from rowspace.cli.task.labelling import predict_command
from rowspace.cli.task.learning import evaluate_command, fit_command
from rowspace.tasks.classification.networks import NetworkClassifier, NetworkTextModel

TEXTS_A_STEP = 1024


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
app.command("predict")(predict_command(NetworkTextModel, texts_a_step=TEXTS_A_STEP))
app.command("evaluate")(evaluate_command(NetworkTextModel, "Score a network on labelled texts.", data=DATA))
