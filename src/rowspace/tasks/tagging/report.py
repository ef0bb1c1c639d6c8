"""What a tagger scores on tagged sentences: precision, recall and F1 over spans."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rowspace.tasks.tagging.ranges import Range

Ranges = Sequence[Sequence[Range]]  # of each sentence


@dataclass(frozen=True)
class SpanScore:
    """Spans in the data, spans found, and how many of them are the same in label and both ends.

    >>> score = SpanScore(spans=4, found=2, right=1)
    >>> score.precision, score.recall, round(score.f1, 3)
    (0.5, 0.25, 0.333)
    """

    spans: int
    found: int
    right: int

    @property
    def precision(self) -> float:
        """The share of the spans found that are right; 0 where none was found."""
        return self.right / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        """The share of the data's spans that were found; 0 where there are none."""
        return self.right / self.spans if self.spans else 0.0

    @property
    def f1(self) -> float:
        """Twice the right over all spans found and in the data; 0 where there are none."""
        return 2 * self.right / max(1, self.found + self.spans)

    def to_dict(self) -> dict[str, float]:
        """Counts and shares."""
        return {**asdict(self), "precision": self.precision, "recall": self.recall, "f1": self.f1}


@dataclass(frozen=True)
class TaggingReport:
    """The score over all spans, that of each label, and the labels that training never met.

    Spans count as in conlleval, and as in seqeval's default mode: right in label and both ends, all spans
    of all labels together.
    """

    total: SpanScore
    labels: Mapping[str, SpanScore]
    unseen_labels: tuple[str, ...]  # their spans can only be missed
    sentences: int
    tokens: int

    @property
    def f1(self) -> float:
        """F1 over the spans of all labels, in [0, 1]."""
        return self.total.f1

    @property
    def precision(self) -> float:
        """The share of all spans found that are right."""
        return self.total.precision

    @property
    def recall(self) -> float:
        """The share of all spans of the data that were found."""
        return self.total.recall

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON."""
        return {
            **self.total.to_dict(),
            "labels": {label: score.to_dict() for label, score in self.labels.items()},
            "unseen_labels": list(self.unseen_labels),
            "sentences": self.sentences,
            "tokens": self.tokens,
        }

    def __str__(self) -> str:
        """A line for all spans, then one for each label."""
        rows = [("all", self.total), *self.labels.items()]
        width = max(5, *(len(label) for label, _ in rows))
        lines = [f"{'label':<{width}}  precision  recall      F1   spans"]
        lines += [
            f"{label:<{width}}  {each.precision:9.4f}  {each.recall:6.4f}  {each.f1:6.4f}  {each.spans:6,}"
            for label, each in rows
        ]
        if self.unseen_labels:
            lines.append(f"never met in training, so all missed: {', '.join(self.unseen_labels)}")
        return "\n".join(lines)


def compare(data: Ranges, found: Ranges, known: Collection[str], *, tokens: int = 0) -> TaggingReport:
    """Score the ranges found in each sentence against the data's; `known` are the labels of training.

    >>> report = compare([[("LOC", 0, 2), ("PER", 3, 4)]], [[("LOC", 0, 2), ("PER", 2, 4)]], ["LOC"])
    >>> report.f1, report.labels["PER"].recall, report.unseen_labels
    (0.5, 0.0, ('PER',))
    """
    pairs = list(zip(data, found, strict=True))
    labels = sorted({label for both in pairs for ranges in both for label, _, _ in ranges})
    return TaggingReport(
        total=_score(pairs),
        labels={label: _score((_only(a, label), _only(b, label)) for a, b in pairs) for label in labels},
        unseen_labels=tuple(label for label in labels if label not in known),
        sentences=len(pairs),
        tokens=tokens,
    )


def _only(ranges: Sequence[Range], label: str) -> list[Range]:
    return [each for each in ranges if each[0] == label]


def _score(pairs: Iterable[tuple[Sequence[Range], Sequence[Range]]]) -> SpanScore:
    spans = found = right = 0
    for data, seen in pairs:
        spans, found = spans + len(data), found + len(seen)
        right += len(set(data) & set(seen))
    return SpanScore(spans, found, right)
