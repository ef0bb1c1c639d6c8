"""What the network looks up for a token: rows of its word, its shape and its characters."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from rowspace.arrays import RowIds
from rowspace.tasks.tagging.columns import Sentence
from rowspace.tasks.tagging.spelling import Spelling
from rowspace.vocabulary import Words

UNKNOWN = "<unk>"
PADDING, BEGIN, END = "<pad>", "<w>", "</w>"  # beside characters; longer than any of them
MOST_CHARACTERS = 32  # of a longer word the first and the last half of so many
RUNS = (
    (re.compile(r"[^\W\d_]+"), lambda match: _letters(match.group())),
    (re.compile(r"\d+"), lambda match: "0" * min(2, len(match.group()))),
)
LONGEST_SHAPE = 8
FREQUENT = 1_000


@dataclass(frozen=True, eq=False)
class Forms:
    """Distinct written forms of words; -1 is a word that no row knows."""

    own: RowIds  # of each form, its row among those that are learned
    given: RowIds  # and its row in the table that was given
    shapes: RowIds
    spelling: Spelling


@dataclass(frozen=True, eq=False)
class Lexicon:
    """The keys of every layer: words of the training data, of the given table, shapes and characters."""

    own: Words
    given: Words | None
    shapes: Words
    characters: Words

    @classmethod
    def of(
        cls,
        sentences: Sequence[Sentence],
        given: Words | None = None,
        *,
        tuned: bool = False,
        min_count: int = 1,
    ) -> Lexicon:
        """What these sentences hold: words in lower case, but not those met less than `min_count` times.

        The words of `given` have rows of their own, or with `tuned` rows among those that are learned, where
        they count as frequent: in training they are practically never replaced by the unknown word.
        """
        forms = Counter(encodable(token) for sentence in sentences for token in sentence.tokens)
        words: Counter[str] = Counter()
        shapes: Counter[str] = Counter()
        characters: Counter[str] = Counter()
        for form, count in forms.items():
            words[form.lower()] += count
            shapes[shape_of(form)] += count
            characters.update(dict.fromkeys(form, count))
        words = Counter({word: count for word, count in words.items() if count >= min_count})
        if tuned and given is not None:
            words.update(dict.fromkeys(given.keys, FREQUENT))
        signs = _words(characters, [PADDING, UNKNOWN, BEGIN, END])
        return cls(_words(words, [UNKNOWN]), None if tuned else given, _words(shapes, [UNKNOWN]), signs)

    def forms(self, forms: Sequence[str]) -> Forms:
        """The rows of some forms: those of the form as it is, else of its lower case."""
        forms = [encodable(form) for form in forms]
        lowered = [form.lower() for form in forms]
        own, given = (_rows(words, forms, lowered) for words in (self.own, self.given))
        shapes = self.shapes.find_all([shape_of(form) for form in forms])
        return Forms(own, given, shapes, self._spelling(forms))

    def _spelling(self, forms: Sequence[str]) -> Spelling:
        """The rows of the characters of each form, between two marks."""
        spelled = [[BEGIN, *cut_short(form), END] for form in forms]
        found = self.characters.find_all([sign for signs in spelled for sign in signs])
        rows = iter(np.where(found < 0, self.characters.unknown_row, found).tolist())
        padding = self.characters.find(PADDING)
        return Spelling.of_rows([[next(rows) for _ in signs] for signs in spelled], padding)


def shape_of(form: str) -> str:
    """How a word looks: X, x and 0 for capitals, other letters and digits, runs cut to two, eight signs.

    >>> [shape_of(form) for form in ("Paris", "U.S.", "iPhone4", "1984", "@bob_x")]
    ['Xxx', 'X.X.', 'xXxx0', '00', '@xx_x']
    """
    for pattern, shorten in RUNS:
        form = pattern.sub(shorten, form)
    return form[:LONGEST_SHAPE]


def encodable(form: str) -> str:
    r"""A form with a question mark for each lone surrogate, which UTF-8 has no bytes for.

    >>> encodable("caf\udce9")
    'caf?'
    """
    return form if form.isascii() else form.encode("utf-8", "replace").decode("utf-8")


def cut_short(form: str) -> str:
    """A form without its middle if it has more than 32 characters."""
    half = MOST_CHARACTERS // 2
    return form if len(form) <= MOST_CHARACTERS else form[:half] + form[-half:]


def _letters(run: str) -> str:
    """The shape of letters: XX, Xx, xx and so on, two signs for each stretch of one case."""
    shape = re.sub(r".", lambda match: "X" if match.group().isupper() else "x", run)
    return re.sub(r"(.)\1{2,}", r"\1\1", shape)


def _rows(words: Words | None, forms: Sequence[str], lowered: Sequence[str]) -> RowIds:
    """The row of each form as it is, else of its lower case, else -1."""
    if words is None:
        return np.full(len(forms), -1)
    found = words.find_all(forms)
    return np.where(found >= 0, found, words.find_all(lowered))


def _words(counts: Counter[str], signs: Iterable[str]) -> Words:
    """A vocabulary of `signs`, which count nothing, and of what was counted, most frequent first."""
    for sign in signs:
        counts.pop(sign, None)
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    keys = [*signs, *(key for key, _ in ranked)]
    numbers = np.array([0] * (len(keys) - len(ranked)) + [count for _, count in ranked], np.int64)
    return Words.from_keys(keys, counts=numbers, unknown_key=UNKNOWN)
