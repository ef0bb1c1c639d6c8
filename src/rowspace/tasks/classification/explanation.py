"""Why a text got a label: what each of its words adds to the label's logit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Explanation:
    """The words of a text in order, and what each adds to the logit.

    Of a linear model the end of the text comes last; an n-gram's part is divided evenly among its words, so
    that the parts add up to the logit, and a word that training has not met adds nothing but by its
    character n-grams. Of a network a part is how far the logit falls where the word is left out.
    """

    label: str
    chance: float
    logit: float
    parts: tuple[tuple[str, float], ...]

    def strongest(self, count: int = 5) -> list[tuple[str, float]]:
        """The parts furthest from zero."""
        return sorted(self.parts, key=lambda part: -abs(part[1]))[:count]

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON values."""
        return {
            "label": self.label,
            "chance": self.chance,
            "logit": self.logit,
            "parts": [list(part) for part in self.parts],
        }

    def __str__(self) -> str:
        lines = [f"{self.label}: chance {self.chance:.4f}, logit {self.logit:+.3f}"]
        return "\n".join(lines + [f"{part:+8.3f}  {word}" for word, part in self.parts])
