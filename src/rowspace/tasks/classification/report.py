"""What a text classifier scores on labelled texts."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool

from rowspace.tasks.classification.outputs import Chances

Marks = Bool[np.ndarray, "texts labels"]


@dataclass(frozen=True)
class LabelScore:
    """How well one label is found; a share of nothing is 0."""

    texts: int  # that have it
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class ClassificationReport:
    """Scores on labelled texts. Precision, recall and F1 are of the labels predicted for each text."""

    texts: int
    accuracy: float  # the share of texts whose most likely label is one of theirs
    precision: float  # over all labels together
    recall: float
    f1: float
    macro_f1: float  # the mean over the labels of the model that some text has
    log_loss: float | None  # of texts with one label; None with one-vs-all
    labels: dict[str, LabelScore]
    unseen_texts: int  # whose labels were all unseen in training: they count as wrong
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON values."""
        return asdict(self)

    def __str__(self) -> str:
        loss = "" if self.log_loss is None else f", log loss {self.log_loss:.4f}"
        width = max([5, *(len(name) for name in self.labels)])
        lines = [
            f"{self.texts:,} texts: accuracy {self.accuracy:.4f}, F1 {self.f1:.4f}, macro F1 "
            f"{self.macro_f1:.4f}{loss}",
            f"{'label':{width}}  texts  precision  recall      F1",
        ]
        for name, score in self.labels.items():
            lines.append(
                f"{name:{width}} {score.texts:6,} {score.precision:10.4f} {score.recall:7.4f} {score.f1:7.4f}"
            )
        return "\n".join(lines + ([self.note] if self.note else []))


def report(
    chances: Chances, names: tuple[str, ...], truth: list[tuple[str, ...]], *, threshold: float | None
) -> ClassificationReport:
    """Compare chances with the labels that texts have.

    Each text is given its most likely label, or, with a `threshold`, all labels of at least that chance.
    """
    place_of = {name: place for place, name in enumerate(names)}
    has = np.zeros(chances.shape, np.bool_)
    unseen: dict[str, int] = {}
    for text, own in enumerate(truth):
        for label in own:
            if label in place_of:
                has[text, place_of[label]] = True
            else:
                unseen[label] = unseen.get(label, 0) + 1
    texts = np.arange(len(truth))
    best = chances.argmax(axis=1)
    given = np.zeros(chances.shape, np.bool_)
    if threshold is None:
        given[texts, best] = True
    else:
        given = chances >= threshold
    hits, given_counts, counts = (marks.sum(axis=0) for marks in (has & given, given, has))
    labels = {
        name: _score(*figures) for name, *figures in zip(names, hits, given_counts, counts, strict=True)
    }
    missed = sum(unseen.values())
    whole = _score(hits.sum(), given_counts.sum(), counts.sum() + missed)
    met = [score.f1 for score in labels.values() if score.texts]
    lost = [bool(own) and not any(label in place_of for label in own) for own in truth]
    return ClassificationReport(
        texts=len(truth),
        accuracy=float(has[texts, best].mean()) if truth else 0.0,
        precision=whole.precision,
        recall=whole.recall,
        f1=whole.f1,
        macro_f1=float(np.mean(met)) if met else 0.0,
        log_loss=_log_loss(chances, has) if threshold is None else None,
        labels=labels,
        unseen_texts=sum(lost),
        note=_note(unseen),
    )


def _score(hits: Any, given: Any, texts: Any) -> LabelScore:
    precision, recall = (float(hits / of) if of else 0.0 for of in (given, texts))
    f1 = 2 * precision * recall / (precision + recall) if hits else 0.0
    return LabelScore(int(texts), precision, recall, f1)


def _log_loss(chances: Chances, has: Marks) -> float | None:
    """The mean of -log of the chance of the label, over texts with one."""
    one = has.sum(axis=1) == 1
    if not one.any():
        return None
    return float(-np.log(np.maximum(chances[one][has[one]].astype(np.float64), 1e-15)).mean())


def _note(unseen: dict[str, int]) -> str:
    if not unseen:
        return ""
    names = ", ".join(f"{name} ({count:,})" for name, count in list(unseen.items())[:5])
    more = f" and {len(unseen) - 5} more" if len(unseen) > 5 else ""
    return f"labels never seen in training, which count as wrong: {names}{more}"
