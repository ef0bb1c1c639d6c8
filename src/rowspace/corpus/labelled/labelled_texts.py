"""Texts with the labels of each, as bytes that kernels can read and strings that people can."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Int32, Int64

from rowspace.arrays import Bytes, Offsets, RowIds
from rowspace.corpus.block import Block
from rowspace.corpus.tokenizer import Tokenizer
from rowspace.errors import CorpusError

LabelIds = Int32[np.ndarray, "label_ids"]
Bounds = Int64[np.ndarray, "texts"]


@dataclass(frozen=True, eq=False)
class LabelledTexts:
    """Text t is data[starts[t]:stops[t]]; its labels are label_ids[label_offsets[t]:label_offsets[t + 1]].

    A newline follows each text and stands nowhere else; what lies between the texts is white space.

    >>> data = LabelledTexts.from_pairs([("ham", "See you soon"), (["spam", "ad"], "Win now!")])
    >>> len(data), data.names, data.texts[1], data.labels
    (2, ('ad', 'ham', 'spam'), 'Win now!', [('ham',), ('spam', 'ad')])
    """

    names: tuple[str, ...]  # the distinct labels, sorted
    label_ids: LabelIds
    label_offsets: Offsets
    data: Bytes
    starts: Bounds
    stops: Bounds

    @classmethod
    def from_pairs(
        cls, pairs: Iterable[Any], *, tokenizer: Tokenizer | None = None, name: str = "data"
    ) -> LabelledTexts:
        """Texts from pairs of a label, or of several, and a text; a newline becomes a space.

        Raises CorpusError naming the pair that is none, and where there is no text at all.
        """
        labels, texts = [], []
        for number, pair in enumerate(pairs, 1):
            own, text = _checked(pair, f"{name}: example {number}")
            labels.append(own)
            texts.append(text.replace("\n", " "))
        joined = "".join(f"{text}\n" for text in texts)
        reader = tokenizer or Tokenizer()
        data = reader.encode(joined.lower() if reader.lowercase else joined)
        return cls.from_lines(labels, np.frombuffer(data, np.uint8), name=name)

    @classmethod
    def from_lines(
        cls, labels: Sequence[Sequence[str]], data: Bytes, *, name: str, starts: Bounds | None = None
    ) -> LabelledTexts:
        """Join labels with lines that each end with a newline; `starts` says where texts begin in them."""
        if not labels:
            raise CorpusError(f"{name}: labelled texts are needed, but there is none")
        names = tuple(sorted({label for own in labels for label in own}))
        place_of = {label: place for place, label in enumerate(names)}
        stops = np.flatnonzero(data == ord("\n"))
        offsets = np.zeros(len(labels) + 1, np.int64)
        np.cumsum([len(own) for own in labels], out=offsets[1:])
        ids = np.array([place_of[label] for own in labels for label in own], np.int32)
        begins = np.concatenate([np.zeros(1, np.int64), stops[:-1] + 1]) if starts is None else starts
        return cls(names, ids, offsets, data, begins, stops)

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def texts(self) -> list[str]:
        """The texts as strings, broken UTF-8 as lone surrogates."""
        whole = self.data.tobytes()
        bounds = zip(self.starts.tolist(), self.stops.tolist(), strict=True)
        return [whole[start:stop].decode("utf-8", "surrogateescape") for start, stop in bounds]

    @property
    def labels(self) -> list[tuple[str, ...]]:
        """The labels of each text, in the order in which they were given."""
        bounds = zip(self.label_offsets[:-1].tolist(), self.label_offsets[1:].tolist(), strict=True)
        names = [self.names[place] for place in self.label_ids.tolist()]
        return [tuple(names[start:stop]) for start, stop in bounds]

    @property
    def block(self) -> Block:
        """All texts for the tokenizer, one a document."""
        return Block.from_text(self.data.tobytes())

    def take(self, places: RowIds) -> LabelledTexts:
        """The texts at `places`, in that order, with the same names."""
        whole, labels = self.data.tobytes(), self.labels
        chosen = [whole[self.starts[place] : self.stops[place]] for place in places.tolist()]
        data = np.frombuffer(b"".join(text + b"\n" for text in chosen), np.uint8)
        taken = self.from_lines([labels[place] for place in places.tolist()], data, name="data")
        places_of_names = np.array([self.names.index(name) for name in taken.names], np.int32)
        return LabelledTexts(
            self.names, places_of_names[taken.label_ids], taken.label_offsets, data, taken.starts, taken.stops
        )


def _checked(pair: Any, place: str) -> tuple[Sequence[str], str]:
    """The labels and the text of a pair."""
    try:
        own, text = pair
    except (TypeError, ValueError):
        raise CorpusError(f"{place}: must be a label and a text, but is {pair!r:.80}") from None
    labels = [own] if isinstance(own, str) else own
    if not isinstance(text, str):
        raise CorpusError(f"{place}: the text must be a string, but is {type(text).__name__}: {text!r:.60}")
    if not isinstance(labels, Iterable) or not all(isinstance(label, str) for label in labels):
        raise CorpusError(f"{place}: a label must be a string, or a list of them, but is {own!r:.60}")
    return list(labels), text
