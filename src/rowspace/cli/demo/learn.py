"""The first two steps of the demo: text on disk, and a table learned from it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from rowspace.cli.demo.harvest import WORD, Harvest
from rowspace.cli.demo.steps import Step, aligned_lines
from rowspace.cli.output import byte_size, number
from rowspace.corpus import open_corpus
from rowspace.table import Table
from rowspace.training import Word2Vec

BYTES_A_WORD = 6  # with the space; compressed text holds about three times as many
WORDS_TRAINED = 9_000_000  # over all epochs: seconds of work, and enough for a million words of text
MIN_COUNTS = ((1_000_000, 10), (200_000, 5), (20_000, 2), (0, 1))  # from so many words of text on


def read_step(found: Harvest, path: Path) -> Step:
    """Save what was harvested, one docstring a line, so that it can be looked at and used again."""
    path.write_text("\n".join(map(" ".join, found.documents)) + "\n", encoding="utf-8")
    largest = sorted(found.packages, key=lambda name: (-found.packages[name], name))[:3]
    return Step(
        "text",
        "The text",
        "Your Python brings its own documentation: help topics, and the docstrings of the standard library "
        "and of your packages. They were read from the source files; nothing was imported.",
        aligned_lines(
            [
                ["words", number(found.num_words), f"in {number(len(found.documents))} texts"],
                [
                    "files",
                    number(found.num_files),
                    f"of {number(len(found.packages))} packages, most from {', '.join(largest)}",
                ],
                ["saved", byte_size(path.stat().st_size), str(path)],
            ],
            right=[1],
        ),
        {
            "path": path,
            "words": found.num_words,
            "documents": len(found.documents),
            "files": found.num_files,
            "unreadable": found.num_unreadable,
            "packages": found.packages,
        },
    )


def learn_step(path: Path, *, is_cut: bool) -> tuple[Step, Table]:
    """Train on a text; unless it `is_cut` into words already, lower its case and leave signs out."""
    corpus = open_corpus(path) if is_cut else open_corpus(path, lowercase=True, pattern=WORD.pattern)
    recipe = recipe_for(path.stat().st_size // BYTES_A_WORD)
    table = recipe.fit(corpus)
    made = table.metadata
    step = Step(
        "training",
        "The training",
        f"The text was read {recipe.epochs} times. At each word, its row was moved towards the rows of the "
        f"words up to {recipe.window} places away and away from {recipe.negatives} words drawn by chance; "
        "the loss says how badly it still tells the two apart.",
        aligned_lines(
            [
                ["text", f"{number(made['corpus']['tokens'])} words"],
                ["vocabulary", f"{number(len(table))} words that occur {recipe.min_count} times or more"],
                ["loss", " ".join(f"{loss:.3f}" for loss in made["losses"])],
                ["time", f"{made['training_seconds']:.1f} s, {number(made['words_per_second'])} words/s"],
            ]
        ),
        {"recipe": asdict(recipe), **{name: made[name] for name in ("corpus", "losses", "words_per_second")}},
    )
    return step, table


def recipe_for(num_words: int) -> Word2Vec:
    """Settings for a text of about `num_words`: a small one is read more often, and keeps rarer words.

    >>> recipe_for(1_500_000).epochs, recipe_for(10_000).min_count
    (6, 1)
    """
    epochs = min(30, max(2, WORDS_TRAINED // max(1, num_words)))
    min_count = next(count for least, count in MIN_COUNTS if num_words >= least)
    return Word2Vec(epochs=epochs, min_count=min_count, unknown="unknown")
