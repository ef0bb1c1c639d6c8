"""What both recipes ask of the texts that they learn from."""

from __future__ import annotations

import numpy as np

from rowspace.corpus.labelled import LabelledTexts
from rowspace.errors import CorpusError

HELD_OUT = 10  # one training text in so many, where patience has no validation data


def hold_out(data: LabelledTexts, seed: int) -> tuple[LabelledTexts, LabelledTexts]:
    """Most texts, and a tenth drawn by lot. Raises CorpusError for a single text.

    >>> rest, tenth = hold_out(LabelledTexts.from_pairs([("a", "text")] * 25), seed=1)
    >>> len(rest), len(tenth)
    (22, 3)
    """
    order = np.random.default_rng([seed, 1]).permutation(len(data))
    share = -(-len(data) // HELD_OUT)
    if share == len(data):
        raise CorpusError("to hold texts out for patience there must be two, but there is one; add some")
    return data.take(np.sort(order[share:])), data.take(order[:share])


def check_labels(data: LabelledTexts, *, several: bool) -> None:
    """Raise CorpusError where there is nothing to choose from; `several`: a text may have any number."""
    if several:
        if not data.names:
            raise CorpusError("a label is needed to learn one, but no text has any")
        return
    bare = np.flatnonzero(np.diff(data.label_offsets) == 0)
    if len(bare):
        raise CorpusError(
            f"a text needs a label, but example {bare[0] + 1} has none; leave such texts out, or learn "
            'from them with loss="one-vs-all"'
        )
    if len(data.names) < 2:
        raise CorpusError(
            f"two labels are needed to tell texts apart, but all have the label {data.names[0]!r}; "
            "add texts with another one"
        )
