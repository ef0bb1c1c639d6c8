"""What the measures count in a part of the text: its keys, and how often they meet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rowspace.arrays import Counts
from rowspace.corpus import Corpus
from rowspace.training.counting.cooccurrence import Cooccurrences, count_cooccurrences
from rowspace.training.reading import VocabularyRules, read_corpus
from rowspace.vocabulary import Words

MEMORY_BYTES = 2**30


def keys_of(text: Corpus, recipe: Any, *, threads: int) -> Words:
    """The keys that `recipe` gives rows to, the most frequent first; CorpusError where there are none."""
    reading = read_corpus(text, VocabularyRules.of(recipe, (), None), threads=threads, progress=False)
    reading.stream.close()
    return reading.words


@contextmanager
def counted(
    text: Corpus, keys: Words, *, window: int, threads: int
) -> Iterator[tuple[Counts, Cooccurrences]]:
    """How often each of `keys` occurs in `text`, and its pairs at most `window` apart, nearer ones more.

    Raises CorpusError where the text holds none of the keys.
    """
    rules = VocabularyRules(
        min_count=1, max_size=None, unknown="skip", unknown_key="", special=(), given=keys
    )
    reading = read_corpus(text, rules, threads=threads, progress=False)
    with (
        reading.stream,
        count_cooccurrences(
            reading.stream,
            len(keys),
            window=window,
            weighting="linear",
            symmetric=True,
            memory_bytes=MEMORY_BYTES,
            threads=threads,
        ) as pairs,
    ):
        yield reading.counts, pairs
