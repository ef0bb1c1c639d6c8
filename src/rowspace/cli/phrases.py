"""``rowspace phrases``: join the phrases of a text, and write it."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from rowspace.cli.corpora import Field, Lowercase, OnErrors, Pattern
from rowspace.cli.output import aligned, byte_size, emit, file_bytes, number, say, shown
from rowspace.cli.tables import Json, Quiet, Threads
from rowspace.corpus import open_corpus
from rowspace.corpus.collocations import Scoring
from rowspace.corpus.phrases import ENGLISH_CONNECTORS, Phrases, learn_phrases
from rowspace.corpus.plain_text import text_of
from rowspace.formats import check_writable
from rowspace.formats.atomic import atomic_write
from rowspace.training.settings import usable_cores

EXAMPLES = 5


def phrases(
    corpus: Annotated[
        str,
        typer.Argument(
            metavar="CORPUS",
            help="A file (plain, packed, JSON lines, Parquet), a folder, or a glob.",
            show_default=False,
        ),
    ],
    *,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="TEXT", help="Where the text goes.", show_default=False),
    ],
    min_count: Annotated[int, typer.Option(help="Pairs that occur less often score below zero.")] = 5,
    threshold: Annotated[
        float | None, typer.Option(help="A phrase scores above it. Default: 10, or 0.5 for npmi.")
    ] = None,
    scoring: Annotated[Scoring, typer.Option(help="How pairs are scored.")] = "default",
    delimiter: Annotated[str, typer.Option(help="Between the tokens of a phrase.")] = "_",
    passes: Annotated[int, typer.Option(help="2 finds phrases of up to 4 tokens, and so on.")] = 1,
    connector: Annotated[
        list[str] | None,
        typer.Option(metavar="TOKEN", help="May stand inside a phrase; 'english' stands for a short list."),
    ] = None,
    save: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keep the phrases, as JSON, for other texts.")
    ] = None,
    load: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Join phrases that were saved, and learn none.")
    ] = None,
    lowercase: Lowercase = False,
    pattern: Pattern = None,
    errors: OnErrors = "strict",
    field: Field = None,
    threads: Threads = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Join tokens that occur together more often than by chance (new_york), and write the text."""
    started = time.monotonic()
    for path in filter(None, (output, save)):
        check_writable(path)
    opened = open_corpus(corpus, lowercase=lowercase, pattern=pattern, errors=errors, field=field)
    workers, progress = threads or usable_cores(), not quiet and sys.stderr.isatty()
    if load is not None:
        found = Phrases.load(load)
    else:
        found = learn_phrases(
            opened,
            min_count=min_count,
            threshold=threshold,
            scoring=scoring,
            delimiter=delimiter,
            connectors=_connectors(connector or []),
            passes=passes,
            threads=workers,
            progress=progress,
        )
    if save is not None:
        found.save(save)
    with found.apply(opened).scan(threads=workers, progress=progress) as scan, atomic_write(output) as file:
        for piece in text_of(scan):
            file.write(piece)
    facts: dict[str, Any] = {
        "text": output,
        "phrases": len(found),
        "tokens": scan.num_tokens,
        "bytes": file_bytes(output),
        "seconds": time.monotonic() - started,
    }
    if as_json:
        emit(facts)
    elif not quiet:
        say(aligned(_lines(found, facts["tokens"], facts["seconds"], output)))


def _connectors(given: list[str]) -> list[str]:
    """The connectors, with the word "english" replaced by its list."""
    return [
        token for name in given for token in (ENGLISH_CONNECTORS if name.lower() == "english" else [name])
    ]


def _lines(found: Phrases, tokens: int, seconds: float, output: Path) -> list[list[str]]:
    best = ", ".join(shown(name) for name in list(found.scores)[:EXAMPLES]) or "none"
    return [
        ["phrases", f"{number(len(found))}, the best: {best}"],
        ["saved", f"{output}: {number(tokens)} tokens, {byte_size(file_bytes(output))} in {seconds:.1f} s"],
    ]
