"""The loss of each epoch of a training, on its own text and on text held out from it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float64

from rowspace.errors import EvaluationError
from rowspace.maps.canvas import COLORS, INK, MARKERS, Figure, blank, head_, legend_, style_
from rowspace.maps.lettering import set_letters_
from rowspace.maps.named_tables import Tables, named
from rowspace.table import Table

MARKED_EPOCHS = 40  # beyond them a line without points is easier to read
UNITS = {"GloVe": "mean weighted squared error"}  # of the logarithm of a count
USUAL_UNIT = "mean loss per pair (nats)"

Losses = Float64[np.ndarray, "epochs"]


class History(NamedTuple):
    """What a training recorded: a loss for each finished epoch, NaN where there is none."""

    training: Losses
    held_out: Losses
    kept: int | None  # the epoch, from 1 on, whose rows the table holds, if not the last


def loss_curve(tables: Tables) -> Figure:
    """Draw the training and held-out loss of each epoch, from what `fit` left in `table.metadata`.

    One table, a sequence, or tables by name. The training loss is a mean over the epoch, while the rows
    were moving; the held-out loss (`fit(validation=...)`) is taken after it. A ring marks the epoch with
    the least held-out loss. Losses of another unit (GloVe's) have a panel of their own.

    Raises EvaluationError for a table without losses: not trained by rowspace, factorised in one pass, or
    interrupted before an epoch was done; MissingExtraError without matplotlib.

    >>> from rowspace.training import Word2Vec
    >>> text = [["a", "rose", "is", "a", "rose"]] * 20
    >>> table = Word2Vec(dim=8, min_count=1, epochs=3).fit(text, validation=text, threads=1)
    >>> [line.get_label() for line in loss_curve(table).axes[0].lines]
    ['training', 'held-out text']
    """
    by_name = named(tables)
    histories = {name: history_of(table) for name, table in by_name.items()}
    units = {name: _unit(table) for name, table in by_name.items()}
    figure = blank(8, 1 + 3.2 * len(set(units.values())))
    panels = _panels(figure, list(dict.fromkeys(units.values())))
    styles = zip(histories.items(), cycle(COLORS), cycle(MARKERS), strict=False)
    for (name, history), color, marker in styles:
        _draw(panels[units[name]], history, f"{name}, " if len(by_name) > 1 else "", color, marker)
    names = " and ".join(by_name) if len(by_name) <= 2 else f"{len(by_name)} tables"
    notes = [_note(name if len(by_name) > 1 else "", history) for name, history in histories.items()]
    head_(figure, f"Loss of {names}", *notes)
    for axes in panels.values():
        axes.margins(x=0.04, y=0.08)
        legend_(axes, loc="best")
    set_letters_(figure)
    return figure


def history_of(table: Table) -> History:
    """The losses that a training left in the metadata; EvaluationError where there are none."""
    recorded, metadata = table.metadata.get("losses"), table.metadata
    if not isinstance(recorded, list) or not all(_is_loss(loss) for loss in recorded):
        raise EvaluationError(
            'a loss curve needs the losses that training leaves in table.metadata["losses"], but this table '
            "has none: this table was not trained by rowspace; train one, or draw its spectrum"
        )
    if not recorded:
        reason = "no epoch was finished" if metadata.get("interrupted") else "its recipe has no epochs"
        raise EvaluationError(
            f"a loss curve needs at least one epoch, but this table has none: {reason}; draw its spectrum"
        )
    held_out = metadata.get("held_out_losses")
    known = held_out if isinstance(held_out, list) and all(map(_is_loss, held_out)) else []
    kept = metadata.get("best_epoch")
    return History(_losses(recorded), _losses(known), kept if isinstance(kept, int) else None)


def _is_loss(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _losses(values: list[float | None]) -> Losses:
    losses: Losses = np.array([np.nan if value is None else value for value in values], np.float64)
    return np.where(np.isfinite(losses), losses, np.nan)


def _unit(table: Table) -> str:
    recipe = table.metadata.get("recipe")
    name = recipe.get("name") if isinstance(recipe, Mapping) else None
    return UNITS.get(str(name), USUAL_UNIT)


def _panels(figure: Figure, units: list[str]) -> dict[str, Any]:
    """Axes for each unit: losses of other objectives cannot be compared, so they get a scale of their own."""
    grid = figure.subplots(len(units), 1, squeeze=False, sharex=True)
    for axes, unit in zip(grid[:, 0], units, strict=True):
        style_(axes, x="epoch" if unit == units[-1] else "", y=unit)
        axes.locator_params(axis="x", integer=True)
    return dict(zip(units, grid[:, 0], strict=True))


def _draw(axes: Any, history: History, name: str, color: str, marker: str) -> None:
    """Training as a solid line, held-out text as a dashed one, and a ring around its least."""
    many = len(history.training) > MARKED_EPOCHS
    look = {"color": color, "marker": None if many else marker, "markersize": 5, "linewidth": 1.6}
    epochs = np.arange(1, len(history.training) + 1)
    axes.plot(epochs, history.training, label=f"{name}training", **look)
    if not np.isfinite(history.held_out).any():
        return
    epochs = np.arange(1, len(history.held_out) + 1)
    hollow = {"linestyle": "--", "markerfacecolor": "none", "label": f"{name}held-out text"}
    axes.plot(epochs, history.held_out, **look, **hollow)
    least = int(np.nanargmin(history.held_out))
    axes.scatter(least + 1, history.held_out[least], s=150, facecolors="none", edgecolors=INK, linewidths=1)


def _epochs(number: int) -> str:
    return "1 epoch" if number == 1 else f"{number} epochs"


def _note(name: str, history: History) -> str:
    """The last training loss, and where the held-out loss was least, in words."""
    text = f"{name}: " if name else ""
    text += f"training {history.training[-1]:.4g} after {_epochs(len(history.training))}"
    if not np.isfinite(history.held_out).any():
        return f"{text}; no text was held out"
    least = int(np.nanargmin(history.held_out))
    text += f"; held-out text {history.held_out[least]:.4g} at best (ring), after epoch {least + 1}"
    return text + ("" if history.kept is None else ", whose rows were kept")
