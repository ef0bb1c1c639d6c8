"""The budget: how much of it is left, and a bar that says so."""

from __future__ import annotations

import math
import sys
import time
from types import TracebackType

from tqdm import tqdm

from rowspace.training.ranges import check_real

MOST_MINUTES = 1e6
SHOW_AFTER_SECONDS = 1.0


class Clock:
    """Seconds of a budget, from now on; a context manager that closes its bar.

    >>> with Clock(10, progress=False) as clock:
    ...     590 < clock.left <= 600, clock.is_over
    (True, False)
    """

    def __init__(self, minutes: float, *, progress: bool | None) -> None:
        """Start; RecipeError unless `minutes` is above zero. None shows a bar on a terminal."""
        check_real("budget", minutes, 0, MOST_MINUTES, above_low=True)
        self.seconds = 60 * minutes
        self._started = time.monotonic()
        self._bar = tqdm(
            total=math.ceil(self.seconds),
            bar_format="{desc}: {percentage:3.0f}% |{bar}| {postfix}",
            disable=not (sys.stderr.isatty() if progress is None else progress),
            delay=SHOW_AFTER_SECONDS,
            dynamic_ncols=True,
        )

    @property
    def spent(self) -> float:
        """The seconds since the start."""
        return time.monotonic() - self._started

    @property
    def left(self) -> float:
        """The seconds that are left; negative when the budget is overdrawn."""
        return self.seconds - self.spent

    @property
    def is_over(self) -> bool:
        """Whether the budget is spent."""
        return self.left <= 0

    def show(self, doing: str) -> None:
        """Move the bar, and say what is being done."""
        self._bar.set_description(doing, refresh=False)
        self._bar.set_postfix_str(f"{max(0.0, self.left) / 60:.1f} min left", refresh=False)
        self._bar.update(min(self._bar.total, round(self.spent)) - self._bar.n)

    def __enter__(self) -> Clock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.close()
