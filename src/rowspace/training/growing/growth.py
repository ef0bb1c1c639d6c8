"""Grow a table by new keys: every old row stays as it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from rowspace.arrays import PackedKeys
from rowspace.corpus import Scan, open_corpus
from rowspace.errors import RecipeError, ShapeError
from rowspace.table import Table
from rowspace.training.growing.appending import append, longer_words, words_of
from rowspace.training.growing.new_rows import Origin, Reading, make_rows
from rowspace.training.ranges import check_choice, check_integer
from rowspace.training.reading import counts_by_row
from rowspace.training.settings import usable_cores
from rowspace.vocabulary import Words, build_words, rows_of_scan
from rowspace.vocabulary.subwords import Subwords

WINDOW = 10  # tokens on each side that say where a new key belongs


@dataclass(frozen=True, eq=False)
class GrowthReport:
    """What growing did, key by key."""

    added: PackedKeys  # in the order of their rows
    origins: Sequence[Origin]  # of the row of each added key
    known: PackedKeys  # asked for, or in the text, and in the table already
    rare: PackedKeys  # in the text, but not added: less than min_count times, or beyond max_size

    def describe(self) -> str:
        """The report in a line for people."""
        origins = ", ".join(f"{count:,} {origin}" for origin, count in Counter(self.origins).items())
        return (
            f"{len(self.added):,} keys added{f' ({origins})' if origins else ''}, {len(self.known):,} known "
            f"already, {len(self.rare):,} too rare"
        )

    def __str__(self) -> str:
        return self.describe()


@dataclass(frozen=True, eq=False)
class Grown:
    """A larger table, and what is new in it."""

    table: Table
    report: GrowthReport


def grow(
    table: Table,
    keys: Sequence[str] | None = None,
    *,
    corpus: Any = None,
    min_count: int = 1,
    max_size: int | None = None,
    rows: Origin | Table | None = None,
    window: int = WINDOW,
    seed: int = 0,
    threads: int | None = None,
) -> Grown:
    """Append rows for new keys: `keys`, or without them those of `corpus`. Old rows stay bit for bit.

    Args:
        table: Stays as it is; a new one comes back.
        keys: What to add; keys that the table has already are left alone.
        corpus: Whatever open_corpus takes. Its tokens are added to the counts, of old keys too, if the
            table has counts.
        min_count: A key of the corpus needs this many occurrences. Given `keys` are all added.
        max_size: The keys of old and new at most; the most frequent keys of the corpus are added.
        rows: Where new rows come from. "subwords": the mean of the key's n-grams, for a table with
            subwords. "neighbors": where the known words around the key in the corpus say. "mean": the
            mean of the old rows and a tenth of their spread; also for keys that the source knows nothing
            of. "zero". Or another table, for the keys it knows. Default: the first of these that can serve.
        window: How far a neighbour may be.
        seed: Of what "mean" draws.
        threads: That read the corpus; by default every core.

    Own rows are appended, so that row i is key i's as before; the rows of n-grams come behind them. Context
    rows and biases start at the mean of the old ones (context rows at zero for rows="zero"), the rates of
    AdaGrad at the greatest. The inner nodes of a tree over the old keys cannot grow, and are dropped.

    Raises RecipeError and ShapeError for what contradicts itself, CorpusError and FileAccessError for the
    corpus.

    >>> table = Table.from_arrays(["the", "king"], np.eye(2, dtype=np.float32))
    >>> grown = grow(table, corpus=["the queen and the king"], rows="neighbors")
    >>> list(grown.report.added), grown.table["queen"].round(2)
    (['and', 'queen'], array([0.54, 0.46], dtype=float32))
    """
    _check(keys, corpus, rows, min_count=min_count, max_size=max_size, window=window)
    words = words_of(table.vocabulary)
    source = rows or _best_source(table, corpus is not None)
    make = partial(make_rows, table, source=source, window=window, rng=np.random.default_rng(seed))
    if corpus is None:
        report = _divided(words, keys or ())
        made, counts = make(report.added, reading=None), None
    else:
        with open_corpus(corpus).scan(threads=threads or usable_cores()) as scan:
            report = _candidates(words, scan, min_count, max_size) if keys is None else _divided(words, keys)
            longer = longer_words(words, report.added, None)
            row_of = rows_of_scan(scan, longer)
            counts = counts_by_row(row_of, scan.counts, len(longer))
            with scan.encode(row_of) as stream:
                made = make(report.added, reading=Reading(stream, counts))
    return Grown(append(table, report.added, made, counts), replace(report, origins=made.origins))


_NO_KEYS = PackedKeys.from_strings([])


def _check(
    keys: Sequence[str] | None,
    corpus: object,
    rows: Origin | Table | None,
    *,
    min_count: int,
    max_size: int | None,
    window: int,
) -> None:
    if keys is None and corpus is None:
        raise RecipeError("growing needs keys or a corpus, but got neither; give keys=[...] or corpus=")
    if isinstance(keys, str):
        raise ShapeError(
            f"keys must be a list of keys, but is the single string {keys!r}; write [{keys!r}], or "
            "corpus= for a text"
        )
    check_integer("min_count", min_count, 1)
    check_integer("window", window, 1, 1_000)
    if max_size is not None:
        check_integer("max_size", max_size, 1)
    if rows is not None and not isinstance(rows, Table):
        check_choice("rows", rows, ("subwords", "neighbors", "mean", "zero"))


def _best_source(table: Table, has_text: bool) -> Origin:
    if isinstance(table.vocabulary, Subwords):
        return "subwords"
    return "neighbors" if has_text else "mean"


def _divided(words: Words, keys: Sequence[str]) -> GrowthReport:
    """Which of the keys asked for are new, and which are known, in their order."""
    packed = PackedKeys.from_strings(dict.fromkeys(keys))
    known = words.find_all(packed) >= 0
    return GrowthReport(packed.take(np.flatnonzero(~known)), [], packed.take(np.flatnonzero(known)), _NO_KEYS)


def _candidates(words: Words, scan: Scan, min_count: int, max_size: int | None) -> GrowthReport:
    """Which keys of the text are new, known or too rare, each by falling count."""
    text = build_words(scan, min_count=1)
    assert text.counts is not None  # it counts what it builds
    known = words.find_all(text.keys) >= 0
    places = np.flatnonzero(~known)
    often = int((text.counts[places] >= min_count).sum())  # they come by falling count
    room = often if max_size is None else max(0, min(often, max_size - len(words)))
    chosen = (places[:room], np.flatnonzero(known), places[room:])
    added, before, rare = (text.keys.take(where) for where in chosen)
    return GrowthReport(added, [], before, rare)
