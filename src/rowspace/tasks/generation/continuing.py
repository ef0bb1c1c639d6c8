"""Going on with texts, word by word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float64

from rowspace.tasks.generation.cursor import Texts
from rowspace.tasks.generation.sampling import Sampling

NOTHING = np.empty(0, np.int64)


@runtime_checkable
class Reader(Protocol):
    """What stands in several texts, and knows what to expect next: a Cursor."""

    def log_chances(self) -> Float64[np.ndarray, "texts keys"]:
        """The log-chance of each key to come next in each text."""
        ...

    def read(self, texts: Texts) -> None:
        """Go on by some ids in each text, which may be none."""
        ...


def go_on(
    cursor: Reader,
    texts: Texts,
    sampling: Sampling,
    *,
    length: int,
    end: int,
    never: Sequence[int],
    rngs: Sequence[np.random.Generator],
) -> list[list[int]]:
    """At most `length` ids that follow each text, up to the end of its sentence, which is not among them.

    The cursor stands behind `texts`, and is left behind what was drawn. Each text has a generator of its
    own, so that what follows it does not depend on the others.
    """
    found: list[list[int]] = [[] for _ in texts]
    present = [set(text.tolist()) - {end} for text in texts]
    open_texts = list(range(len(texts)))
    for _ in range(length):
        log_chances = cursor.log_chances()
        drawn = [NOTHING] * len(texts)
        for place in open_texts.copy():
            each = sampling.draw(log_chances[place], rngs[place], never=never, present=sorted(present[place]))
            if each == end:
                open_texts.remove(place)
                continue
            found[place].append(each)
            present[place].add(each)
            drawn[place] = np.array([each])
        if not open_texts:
            break
        cursor.read(drawn)
    return found
