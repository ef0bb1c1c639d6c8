"""Ablation: does a model do better with the embedding than without?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from rowspace.errors import EvaluationError, RecipeError
from rowspace.selection.ablation_report import AblationReport, summarize
from rowspace.selection.model import Make
from rowspace.selection.trial import Failure, Trial, run_trial
from rowspace.selection.variant import Variant, standard_variants
from rowspace.table import Table
from rowspace.training.ranges import check_integer

DIMS = (16, 64)
SEEDS = 6  # the fewest with which a sign-flip test over seeds can give less than .05: 2 / 2 ** 6


def ablate(
    make: Make,
    train: Any,
    test: Any,
    table: Table | None = None,
    *,
    dims: Sequence[int] | None = None,
    variants: Iterable[Variant] | None = None,
    baseline: Variant | None = None,
    seeds: int | Iterable[int] = SEEDS,
    progress: Callable[[Trial | Failure], object] | None = None,
) -> AblationReport:
    """Fit a model with each variant and seed on `train`, score it on `test`, and compare the variants.

    ``make(variant, seed)`` returns a fresh model: anything with ``fit(train)`` and ``score(data)``, where
    higher is better. What it takes its randomness from should follow from `seed` alone, for equal seeds
    are compared in pairs. If it has ``num_parameters`` they are reported, and if it has
    ``outcomes(data)``, a score an example, variants are also compared over examples.

    `test` goes to ``score`` and ``outcomes`` of fitted models and nowhere else. `variants` default to
    `standard_variants` of `table` and `dims`. The `baseline` defaults to "random trained" of the table's
    dim, or of the greatest. `progress` is called with each finished trial.

    A model that raises, or scores what is no finite number, takes its variant out: the report keeps the
    rest and names the variant, the seed and the error. Raises EvaluationError if nothing was scored at
    all, and RecipeError for arguments that contradict each other. Cost: variants x seeds fits.

    >>> class Guess:
    ...     def __init__(self, variant, seed):
    ...         self.right = 0.5 if variant.is_frozen else 0.8 + seed / 100
    ...     def fit(self, train):
    ...         pass
    ...     def score(self, data):
    ...         return self.right
    >>> report = ablate(Guess, None, None, dims=[8])
    >>> print(report.verdicts[0])
    one-hot loses 0.3250 against random trained 8 (p = 0.031 over seeds)
    """
    chosen, numbers = _chosen_variants(table, dims, variants), _seed_numbers(seeds)
    against = _chosen_baseline(chosen, baseline)
    trials: list[Trial] = []
    failures: list[Failure] = []
    for found in _run_all(make, chosen, numbers, train, test):
        if isinstance(found, Trial):
            trials.append(found)
        else:
            failures.append(found)
        if progress is not None:
            progress(found)
    if not trials:
        raise EvaluationError(f"every variant failed, first: {failures[0]}") from failures[0].error
    return summarize(trials, chosen, against, numbers, failures)


def _run_all(
    make: Make, variants: Sequence[Variant], seeds: Sequence[int], train: Any, test: Any
) -> Iterator[Trial | Failure]:
    """All trials, every variant for one seed before the next seed; none of a variant that failed."""
    failed, num_outcomes = set(), None
    for seed in seeds:
        for variant in variants:
            if variant in failed:
                continue
            found = _attempt(make, variant, seed, train, test, num_outcomes)
            if isinstance(found, Failure):
                failed.add(variant)
            elif found.outcomes is not None:
                num_outcomes = len(found.outcomes)
            yield found


def _attempt(
    make: Make, variant: Variant, seed: int, train: Any, test: Any, num_outcomes: int | None
) -> Trial | Failure:
    """One trial, or the error that it ended with."""
    try:
        trial = run_trial(make, variant, seed, train, test)
        if trial.outcomes is not None and num_outcomes not in (None, len(trial.outcomes)):
            raise EvaluationError(
                f"outcomes must be one an example, {num_outcomes} as before, but are {len(trial.outcomes)}"
            )
    except Exception as error:  # a model may raise anything
        return Failure(variant, seed, error)
    return trial


def _chosen_variants(
    table: Table | None, dims: Sequence[int] | None, variants: Iterable[Variant] | None
) -> tuple[Variant, ...]:
    if variants is None:
        return standard_variants(table, DIMS if dims is None else dims)
    if table is not None or dims is not None:
        raise RecipeError(
            "variants have their tables and dims, so table and dims mean nothing beside them; leave them "
            "out, or leave variants out"
        )
    chosen = tuple(variants)
    names = [str(variant) for variant in chosen]
    if not chosen or len(set(names)) < len(names):
        raise RecipeError(
            f"variants must be one at least, with distinct names, but are {', '.join(names) or 'none'}; "
            "Variant(..., name=) sets them apart"
        )
    return chosen


def _chosen_baseline(variants: Sequence[Variant], baseline: Variant | None) -> Variant:
    if baseline is None:
        dims = {each.dim for each in variants if each.is_pretrained}
        trained = [each for each in variants if each.kind == "random trained"]
        return max(trained, key=lambda each: (each.dim in dims, each.dim or 0), default=variants[0])
    if baseline not in variants:
        raise RecipeError(
            f"the baseline must be one of the variants, {', '.join(map(str, variants))}, but is {baseline}"
        )
    return baseline


def _seed_numbers(seeds: int | Iterable[int]) -> tuple[int, ...]:
    if isinstance(seeds, int):
        check_integer("seeds", seeds, 1)
        return tuple(range(seeds))
    numbers = tuple(seeds)
    if not numbers or len(set(numbers)) < len(numbers):
        raise RecipeError(f"seeds must be one at least and distinct, but are {numbers}; pass their number")
    return numbers
