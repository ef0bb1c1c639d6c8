"""Phrases: tokens that occur together more often than by chance become one token (Mikolov et al. 2013)."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, get_args

from rowspace.corpus.collocations import MOST_CONNECTORS, Scores, Scoring, find_collocations
from rowspace.corpus.joining import join_scan, join_tokens, link_of
from rowspace.corpus.opening import open_corpus
from rowspace.corpus.paths import reading, replacing
from rowspace.corpus.protocol import Corpus
from rowspace.corpus.scan import Scan
from rowspace.errors import CorpusError, FormatError, RecipeError

ENGLISH_CONNECTORS = (
    "a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with", "without",
)  # fmt: skip
THRESHOLDS: dict[str, float] = {"default": 10.0, "npmi": 0.5}

_FORMAT = "rowspace phrases"
_VERSION = 1


@dataclass(frozen=True, eq=False)
class Phrases:
    """Phrases that were learned, with their scores, ready to be joined in any text.

    >>> phrases = Phrases(({("new", "york"): 9.0}, {("new_york", "city"): 7.0}))
    >>> phrases.join(["in", "new", "york", "city"])
    ['in', 'new_york_city']
    """

    passes: Sequence[Scores]  # each joins what the one before it left
    delimiter: str = "_"
    connectors: Sequence[str] = ()  # tokens that may stand inside a phrase, not at its ends

    def __post_init__(self) -> None:
        digits = {connector: number + 1 for number, connector in enumerate(self.connectors)}
        if len(digits) != len(self.connectors) or len(digits) > MOST_CONNECTORS:
            raise RecipeError(
                f"connectors must be at most {MOST_CONNECTORS} distinct tokens, "
                f"but are {self.connectors!r:.80}"
            )
        for phrase in chain.from_iterable(self.passes):
            if len(phrase) < 2:
                raise RecipeError(f"a phrase must have two tokens at least, but {phrase!r:.80} has not")
            link_of(phrase[1:-1], digits)

    def __len__(self) -> int:
        return sum(map(len, self.passes))

    @property
    def scores(self) -> dict[str, float]:
        """The score of each phrase as it is written when joined, those of the first pass first."""
        return {self.delimiter.join(phrase): score for step in self.passes for phrase, score in step.items()}

    def join(self, tokens: Sequence[str]) -> list[str]:
        """One document with its phrases joined; from left to right where two overlap."""
        joined = list(tokens)
        for step in self.passes:
            joined = join_tokens(joined, step, self.delimiter, set(self.connectors))
        return joined

    def apply(self, corpus: Any) -> PhraseCorpus:
        """`corpus` (whatever open_corpus takes) with its phrases joined, for any trainer."""
        return PhraseCorpus(open_corpus(corpus), self)

    def save(self, path: str | Path) -> None:
        """Write JSON to `path`, all or nothing. Raises FileAccessError."""
        content = {
            "format": _FORMAT,
            "version": _VERSION,
            "delimiter": self.delimiter,
            "connectors": list(self.connectors),
            "passes": [[[list(phrase), score] for phrase, score in step.items()] for step in self.passes],
        }
        with replacing(Path(path)) as file:
            file.write(json.dumps(content).encode("ascii"))

    @classmethod
    def load(cls, path: str | Path) -> Phrases:
        """Read what `save` wrote. Raises FileAccessError, and FormatError for anything else."""
        with reading(path):
            text = Path(path).read_bytes()
        try:
            content = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise FormatError(
                path, getattr(error, "pos", 0), f"phrases are kept as JSON, but {error}"
            ) from None
        if not isinstance(content, dict) or content.get("format") != _FORMAT:
            raise FormatError(path, 0, "these are no phrases; give a file that Phrases.save wrote")
        if content.get("version") != _VERSION:
            raise FormatError(
                path,
                0,
                f"version {content.get('version')} is unknown; this rowspace reads version {_VERSION}",
            )
        return _from_json(content, path)


@dataclass(frozen=True)
class PhraseCorpus:
    """A corpus whose phrases are joined. Trainers read it at the speed of ids: it is scanned but once."""

    corpus: Corpus
    phrases: Phrases

    def scan(self, *, threads: int = 1, progress: bool = False) -> Scan:
        """Count every token, phrases as one, in one pass over the text."""
        scan = self.corpus.scan(threads=threads, progress=progress)
        for step in self.phrases.passes:
            with scan:
                scan = join_scan(scan, step, self.phrases.delimiter, self.phrases.connectors)
        return scan

    def shard(self, index: int, count: int) -> PhraseCorpus:
        """Part `index` of `count`: together the parts are the whole, without overlap."""
        return PhraseCorpus(self.corpus.shard(index, count), self.phrases)

    def __iter__(self) -> Iterator[list[str]]:
        return (self.phrases.join(document) for document in self.corpus)


def learn_phrases(
    corpus: Any,
    *,
    min_count: int = 5,
    threshold: float | None = None,
    scoring: Scoring = "default",
    delimiter: str = "_",
    connectors: Sequence[str] = (),
    passes: int = 1,
    threads: int = 1,
    progress: bool = False,
) -> Phrases:
    """Learn which neighbouring tokens are phrases: pairs whose score is above `threshold`.

    Args:
        corpus: Whatever open_corpus takes.
        min_count: With "default" scoring, taken from the count of each pair, so that rare ones score low;
            with "npmi", how often a pair must occur.
        threshold: Default: 10 for "default" scoring, 0.5 for "npmi", whose scores lie in [-1, 1].
        scoring: "default" (Mikolov et al. 2013, scaled as gensim does) or "npmi" (Bouma 2009).
        delimiter: Stands between the tokens of a phrase.
        connectors: Tokens that a phrase may have inside, as in "state of the union" (ENGLISH_CONNECTORS).
        passes: A second pass joins phrases of the first into longer ones, and so on.
        threads: Workers; the result is the same for any number.
        progress: Show a bar while the text is read.

    Scores and joins are those of gensim's Phrases where no token holds the delimiter. Raises RecipeError,
    CorpusError for a corpus without tokens, FileAccessError.

    >>> text = [["new", "york", "likes", "me"], ["me", "likes", "new", "york"]] * 10
    >>> learn_phrases(text, min_count=1, threshold=0.3).scores
    {'new_york': 0.4275}
    """
    limit = _check(min_count, threshold, scoring, delimiter, connectors, passes)
    distinct = list(dict.fromkeys(connectors))
    Phrases((), delimiter, distinct)  # refuses too many connectors before any work
    found: list[Scores] = []
    scan = open_corpus(corpus).scan(threads=threads, progress=progress)
    for number in range(passes):
        with scan:
            if scan.num_tokens == 0:
                raise CorpusError(
                    "phrases need a corpus with tokens, but this one has none; check path and pattern"
                )
            found.append(
                find_collocations(
                    scan,
                    min_count=min_count,
                    threshold=limit,
                    scoring=scoring,
                    connectors=distinct,
                    threads=threads,
                )
            )
            if number + 1 < passes:
                scan = join_scan(scan, found[-1], delimiter, distinct)
    return Phrases(tuple(found), delimiter, tuple(distinct))


def _check(
    min_count: int,
    threshold: float | None,
    scoring: str,
    delimiter: str,
    connectors: Sequence[str],
    passes: int,
) -> float:
    """The threshold to use; RecipeError for what is out of range."""
    if scoring not in get_args(Scoring):
        raise RecipeError(f"scoring must be one of {', '.join(get_args(Scoring))}, but is {scoring!r}")
    if min_count < 1 or passes < 1:
        raise RecipeError(
            f"min_count and passes must be at least 1, but are {min_count} and {passes}; the least is 1"
        )
    if not delimiter or any(letter.isspace() for letter in delimiter):
        raise RecipeError(f"delimiter must be letters without white space, but is {delimiter!r}; take '_'")
    if isinstance(connectors, str):
        raise RecipeError(
            f"connectors must be a list of tokens, but is the text {connectors!r}; write [{connectors!r}]"
        )
    limit = THRESHOLDS[scoring] if threshold is None else threshold
    lowest, highest = (-1.0, 1.0) if scoring == "npmi" else (0.0, math.inf)
    if not (lowest <= limit < highest):
        raise RecipeError(
            f"threshold must be from {lowest:g} to below {highest:g} with {scoring} scoring, but is {limit:g}"
        )
    return limit


def _from_json(content: Mapping[str, Any], path: str | Path) -> Phrases:
    """Phrases from the values of a file, each checked."""
    try:
        delimiter, connectors = content["delimiter"], content["connectors"]
        passes = tuple({tuple(phrase): float(score) for phrase, score in step} for step in content["passes"])
        tokens = chain.from_iterable(chain.from_iterable(passes))
        if not all(isinstance(string, str) for string in (delimiter, *connectors, *tokens)):
            raise TypeError("a token, a connector or the delimiter is no string")
        return Phrases(passes, delimiter, tuple(connectors))
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError(path, 0, f"the phrases are damaged ({error}); learn them again") from None
