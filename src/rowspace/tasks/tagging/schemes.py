"""Schemes: which tags there are for a set of labels, and which may follow which."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool

from rowspace.tasks.tagging.ranges import OUTSIDE, Range, bio_of, bioes_of, split_tag

Scheme = Literal["BIO", "BIOES"]
WRITERS: dict[Scheme, Callable[[Sequence[Range], int], list[str]]] = {"BIO": bio_of, "BIOES": bioes_of}


@dataclass(frozen=True, eq=False)
class Legal:
    """What a scheme allows: `follows[a, b]`, tag b behind tag a; `starts` and `ends` of a sentence."""

    follows: Bool[np.ndarray, "tags tags"]
    starts: Bool[np.ndarray, "tags"]
    ends: Bool[np.ndarray, "tags"]


def scheme_of(tags: Iterable[str]) -> Scheme:
    """BIOES if any tag is of E, S, or BILOU's L and U, else BIO.

    >>> scheme_of(["O", "B-PER", "I-PER"]), scheme_of(["S-LOC"])
    ('BIO', 'BIOES')
    """
    return "BIOES" if any(split_tag(tag)[0] in "ES" for tag in tags) else "BIO"


def tags_of(labels: Sequence[str], scheme: Scheme = "BIOES") -> list[str]:
    """Every tag of a scheme, O first, then those of each label.

    >>> tags_of(["PER"])
    ['O', 'B-PER', 'I-PER', 'E-PER', 'S-PER']
    """
    return [OUTSIDE, *(f"{prefix}-{label}" for label in labels for prefix in scheme if prefix != OUTSIDE)]


def legal_transitions(tags: Sequence[str], scheme: Scheme = "BIOES") -> Legal:
    """Which of `tags` may follow which.

    In BIO, I follows B and I of its own label. In BIOES, I and E follow B and I of their own label, and
    nothing else may; a sentence ends outside, or with E or S.

    >>> legal = legal_transitions(["O", "B-x", "I-x"], "BIO")
    >>> legal.follows.astype(int).tolist(), legal.starts.tolist()
    ([[1, 1, 0], [1, 1, 1], [1, 1, 1]], [True, True, False])
    """
    split = [split_tag(tag) for tag in tags]
    goes_on = np.array([prefix in "IE" for prefix, _ in split])
    is_open = np.array([prefix in "BI" for prefix, _ in split])  # and, in BIOES, must go on
    same = np.array([[first == second for _, second in split] for _, first in split])
    continued = is_open[:, None] & goes_on[None, :] & same
    fresh = np.broadcast_to(~goes_on, continued.shape)
    if scheme == "BIO":
        return Legal(continued | fresh, ~goes_on, np.ones(len(tags), np.bool_))
    return Legal(np.where(is_open[:, None], continued, fresh), ~goes_on, ~is_open)
