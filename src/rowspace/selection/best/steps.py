"""The record of what each step did to the score, and on what evidence."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from rowspace.arrays import Vectors
from rowspace.selection.best.clock import Clock
from rowspace.selection.best.evidence import Evidence


@dataclass(eq=False)
class Steps:
    """What was done, in order. A gain is against the best score that any step before it reached."""

    evidence: Evidence
    clock: Clock
    record: list[dict[str, Any]] = field(default_factory=list)
    best_score: float | None = None

    def add(self, name: str, choice: str, units: Vectors) -> None:
        """Measure the rows that a step ended with, and say what it gained."""
        score = self.evidence.score(units)
        before = self.best_score
        self.record.append(
            {
                "step": name,
                "choice": choice,
                "score": round(score, 4),
                "gain": None if before is None else round(score - before, 4),
                "evidence": self.evidence.report(units),
                "seconds": round(self.clock.spent, 1),
            }
        )
        self.best_score = score if before is None else max(before, score)
