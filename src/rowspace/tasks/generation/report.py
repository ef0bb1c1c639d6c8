"""What a language model scores on a text."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class LanguageReport:
    """How well each word of a text was expected, given all before it.

    >>> report = LanguageReport(loss=math.log(8), tokens=20, sentences=4, unknown=2)
    >>> round(report.perplexity, 6), report.unknown_share
    (8.0, 0.125)
    """

    loss: float  # the mean negative logarithm of a token's chance
    tokens: int  # words, and an end for each sentence
    sentences: int
    unknown: int  # words without a row of their own: each counts as the unknown word

    @property
    def perplexity(self) -> float:
        """The number of equally likely words that would be as hard to guess; infinite past 1e308."""
        return math.exp(self.loss) if self.loss < 709 else math.inf

    @property
    def unknown_share(self) -> float:
        """The share of the words that have no row of their own."""
        return self.unknown / max(1, self.tokens - self.sentences)

    def to_dict(self) -> dict[str, float]:
        """The report as JSON."""
        return {**asdict(self), "perplexity": self.perplexity, "unknown_share": self.unknown_share}

    def __str__(self) -> str:
        """One line."""
        return (
            f"perplexity {self.perplexity:.2f} over {self.tokens:,} tokens of {self.sentences:,} sentences; "
            f"{100 * self.unknown_share:.1f} % of the words are unknown"
        )
