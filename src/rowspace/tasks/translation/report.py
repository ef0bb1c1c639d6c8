"""What a translator scores on pairs: BLEU and chrF by sacreBLEU, and the loss."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rowspace.errors import MissingExtraError
from rowspace.tasks.translation.parallel_text import Pair


@dataclass(frozen=True)
class TranslationReport:
    """Scores over all pairs together, higher is better but for the loss.

    `bleu` and `chrf` compare each pair's translation with that pair's target alone. Where a source comes in
    several pairs, `bleu_of_all` and `chrf_of_all` take it once and all its targets for right; else they are
    the same.
    """

    bleu: float  # 0 to 100, with sacreBLEU's own tokenizer
    chrf: float  # 0 to 100
    bleu_of_all: float
    chrf_of_all: float
    loss: float  # the mean negative log-probability of a piece of the targets, in nats
    pairs: int
    sources: int  # different ones
    signature: str  # of bleu, as sacreBLEU writes it

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON."""
        return asdict(self)

    def __str__(self) -> str:
        """Three lines."""
        return (
            f"BLEU {self.bleu:.2f}  chrF {self.chrf:.2f}  ({self.pairs:,} pairs, one target each)\n"
            f"BLEU {self.bleu_of_all:.2f}  chrF {self.chrf_of_all:.2f}  ({self.sources:,} sources, all "
            f"targets)\nloss {self.loss:.4f} a piece  {self.signature}"
        )


def score(pairs: Sequence[Pair], translation_of: dict[str, str], loss: float) -> TranslationReport:
    """Score the translation of each source. Raises MissingExtraError without sacreBLEU.

    >>> report = score([("a", "the cat sat down"), ("a", "the cat lay down")], {"a": "the cat lay down"}, 0.0)
    >>> report.bleu < report.bleu_of_all, round(report.bleu_of_all), report.pairs, report.sources
    (True, 100, 2, 1)
    """
    metrics = load_metrics()
    targets = targets_of(pairs)
    alone = [translation_of[source] for source, _ in pairs], [[target for _, target in pairs]]
    together = [translation_of[source] for source in targets], _columns(targets.values())
    single = metrics.BLEU()
    return TranslationReport(
        bleu=single.corpus_score(*alone).score,
        chrf=metrics.CHRF().corpus_score(*alone).score,
        bleu_of_all=metrics.BLEU().corpus_score(*together).score,
        chrf_of_all=metrics.CHRF().corpus_score(*together).score,
        loss=loss,
        pairs=len(pairs),
        sources=len(targets),
        signature=str(single.get_signature()),
    )


def targets_of(pairs: Iterable[Pair]) -> dict[str, list[str]]:
    """All targets of each source, in the order of the pairs."""
    targets: dict[str, list[str]] = {}
    for source, target in pairs:
        targets.setdefault(source, []).append(target)
    return targets


def load_metrics() -> Any:
    """The metrics of sacreBLEU; MissingExtraError where it is not installed."""
    try:
        from sacrebleu import metrics  # noqa: PLC0415 - an optional extra
    except ImportError:
        raise MissingExtraError(
            "BLEU needs the sacrebleu library: pip install 'rowspace[translate]'"
        ) from None
    return metrics


def _columns(targets: Iterable[list[str]]) -> list[list[str | None]]:
    """The first target of each source, the second, and so on, None where there is none."""
    listed = list(targets)
    most = max(map(len, listed))
    return [[each[rank] if rank < len(each) else None for each in listed] for rank in range(most)]
