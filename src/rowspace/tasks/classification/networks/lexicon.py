"""What a network looks up for a token: the row of its word among those learned, and among those given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from rowspace.arrays import Offsets, RowIds, Vectors
from rowspace.corpus.tokenizer import Tokenizer
from rowspace.table import Table
from rowspace.tasks.networks import scaled
from rowspace.vocabulary import Subwords, Words

PADDING, UNKNOWN = "<pad>", "<unk>"  # no token is either: the brackets would be tokens of their own
# Rows are mostly learned from text without punctuation and in lower case. Cut so, 96 % of the words of
# film reviews have a row of wiki17, and 92 % of those of text messages; cut at white space 92 and 76 %.
TOKENIZER = Tokenizer(lowercase=True, pattern=r"\w+|[^\w\s]", errors="surrogateescape")
# Given rows are longer than those at random, whose length is about 1: a step of Adam is of one size whatever
# it moves, and turns a long row less. What they say is worth keeping.
GIVEN_LENGTH = np.float32(2.5)
FREQUENT = 1_000  # what a given word counts as, so that training practically never takes it for unknown


@dataclass(frozen=True, eq=False)
class Encoded:
    """Texts as rows, one after the other: text t has the tokens starts[t] to starts[t + 1]."""

    own: RowIds  # of each token; the unknown row where training gave it none
    given: RowIds  # and in the given rows; -1 where they do not know it, and everywhere without them
    starts: Offsets

    def __len__(self) -> int:
        return len(self.starts) - 1


@dataclass(frozen=True, eq=False)
class Lexicon:
    """The words that have rows: `own` those that training moves, `given` those that stay as they are."""

    own: Words | None
    given: Words | None
    length: int  # tokens of a text that are read

    @classmethod
    def of(
        cls, texts: Iterable[Sequence[str]], given: Words | None, *, mode: str, min_count: int, length: int
    ) -> Lexicon:
        """The words of cut texts that occur `min_count` times, and those of a table.

        `mode`: "frozen" has the table's alone, "tuned" moves both, and "both" keeps the two apart. Without
        a table there are the texts' words alone.
        """
        if given is not None and mode == "frozen":
            return cls(None, given, length)
        counts = Counter(chain.from_iterable(texts))
        counts = Counter({word: count for word, count in counts.items() if count >= min_count})
        if given is not None and mode == "tuned":
            counts.update(dict.fromkeys(given.keys, FREQUENT))
            given = None
        return cls(_words(counts), given, length)

    def encode(self, texts: Sequence[Sequence[str]]) -> Encoded:
        """The rows of cut texts, of each as many tokens as are read."""
        starts = np.zeros(len(texts) + 1, np.int64)
        np.cumsum([min(len(tokens), self.length) for tokens in texts], out=starts[1:])
        ids: dict[str, int] = {}
        flat = [ids.setdefault(word, len(ids)) for tokens in texts for word in tokens[: self.length]]
        met, words = np.array(flat, np.int64), list(ids)
        own, given = (_rows(each, words)[met] for each in (self.own, self.given))
        return Encoded(own, given, starts)


def cut(text: str) -> Sequence[str]:
    """The tokens of a text: runs of letters and digits in lower case, and any other sign by itself.

    >>> cut("It isn't GREAT...")
    ['it', 'isn', "'", 't', 'great', '.', '.', '.']
    """
    return TOKENIZER.tokens(text)


def given_rows(table: Table, texts: Iterable[Sequence[str]]) -> tuple[Words, Vectors]:
    """The keys of a table with their vectors, scaled so that the mean square of their lengths is that of 2.5.

    A table with subwords also gives what it makes of the texts' words that are none of its keys.
    """
    keys, vectors = list(table.keys), table.vectors
    if isinstance(table.vocabulary, Subwords):
        met = sorted(set(chain.from_iterable(texts)).difference(keys))
        made = table.lookup(met, "zero")
        known = np.flatnonzero(made.any(axis=1))
        keys += [met[place] for place in known.tolist()]
        vectors = np.concatenate([vectors, made[known]])
    return Words.from_keys(keys), GIVEN_LENGTH * scaled(vectors)


def _words(counts: Counter[str]) -> Words:
    """The words, most frequent first, behind the signs, which count nothing."""
    for sign in (PADDING, UNKNOWN):
        counts.pop(sign, None)
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    numbers = np.array([0, 0, *(count for _, count in ranked)], np.int64)
    keys = [PADDING, UNKNOWN, *(word for word, _ in ranked)]
    return Words.from_keys(keys, counts=numbers, unknown_key=UNKNOWN)


def _rows(words: Words | None, keys: Sequence[str]) -> RowIds:
    """The row of each key; the unknown row, or -1 where there is none, for others."""
    if words is None:
        return np.full(len(keys), -1)
    found = words.find_all(keys)
    return np.where(found < 0, words.unknown_row, found)
