"""``rowspace dimension``: measure which dimension suits a corpus."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rowspace.cli.corpora import CorpusName, Lowercase, Pattern
from rowspace.cli.output import emit, say
from rowspace.cli.tables import Json, Quiet, Threads
from rowspace.corpus import open_corpus
from rowspace.maps.dimension_curve import dimension_curve
from rowspace.maps.saving import check_picture, save
from rowspace.selection.dimension import choose_dim


def dimension(
    corpus: CorpusName,
    *,
    max_dim: Annotated[int, typer.Option(min=1, help="The largest dim to try.")] = 300,
    pairs: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Word pairs with human scores, to be shown beside the rest."),
    ] = None,
    lowercase: Lowercase = False,
    pattern: Pattern = None,
    seed: Annotated[int, typer.Option(min=0, help="The first seed of several.")] = 1,
    threads: Threads = None,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw the curve to this picture file.")
    ] = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Measure which dimension suits a corpus: the smallest that is as good as the best."""
    if plot is not None:
        check_picture(plot)
    curve = choose_dim(
        open_corpus(corpus, lowercase=lowercase, pattern=pattern),
        max_dim=max_dim,
        pairs=pairs,
        seed=seed,
        threads=threads,
        progress=False if quiet else None,
    )
    if plot is not None:
        save(dimension_curve(curve), plot)
    if as_json:
        emit(curve.to_dict())
    else:
        say(str(curve))
