"""Words that a translation takes over as they are: slots stand for them while the network works.

Luong et al. (ACL 2015) look, behind the network, where its attention was when it wrote an unknown word. Here
an unknown word becomes a slot before, the network has learned to carry slots over, and behind it each slot
becomes its word again.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np

from rowspace.tasks.translation.parallel_text import Pair

SLOTS = tuple(map(chr, range(0xE000, 0xE008)))  # characters of private use, pieces of every lexicon
SLOT = re.compile(f"[{SLOTS[0]}-{SLOTS[-1]}]")
WORD = re.compile(r"\w(?:\S*\w)?|\S")  # from the first letter or digit to the last, or a sign alone
LONGEST_WORD = 32  # characters; a longer one is taken over
ENOUGH = 20  # words that came once are enough to judge others of their shape by
SHARE = 1 / 3  # of them taken over: more often than pieces make up the right name
RARITY = 3.0  # a word met c times becomes a slot in a share 3 / (3 + c) of its pairs with it on both sides

Hidden = tuple[str, list[str]]  # a text with slots, and what stands behind the first, the second ...


@dataclass(frozen=True, eq=False)
class Copying:
    """What decides which words of a source become slots: the words known, and how others of a shape fared.

    >>> copying = Copying.learn([("I met Zoe.", "Ich traf Zoe.")])
    >>> hidden, words = copying.hide("I met Ozzo.")
    >>> hidden == f"I met {SLOTS[0]}.", words
    (True, ['Ozzo'])
    >>> show(f"Ich traf {SLOTS[0]}.", words)
    'Ich traf Ozzo.'
    """

    known: Mapping[str, int]  # words of the sources, and how often they came
    translated: frozenset[str]  # shapes of words that have to be translated
    characters: frozenset[str]

    @classmethod
    def learn(cls, pairs: Iterable[Pair]) -> Copying:
        """Count the words of the sources, and which of those that came once stand in the target too."""
        found = [(words_of(source), set(words_of(target))) for source, target in pairs]
        known = Counter(word for words, _ in found for word in words)
        taken: dict[str, list[bool]] = defaultdict(list)
        for words, target in found:
            for place, word in enumerate(words):
                if known[word] == 1:
                    taken[shape_of(word, place == 0)].append(word in target)
        rare = {shape: (sum(each) / len(each)) for shape, each in taken.items() if len(each) >= ENOUGH}
        return cls.of(known, [shape for shape, share in rare.items() if share < SHARE])

    @classmethod
    def of(cls, known: Mapping[str, int], translated: Iterable[str]) -> Copying:
        """From the counts of the words and the shapes of those to be translated."""
        return cls(known, frozenset(translated), frozenset(sign for word in known for sign in word))

    def hide(self, text: str) -> Hidden:
        """The text with slots for unknown words; those with white space alone between them share one."""
        parts, words, end = list[str](), list[str](), 0
        for number, match in enumerate(WORD.finditer(text)):
            if not self._is_taken_over(match.group(), number == 0):
                continue
            between = text[end : match.start()]
            if words and not between.strip():
                words[-1] += between + match.group()
            elif len(words) < len(SLOTS):
                parts += [between, SLOTS[len(words)]]
                words.append(match.group())
            else:
                break
            end = match.end()
        return "".join([*parts, text[end:]]), words

    def hidden_pairs(self, pairs: Iterable[Pair], rng: np.random.Generator) -> dict[int, tuple[Pair, float]]:
        """By number, pairs with a slot for the rarest word of both sides, and how often to take each."""
        made = {}
        for number, (source, target) in enumerate(pairs):
            both = set(words_of(source)).intersection(words_of(target))
            both = {
                word for word in both if word[0].isalnum() and source.count(word) == target.count(word) == 1
            }
            if both:
                word = min(both, key=lambda each: (self.known[each], each))
                slot = SLOTS[int(rng.integers(len(SLOTS)))]
                hidden = source.replace(word, slot), target.replace(word, slot)
                made[number] = hidden, RARITY / (RARITY + self.known[word])
        return made

    def _is_taken_over(self, word: str, is_first: bool) -> bool:
        if word in self.known:
            return False
        if len(word) > LONGEST_WORD or not self.characters.issuperset(word):
            return True
        return word[0].isalnum() and shape_of(word, is_first) not in self.translated


def words_of(text: str) -> list[str]:
    """The words of a text, and other signs one by one.

    >>> words_of("Isn't 3.5% (or so) enough?")
    ["Isn't", '3.5', '%', '(', 'or', 'so', ')', 'enough', '?']
    """
    found: list[str] = WORD.findall(text)
    return found


def show(text: str, words: Iterable[str]) -> str:
    """The words in the place of their slots; slots without a word vanish."""
    behind = dict(zip_longest(SLOTS, words, fillvalue=""))
    return SLOT.sub(lambda match: behind[match.group()], text)


def shape_of(word: str, is_first: bool) -> str:
    """How a word is written, runs of a kind as one sign; ^ where it begins a text.

    >>> shape_of("Anna-Lena", False), shape_of("42nd", True)
    ('Xx-Xx', '^0x')
    """
    shape = "^" if is_first else ""
    for each in word:
        kind = "0" if each.isdigit() else "X" if each.isupper() else "x" if each.isalpha() else each
        if not shape.endswith(kind):
            shape += kind
    return shape
