"""From tags to labelled ranges of tokens, as conlleval reads them, and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rowspace.errors import CorpusError

Range = tuple[str, int, int]  # label, first token, one past the last

OUTSIDE = "O"
PREFIXES = {"B": "B", "I": "I", "E": "E", "S": "S", "L": "E", "U": "S"}  # L and U are BILOU's names


def split_tag(tag: str) -> tuple[str, str]:
    """The prefix, one of O, B, I, E and S, and the label of a tag; the label of O is empty.

    Raises CorpusError for anything else.

    >>> split_tag("B-person"), split_tag("O"), split_tag("U-LOC")
    (('B', 'person'), ('O', ''), ('S', 'LOC'))
    """
    if tag == OUTSIDE:
        return OUTSIDE, ""
    prefix, _, label = tag.partition("-")
    if prefix not in PREFIXES or not label:
        raise CorpusError(
            f"a tag must be O, or one of B-, I-, E- and S- with a label behind it, but is {tag!r}; look "
            "whether the tag is the last column"
        )
    return PREFIXES[prefix], label


def ranges_of(tags: Iterable[str]) -> list[Range]:
    """The labelled ranges of one sentence; takes BIO, BIOES and BILOU, and tags that break their rules.

    As in conlleval, a range begins at B or S, behind O, E or S, and wherever the label changes; any other
    tag goes on with the range before it. (Tjong Kim Sang & Buchholz, CoNLL 2000.)

    >>> ranges_of(["B-PER", "I-PER", "O", "I-LOC", "I-PER"])
    [('PER', 0, 2), ('LOC', 3, 4), ('PER', 4, 5)]
    """
    found: list[Range] = []
    before, label_before = OUTSIDE, ""
    for place, (prefix, label) in enumerate(map(split_tag, tags)):
        if prefix != OUTSIDE:
            if prefix in "BS" or before in "OES" or label != label_before:
                found.append((label, place, place + 1))
            else:
                found[-1] = (label, found[-1][1], place + 1)
        before, label_before = prefix, label
    return found


def bioes_of(ranges: Sequence[Range], length: int) -> list[str]:
    """The BIOES tags of a sentence of `length` tokens with these ranges, none of which overlap.

    >>> bioes_of([("PER", 0, 2), ("LOC", 3, 4)], 5)
    ['B-PER', 'E-PER', 'O', 'S-LOC', 'O']
    """
    tags = [OUTSIDE] * length
    for label, first, stop in ranges:
        inner = ["I"] * (stop - first - 2)
        prefixes = ["S"] if stop - first == 1 else ["B", *inner, "E"]
        tags[first:stop] = [f"{prefix}-{label}" for prefix in prefixes]
    return tags


def bio_of(ranges: Sequence[Range], length: int) -> list[str]:
    """The BIO tags of the same.

    >>> bio_of([("PER", 0, 2), ("LOC", 3, 4)], 5)
    ['B-PER', 'I-PER', 'O', 'B-LOC', 'O']
    """
    tags = [OUTSIDE] * length
    for label, first, stop in ranges:
        tags[first:stop] = [f"B-{label}", *[f"I-{label}"] * (stop - first - 1)]
    return tags
