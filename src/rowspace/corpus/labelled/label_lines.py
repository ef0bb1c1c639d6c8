"""Lines that hold labels and a text: ``label<TAB>text``, and fastText's ``__label__a __label__b text``.

The labels are overwritten by spaces where they stand, so that the texts need not be moved.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from jaxtyping import Int64

from rowspace.arrays import Bytes
from rowspace.corpus.block import WHITE_SPACE
from rowspace.corpus.labelled.labelled_texts import LabelledTexts
from rowspace.corpus.tokenizer import Tokenizer
from rowspace.errors import CorpusError

LABEL_PREFIX = b"__label__"
_LABEL = re.compile(LABEL_PREFIX + rb"(\S+)")
_NEWLINE, _TAB, _SPACE, _RETURN = b"\n\t \r"

Places = Int64[np.ndarray, "places"]


def read_tabbed(data: bytes, name: str, *, lowercase: bool = False) -> LabelledTexts:
    """Read lines of a label, a tab and a text, which `lowercase` lowers; blank lines are passed over.

    Raises CorpusError naming the line that has no tab or no label.
    """
    text, begins, ends = _lines(data)
    tabs = np.flatnonzero(text == _TAB)
    nearest = np.append(tabs, len(text))[np.searchsorted(tabs, begins)]
    used = _used(text, begins, ends)
    wrong = used & ((nearest >= ends) | (nearest == begins))
    if wrong.any():
        number = int(np.argmax(wrong))
        line = data[begins[number] : ends[number]].decode("utf-8", "replace")
        raise CorpusError(
            f"{name}: line {number + 1} must be a label, a tab and a text, but is {line[:60]!r}; "
            "CSV and JSON lines need the columns label and text, or the names given for them"
        )
    _blank_(text, begins[~used], ends[~used] + 1)
    begins, nearest = begins[used], nearest[used]
    labels = [
        (data[begin:tab].decode("utf-8", "surrogateescape"),)
        for begin, tab in zip(begins.tolist(), nearest.tolist(), strict=True)
    ]
    _blank_(text, begins, nearest + 1)
    return _joined(labels, text, nearest + 1, name=name, lowercase=lowercase)


def read_prefixed(data: bytes, name: str, *, lowercase: bool = False) -> LabelledTexts:
    """Read lines in which every word that begins with ``__label__`` is a label; `lowercase` lowers the rest.

    Raises CorpusError naming the line without one.
    """
    text, begins, ends = _lines(data)
    used = _used(text, begins, ends)
    labels: list[list[str]] = [[] for _ in range(len(begins))]
    # The prefix inside a word is no label. Asked here: a pattern that looks behind is ten times slower.
    found = [
        match for match in _LABEL.finditer(data) if data[match.start() - 1 : match.start()] in WHITE_SPACE
    ]
    firsts = np.array([match.start() for match in found], np.int64)
    lasts = np.array([match.end() for match in found], np.int64)
    for match, line in zip(found, np.searchsorted(ends, firsts).tolist(), strict=True):
        labels[line].append(match[1].decode("utf-8", "surrogateescape"))
    for number in np.flatnonzero(used).tolist():
        if not labels[number]:
            line = data[begins[number] : ends[number]].decode("utf-8", "replace")
            raise CorpusError(
                f"{name}: line {number + 1} must have a word that begins with __label__, but is {line[:60]!r}"
            )
    _blank_(text, begins[~used], ends[~used] + 1)
    _blank_(text, firsts, lasts)
    own: Sequence[Sequence[str]] = [labels[number] for number in np.flatnonzero(used).tolist()]
    starts = _after_space(text, begins[used], ends[used])
    return _joined(own, text, starts, name=name, lowercase=lowercase)


def _joined(
    labels: Sequence[Sequence[str]], text: Bytes, starts: Places, *, name: str, lowercase: bool
) -> LabelledTexts:
    found = LabelledTexts.from_lines(labels, text, name=name, starts=starts)
    if not lowercase:
        return found
    pairs = zip(found.labels, found.texts, strict=True)
    return LabelledTexts.from_pairs(pairs, tokenizer=Tokenizer(True, errors="surrogateescape"), name=name)


def _lines(data: bytes) -> tuple[Bytes, Places, Places]:
    """A copy of the data that may be written to, and where its lines begin and end."""
    closed = data if data.endswith(b"\n") or not data else data + b"\n"
    text = np.frombuffer(closed, np.uint8).copy()
    ends = np.flatnonzero(text == _NEWLINE)
    begins = np.zeros(len(ends), np.int64)
    begins[1:] = ends[:-1] + 1
    return text, begins, ends


def _used(text: Bytes, begins: Places, ends: Places) -> np.ndarray:
    """Which lines are not blank: bool (lines,)."""
    lone_return = (ends - begins == 1) & (text[np.minimum(begins, len(text) - 1)] == _RETURN)
    used: np.ndarray = (ends > begins) & ~lone_return
    return used


def _blank_(text: Bytes, starts: Places, stops: Places) -> None:
    """Overwrite spans by spaces."""
    lengths = stops - starts
    within = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    text[np.repeat(starts, lengths) + within] = _SPACE


def _after_space(text: Bytes, begins: Places, ends: Places) -> Places:
    """The first byte of each line that is no space, or its end."""
    solid = np.flatnonzero(text != _SPACE)
    starts: Places = np.minimum(solid[np.searchsorted(solid, begins)], ends)
    return starts
