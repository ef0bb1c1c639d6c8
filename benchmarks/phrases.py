"""Phrases against gensim: learn them from a text, and read the text with them joined.

    python benchmarks/phrases.py [--rounds 3] [--threads 2]

Both sides find the same phrases, which is checked. Learning starts from the file. Applying ends, for gensim,
with lists of joined tokens in memory, counted; for rowspace with the joined and encoded corpus that trainers
read, counted. Sides alternate in one process; the best round counts. Numba's cache is warm.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from _report import data_folder, machine, write
from rowspace.corpus.phrases import ENGLISH_CONNECTORS, learn_phrases


def timed(action: Callable[[], Any]) -> tuple[float, Any]:
    """How long an action took, and what it gave."""
    begin = time.perf_counter()
    result = action()
    return time.perf_counter() - begin, result


def with_rowspace(corpus: Path, connectors: tuple[str, ...], threads: int) -> tuple[float, float, Any]:
    """Seconds to learn and to apply, and the scores."""
    learning, phrases = timed(lambda: learn_phrases(corpus, connectors=connectors, threads=threads))
    applying, scan = timed(lambda: phrases.apply(corpus).scan(threads=threads))
    scan.close()
    return learning, applying, phrases.scores


def with_gensim(corpus: Path, connectors: tuple[str, ...]) -> tuple[float, float, Any]:
    """The same by gensim."""
    from gensim.models.phrases import Phrases
    from gensim.models.word2vec import LineSentence

    sentences = LineSentence(str(corpus), max_sentence_length=1 << 30)
    learning, phrases = timed(lambda: Phrases(sentences, connector_words=frozenset(connectors)))
    frozen = phrases.freeze()  # gensim's fastest form
    counts: Counter[str] = Counter()
    applying, _ = timed(lambda: [counts.update(tokens) for tokens in frozen[sentences]])
    return learning, applying, phrases.export_phrases()


def main() -> None:
    """Compare with and without connectors, and keep the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=data_folder() / "corpus" / "wiki1.txt")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    lines = []
    with_rowspace(options.corpus, ENGLISH_CONNECTORS, options.threads)  # compiles the kernels
    for name, connectors in (("none", ()), ("English", ENGLISH_CONNECTORS)):
        ours, theirs = [], []
        for _ in range(options.rounds):
            ours.append(with_rowspace(options.corpus, connectors, options.threads))
            theirs.append(with_gensim(options.corpus, connectors))
        if ours[0][2] != theirs[0][2]:
            raise SystemExit("the two sides found different phrases or scores")
        for step, place in (("learn", 0), ("apply", 1)):
            mine, other = min(run[place] for run in ours), min(run[place] for run in theirs)
            lines.append(
                f"| {step} | {name} | {len(ours[0][2]):,} | {mine:.2f} | {other:.2f} | {other / mine:.1f} x |"
            )
    write(
        "phrases",
        f"# Phrases: {options.corpus.name}\n\n"
        f"`python benchmarks/phrases.py --rounds {options.rounds} --threads {options.threads}`\n\n"
        f"rowspace with {options.threads} threads, gensim (which has no more) with one; the best of "
        f"{options.rounds} rounds, seconds. Both find the same phrases with the same scores.\n\n"
        "| step | connectors | phrases | rowspace | gensim | faster |\n|---|---|---|---|---|---|\n"
        + "\n".join(lines)
        + f"\n\n{machine('rowspace', 'numba', 'numpy', 'gensim')}\n",
    )


if __name__ == "__main__":
    main()
