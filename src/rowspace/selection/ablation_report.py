"""What an ablation found: a line a variant, its difference to the baseline, and a verdict in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from rowspace.selection.paired import bootstrap_interval, mean_interval, sign_flip
from rowspace.selection.trial import Failure, Trial
from rowspace.selection.variant import Variant

CLEAR = 0.05  # a difference is called clear where each p value that says anything is below this
Interval = tuple[float, float]


@dataclass(frozen=True)
class Difference:
    """By how much a variant scores above the baseline, over the seeds that both have.

    Two questions, a sign-flip test for each: would it hold for other seeds, and for other test examples (of
    their outcomes, averaged over seeds)? No p value is corrected for the number of variants.
    """

    num_seeds: int
    mean: float
    interval: Interval | None  # 95 % over seeds, after Student; None for one seed
    p_seeds: float  # n seeds cannot give less than 2 / 2 ** n
    interval_examples: Interval | None = None  # 95 % bootstrap; None where the model tells no outcomes
    p_examples: float | None = None  # likewise

    @property
    def tests(self) -> dict[str, float]:
        """The p values of the tests that can show a difference at all: over seeds there must be six."""
        over_seeds = {"over seeds": self.p_seeds} if 2 / 2**self.num_seeds < CLEAR else {}
        return over_seeds | ({} if self.p_examples is None else {"over examples": self.p_examples})

    @property
    def is_clear(self) -> bool:
        """Whether there is a test, and every one gives less than CLEAR."""
        return max(self.tests.values(), default=1.0) < CLEAR


@dataclass(frozen=True)
class VariantResult:
    """The scores of one variant; seconds and parameters are means over its models."""

    variant: Variant
    seeds: tuple[int, ...]
    scores: tuple[float, ...]
    mean: float
    spread: float | None  # standard deviation over seeds; None for one
    interval: Interval | None  # 95 % of the mean over seeds, after Student; None for one
    num_parameters: float | None  # None where the model does not tell
    fit_seconds: float
    score_seconds: float
    difference: Difference | None  # None for the baseline, and where no seed is common

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON values, the variant as its name, kind and dim."""
        own = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "variant"}
        own["difference"] = None if self.difference is None else asdict(self.difference)
        return {"variant": str(self.variant), "kind": self.variant.kind, "dim": self.variant.dim, **own}


@dataclass(frozen=True)
class AblationReport:
    """Results by the name of the variant, in the order of the variants; printing it shows a table.

    `failures` names the variants whose model raised; what they had finished before is among the results.
    """

    results: Mapping[str, VariantResult]
    baseline: str
    seeds: tuple[int, ...]
    failures: tuple[Failure, ...] = ()

    @property
    def verdicts(self) -> tuple[str, ...]:
        """A sentence for each variant but the baseline."""
        return tuple(
            _verdict(name, result.difference, self.baseline)
            for name, result in self.results.items()
            if result.difference is not None
        )

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON values; errors as text."""
        return {
            "baseline": self.baseline,
            "seeds": list(self.seeds),
            "variants": [result.to_dict() for result in self.results.values()],
            "verdicts": list(self.verdicts),
            "failures": [str(failure) for failure in self.failures],
        }

    def __str__(self) -> str:
        return "\n".join([_table(self.results.values()), *self.verdicts, *self._remarks()])

    def _remarks(self) -> list[str]:
        """What a reader must know beside the figures."""
        remarks = [str(failure) for failure in self.failures]
        if self.baseline not in self.results:
            remarks.append(f"no differences: {self.baseline}, which is the baseline, has no score")
        if 2 / 2 ** len(self.seeds) >= CLEAR:
            remarks.append(
                f"of {len(self.seeds)} seeds no test can tell whether other seeds would agree; take 6"
            )
        return remarks


def summarize(
    trials: Sequence[Trial],
    variants: Iterable[Variant],
    baseline: Variant,
    seeds: Sequence[int],
    failures: Sequence[Failure] = (),
) -> AblationReport:
    """The report of all trials, which may come in any order."""
    by_variant = {str(variant): [each for each in trials if each.variant == variant] for variant in variants}
    against = by_variant[str(baseline)]
    results = {
        name: _result(own, None if name == str(baseline) else _difference(own, against))
        for name, own in by_variant.items()
        if own
    }
    return AblationReport(results, str(baseline), tuple(seeds), tuple(failures))


def _result(trials: Sequence[Trial], difference: Difference | None) -> VariantResult:
    scores = np.array([trial.score for trial in trials])
    parameters = [trial.num_parameters for trial in trials if trial.num_parameters is not None]
    return VariantResult(
        variant=trials[0].variant,
        seeds=tuple(trial.seed for trial in trials),
        scores=tuple(scores.tolist()),
        mean=float(scores.mean()),
        spread=float(scores.std(ddof=1)) if len(scores) > 1 else None,
        interval=mean_interval(scores),
        num_parameters=float(np.mean(parameters)) if parameters else None,
        fit_seconds=float(np.mean([trial.fit_seconds for trial in trials])),
        score_seconds=float(np.mean([trial.score_seconds for trial in trials])),
        difference=difference,
    )


def _difference(own: Sequence[Trial], against: Sequence[Trial]) -> Difference | None:
    """Compare the trials of equal seeds; None without any."""
    others = {trial.seed: trial for trial in against}
    pairs = [(trial, others[trial.seed]) for trial in own if trial.seed in others]
    if not pairs:
        return None
    by_seed = np.array([trial.score - other.score for trial, other in pairs])
    told = [
        trial.outcomes - other.outcomes
        for trial, other in pairs
        if trial.outcomes is not None and other.outcomes is not None
    ]
    by_example = np.mean(told, axis=0) if told else None
    return Difference(
        num_seeds=len(pairs),
        mean=float(by_seed.mean()),
        interval=mean_interval(by_seed),
        p_seeds=sign_flip(by_seed),
        interval_examples=None if by_example is None else bootstrap_interval(by_example),
        p_examples=None if by_example is None else sign_flip(by_example),
    )


def _verdict(name: str, difference: Difference, baseline: str) -> str:
    tests = ", ".join(f"p {_p(p)} {what}" for what, p in difference.tests.items()) or "untested"
    if not difference.is_clear:
        return f"{name} does not differ clearly from {baseline}: {difference.mean:+.4f} ({tests})"
    gain = (
        f"gains {difference.mean:.4f} over"
        if difference.mean > 0
        else f"loses {-difference.mean:.4f} against"
    )
    return f"{name} {gain} {baseline} ({tests})"


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"= {value:.3f}"


def _table(results: Iterable[VariantResult]) -> str:
    """A line a variant in columns."""
    lines = [
        ["variant", "score", "spread", "95 % interval", "difference", "parameters", "fit, s", "score, s"],
        *map(_cells, results),
    ]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join([first.ljust(widths[0]), *map(str.rjust, rest, widths[1:])]) for first, *rest in lines
    )


def _cells(result: VariantResult) -> list[str]:
    interval = result.interval
    return [
        str(result.variant),
        f"{result.mean:.4f}",
        "-" if result.spread is None else f"{result.spread:.4f}",
        "-" if interval is None else f"[{interval[0]:.4f}, {interval[1]:.4f}]",
        "-" if result.difference is None else f"{result.difference.mean:+.4f}",
        "-" if result.num_parameters is None else f"{result.num_parameters:,.0f}",
        f"{result.fit_seconds:.3g}",
        f"{result.score_seconds:.3g}",
    ]
