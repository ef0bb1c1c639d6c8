"""The dimension of word vectors for a corpus, by what they tell of text that they were not trained on."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rowspace.evaluation.similarity import PairSource
from rowspace.selection.dimension.counted import keys_of
from rowspace.selection.dimension.curve import DimensionCurve, Values
from rowspace.selection.dimension.fits import Fits
from rowspace.selection.dimension.halves import Signal, measure_signal
from rowspace.selection.dimension.pip_loss import pip_loss
from rowspace.selection.dimension.recommending import ONE_FIT, over_fitting, recommend
from rowspace.selection.dimension.rules import usual_rules
from rowspace.selection.dimension.sweep import Sweep, checked_dims, sweep
from rowspace.selection.dimension.text_split import split
from rowspace.training import Word2Vec
from rowspace.training.ranges import check_integer
from rowspace.training.settings import usable_cores

GRID = (8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024)
DECIDING = "agreement"


def choose_dim(
    corpus: Any,
    *,
    max_dim: int = 300,
    dims: Sequence[int] | None = None,
    pairs: PairSource | None = None,
    recipe: Any = None,
    patience: int = 2,
    seeds: int = 2,
    most_seeds: int = 3,
    threads: int | None = None,
    seed: int = 1,
    progress: bool | None = None,
) -> DimensionCurve:
    """Measure which dimension suits a corpus: the smallest within one standard error of the best.

    A tenth of the corpus is held out. The recipe is trained on the rest at one dim after another, upwards,
    until it no longer helps. What decides is the *agreement*: the rank correlation of the cosines of pairs of
    keys with their pointwise mutual information in the held-out tenth. Beside it stand:

    - held-out loss, training loss: the recipe's own, where it has one (Word2Vec, FastText).
    - first columns, principal columns: the agreement of the narrower tables within the widest table trained,
      as they are and turned by PCA.
    - PIP loss, signal: the estimate of Yin & Shen (2018), least at the best dim for a PPMI factorisation, and
      the singular values above the noise that it rests on. No training is asked.
    - pairs: the rank correlation with people's scores, if `pairs` are given. It never decides.

    Cost: a training for each dim and seed; one or two minutes for a million tokens on two cores.

    Args:
        corpus: Anything open_corpus takes; it is read once.
        max_dim: The largest dim to try.
        dims: The dims to try instead of 8, 16, 24, 32, 48, 64, 96 and so on up to max_dim.
        pairs: Word pairs with human scores: a file, or triples; see `evaluation.similarity`.
        recipe: What to train, its own dim and seed aside. Default: Word2Vec().
        patience: Dims in a row without improvement, the last twice the best, that end the sweep.
        seeds: Trainings at each dim.
        most_seeds: Trainings at dims that are nearly the best.
        threads: Workers; by default every core.
        seed: The first seed; the others follow it.
        progress: Show a bar; by default where standard error is a terminal.

    Raises RecipeError for a value out of range, CorpusError where too little text is left to hold out, and
    what reading and training raise. Ctrl-C raises KeyboardInterrupt.

    >>> texts = [f"{a} {b} {a} {b}" for a, b in ["ab", "cd", "ef"] for _ in range(3)] * 30
    >>> curve = choose_dim(texts, dims=[2, 4], recipe=Word2Vec(epochs=2), seeds=1, threads=1)
    >>> curve.dims, curve.deciding, curve.recommended in curve.dims
    ([2, 4], 'agreement', True)
    """
    started = time.monotonic()
    check_integer("max_dim", max_dim, 1, 65_536)
    wanted = checked_dims([dim for dim in GRID if dim < max_dim] + [max_dim] if dims is None else dims)
    recipe, threads = recipe or Word2Vec(), threads or usable_cores()
    with tempfile.TemporaryDirectory(prefix="rowspace-dimension-") as folder:
        text = split(corpus, Path(folder), threads=threads)
        keys = keys_of(text.train, recipe, threads=threads)
        signal = measure_signal(
            text.halves, keys, rank=wanted[-1], window=recipe.window, threads=threads, seed=seed
        )
        with Fits(text, keys, recipe, pairs, threads=threads, progress=progress) as fits:
            found = sweep(fits, wanted, patience=patience, seeds=seeds, most_seeds=most_seeds, seed=seed)
    measures = _measures(fits, found, wanted) | _estimates(signal, wanted)
    chosen = recommend(found, lambda cost: f"an agreement of {-cost:.3f}")
    return DimensionCurve(
        dims=wanted,
        measures={
            name: values for name, values in measures.items() if any(each is not None for each in values)
        },
        deciding=DECIDING,
        recommended=chosen.dim,
        flat=chosen.flat,
        reason=chosen.reason,
        rules=usual_rules(len(keys)),
        warnings=[*chosen.warnings, *_loss_remarks(fits, found), *fits.remarks_on_epochs(chosen.dim)],
        seconds=time.monotonic() - started,
    )


def _measures(fits: Fits, found: Sweep, dims: list[int]) -> dict[str, Values]:
    """Every measure at every dim, None where there is none."""
    agreement = [-found.mean(dim) if dim in found.validation else None for dim in dims]
    return {
        DECIDING: agreement,
        **{name: [fits.mean(name, dim) for dim in dims] for name in fits.names},
        **fits.prefix_measures(dims),
    }


def _estimates(signal: Signal, dims: list[int]) -> dict[str, Values]:
    """What counting alone tells: PIP loss and signal, up to as many dims as there are keys."""
    losses = pip_loss(signal.values, signal.noise, signal.energy)
    return {
        name: [float(values[dim - 1]) if dim <= len(values) else None for dim in dims]
        for name, values in (("PIP loss", losses), ("signal", signal.values))
    }


def _loss_remarks(fits: Fits, found: Sweep) -> list[str]:
    """What the recipe's own losses tell, where it has any."""
    known = [dim for dim in found.dims if fits.mean("held-out loss", dim) is not None]
    train = [fits.mean("training loss", dim) or 0.0 for dim in known]
    validation = [fits.mean("held-out loss", dim) or 0.0 for dim in known]
    return over_fitting(known, train, validation, ONE_FIT * min(validation)) if known else []
