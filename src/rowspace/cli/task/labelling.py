"""``predict`` of the verbs that give texts labels, whatever model does it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Annotated, Any

import typer

from rowspace.cli.output import emit, say, shown
from rowspace.cli.tables import Json
from rowspace.cli.task.learning import ModelPath, Texts, lines_of, opened


def predict_command(kind: type[Any], *, texts_a_step: int) -> Callable[..., None]:
    """A command that labels lines by a model of this kind, so many at once."""

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
        explain: Annotated[
            bool, typer.Option("--explain", help="Say what each word does for a label.")
        ] = False,
        as_json: Json = False,
    ) -> None:
        """Print the labels of each line with their chances, the most likely first."""
        fitted = opened(model, kind)
        if k is None and threshold is None:
            k = 1
        answers: list[Any] = []
        for lines in _steps(texts, texts_a_step):
            found = fitted.predict_top(lines, k, threshold=threshold or 0.0)
            for text, best in zip(lines, found, strict=True):
                told = [fitted.explain(text, label) for label, _ in best] if explain else []
                if as_json:
                    own = [each.to_dict() for each in told]
                    answers.append(own or [{"label": label, "chance": chance} for label, chance in best])
                else:
                    say("\n".join(map(str, told)) if explain else _line(best))
        if as_json:
            emit({"model": model, "texts": answers})

    return predict


def _steps(source: str, length: int) -> Iterator[list[str]]:
    """Lines in parts; one by one where a person types them."""
    lines = lines_of(source)
    size = 1 if source == "-" and sys.stdin.isatty() else length
    while part := list(islice(lines, size)):
        yield part


def _line(best: list[tuple[str, float]]) -> str:
    return "\t".join(f"{shown(label)}\t{chance:.4f}" for label, chance in best)
