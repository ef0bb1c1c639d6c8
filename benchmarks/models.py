"""Every word-vector model against the program that people use for it: speed, memory and quality.

    python benchmarks/models.py [--models cbow hierarchical fasttext glove ppmi] [--words 4000000]

Each side runs in a process of its own, in turn, on the first `--words` words of wiki17 (0: all of it), with
the same hyper-parameters and 2 threads: `_jobs.py` says what is timed. Numba's cache is warm. The peers are
gensim, fastText (its Python module), and GloVe's C programs, which are looked for in the folder GLOVE_HOME
and left out where it is not set. CBOW runs at several learning rates on both sides, because the two
gradients have different best ones; ours also runs as gensim does, with the classic gradient and center rows.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import _jobs
from _jobs import SCORES, Figures, first_words
from _report import data_folder, machine, write

WINDOW = {"dim": 100, "window": 5, "negatives": 5, "subsample": 1e-3, "min_count": 5, "learning_rate": 0.025}
HIERARCHICAL = {name: value for name, value in WINDOW.items() if name != "negatives"}
SUBWORDS = WINDOW | {"learning_rate": 0.05, "min_n": 3, "max_n": 6, "buckets": 2_000_000}
CELLS = {"dim": 100, "window": 5, "min_count": 5, "learning_rate": 0.05, "x_max": 10.0, "alpha": 0.75}
COUNTS = {"dim": 100, "min_count": 5}


def train_rowspace(recipe: str, **fixed: Any) -> _jobs.Side:
    """Train a recipe and save as .rows."""

    def side(job: dict[str, Any]) -> Figures:
        import rowspace as rs

        epochs = {} if recipe == "PPMI" else {"epochs": job["epochs"]}
        made = getattr(rs, recipe)(seed=job["seed"], **epochs, **fixed, **job["settings"])
        table = made.fit(job["corpus"], threads=2, progress=False)
        rs.write(table, job["output"] + ".rows")
        return {"training": table.metadata["training_seconds"]}

    return side


def train_gensim(kind: str, **fixed: Any) -> _jobs.Side:
    """Train Word2Vec or FastText from corpus_file, gensim's fastest way, and save its own format."""

    def side(job: dict[str, Any]) -> Figures:
        from gensim import models

        asked = job["settings"]
        subwords = {}
        if kind == "FastText":
            subwords = {"min_n": asked["min_n"], "max_n": asked["max_n"], "bucket": asked["buckets"]}
        model = getattr(models, kind)(
            vector_size=asked["dim"], window=asked["window"], sample=asked["subsample"],
            min_count=asked["min_count"], alpha=asked["learning_rate"], workers=2, seed=job["seed"],
            epochs=job["epochs"], negative=asked.get("negatives", 0), **fixed, **subwords,
        )  # fmt: skip
        model.build_vocab(corpus_file=job["corpus"])
        begin = time.perf_counter()
        model.train(
            corpus_file=job["corpus"], total_examples=model.corpus_count,
            total_words=model.corpus_total_words, epochs=job["epochs"],
        )  # fmt: skip
        training = time.perf_counter() - begin
        model.wv.save(job["output"] + ".kv")
        job["after"] = lambda: _export(model, job["output"] + ".bin", subwords=bool(subwords))
        return {"training": training}

    return side


def _export(model: Any, path: str, *, subwords: bool) -> None:
    if subwords:
        from gensim.models.fasttext import save_facebook_model

        save_facebook_model(model, path)
    else:
        model.wv.save_word2vec_format(path, binary=True)


def train_fasttext(job: dict[str, Any]) -> Figures:
    """Train with fastText's own module and save its .bin."""
    import fasttext

    asked = job["settings"]
    begin = time.perf_counter()
    model = fasttext.train_unsupervised(
        job["corpus"], model="skipgram", dim=asked["dim"], ws=asked["window"], neg=asked["negatives"],
        t=asked["subsample"], minCount=asked["min_count"], lr=asked["learning_rate"], minn=asked["min_n"],
        maxn=asked["max_n"], bucket=asked["buckets"], epoch=job["epochs"], thread=2, verbose=0,
    )  # fmt: skip
    training = time.perf_counter() - begin
    model.save_model(job["output"] + ".bin")
    return {"training": training}


def train_glove(job: dict[str, Any]) -> Figures:
    """Run GloVe's four programs one after the other."""
    asked, folder = job["settings"], Path(os.environ["GLOVE_HOME"])
    made = Path(job["output"]).parent
    memory = ["-memory", "4.0", "-verbose", "0"]

    def call(program: str, *arguments: str, source: str, target: str) -> None:
        with Path(source).open("rb") as reading, Path(made, target).open("wb") as writing:
            command = [str(folder / program), *arguments]
            subprocess.run(command, stdin=reading, stdout=writing, stderr=subprocess.DEVNULL, check=True)

    text, vocabulary = job["corpus"], str(made / "vocab.txt")
    counts = ["-vocab-file", vocabulary, "-window-size", str(asked["window"]), "-symmetric", "1"]
    call(
        "vocab_count", "-min-count", str(asked["min_count"]), "-verbose", "0", source=text, target="vocab.txt"
    )
    call("cooccur", *counts, *memory, "-overflow-file", str(made / "o"), source=text, target="cells.bin")
    shuffled = ["-temp-file", str(made / "s"), "-seed", str(job["seed"])]
    call("shuffle", *memory, *shuffled, source=str(made / "cells.bin"), target="shuffled.bin")
    begin = time.perf_counter()
    call(
        "glove", "-save-file", job["output"], "-input-file", str(made / "shuffled.bin"),
        "-vocab-file", vocabulary, "-threads", "2", "-iter", str(job["epochs"]), "-binary", "0",
        "-vector-size", str(asked["dim"]), "-x-max", str(asked["x_max"]), "-alpha", str(asked["alpha"]),
        "-eta", str(asked["learning_rate"]), "-seed", str(job["seed"]), source=os.devnull, target="log",
    )  # fmt: skip
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return {"training": time.perf_counter() - begin, "peak_mb": peak}


SIDES: dict[str, _jobs.Side] = {
    "rowspace Word2Vec cbow": train_rowspace("Word2Vec", model="cbow"),
    "rowspace, classic gradient and center rows": train_rowspace(
        "Word2Vec", model="cbow", divided_gradient=False, combine="center"
    ),
    "gensim Word2Vec sg=0": train_gensim("Word2Vec", sg=0, hs=0),
    "rowspace Word2Vec hierarchical": train_rowspace("Word2Vec", loss="hierarchical"),
    "gensim Word2Vec sg=1 hs=1": train_gensim("Word2Vec", sg=1, hs=1),
    "rowspace FastText": train_rowspace("FastText"),
    "gensim FastText sg=1": train_gensim("FastText", sg=1, hs=0),
    "fastText skipgram": train_fasttext,
    "rowspace GloVe": train_rowspace("GloVe"),
    "GloVe's programs": train_glove,
    "rowspace PPMI": train_rowspace("PPMI"),
}


@dataclass(frozen=True)
class Model:
    """One comparison: who runs what."""

    sides: tuple[str, ...]
    settings: tuple[dict[str, Any], ...]
    epochs: int = 5


MODELS = {
    "cbow": Model(
        ("rowspace Word2Vec cbow", "rowspace, classic gradient and center rows", "gensim Word2Vec sg=0"),
        tuple(WINDOW | {"learning_rate": rate} for rate in (0.05, 0.1, 0.2)),
    ),
    "hierarchical": Model(("rowspace Word2Vec hierarchical", "gensim Word2Vec sg=1 hs=1"), (HIERARCHICAL,)),
    "fasttext": Model(("rowspace FastText", "gensim FastText sg=1", "fastText skipgram"), (SUBWORDS,)),
    "glove": Model(("rowspace GloVe", "GloVe's programs"), (CELLS,), epochs=10),
    "ppmi": Model(("rowspace PPMI",), (COUNTS,)),
}


def compare(name: str, corpus: Path, options: argparse.Namespace) -> list[str]:
    """The lines of one model: every side at every setting."""
    model, lines = MODELS[name], []
    score: Callable[[Path], Figures] = _jobs.score if options.score else _jobs.unscored
    sides = [side for side in model.sides if side != "GloVe's programs" or "GLOVE_HOME" in os.environ]
    _jobs.run(__file__, sides[0], _jobs.unscored, **warming(options.small, model))
    for settings in model.settings:
        job = {"corpus": str(corpus), "settings": settings, "epochs": model.epochs}
        runs: dict[str, list[Figures]] = {side: [] for side in sides}
        for seed in range(1, options.rounds + 1):
            for side in sides:
                runs[side].append(_jobs.run(__file__, side, score, seed=seed, **job))
        found = {side: _jobs.medians(each) for side, each in runs.items()}
        ours = found[sides[0]]["job"]
        for side, figures in found.items():
            faster = "" if side.startswith("rowspace") else f"{figures['job'] / ours:.1f} x"
            rate = f", rate {settings['learning_rate']}" if len(model.settings) > 1 else ""
            lines.append(
                f"| {side}{rate} | {figures['job']:.1f} | {figures['training']:.1f} | {faster} "
                f"| {figures['peak_mb']:.0f} | "
                + " | ".join(f"{figures.get(score, float('nan')):.3f}" for score in SCORES) + " |"
            )  # fmt: skip
    return lines


def warming(corpus: Path, model: Model) -> dict[str, Any]:
    """A short job that compiles the kernels of ours."""
    return {"corpus": str(corpus), "settings": model.settings[0], "epochs": 1, "seed": 1}


def main() -> None:
    """Compare the models and keep one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--work", type=json.loads, help=argparse.SUPPRESS)
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--corpus", type=Path, default=data_folder() / "corpus" / "wiki17.txt")
    parser.add_argument("--words", type=int, default=4_000_000)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    if options.work:
        _jobs.work(options.work, SIDES)
        return
    options.score = (data_folder() / "similarity").exists()
    with tempfile.TemporaryDirectory() as folder:
        corpus = first_words(options.corpus, options.words, Path(folder))
        options.small = Path(folder) / "small.txt"
        options.small.write_bytes(b"".join(corpus.read_bytes()[:1_000_000].splitlines(keepends=True)[:-1]))
        lines = [line for name in options.models for line in compare(name, corpus, options)]
        words = sum(len(line.split()) for line in corpus.open("rb"))
    asked = "" if options.models == list(MODELS) else f" --models {' '.join(options.models)}"
    heading = "| side | job, s | training, s | ours is faster | peak MB | " + " | ".join(SCORES) + " |"
    name = "models" if options.words == 4_000_000 and not asked else "models_" + "_".join(options.models)
    write(
        name,
        f"# Word-vector models: {words / 1e6:.1f} M words of {options.corpus.name}\n\n"
        f"`python benchmarks/models.py{asked} --words {options.words} --rounds {options.rounds}`\n\n"
        "dim 100, window 5, min count 5, 2 threads; 5 epochs, GloVe 10. Whole jobs, from text to saved "
        f"vectors; medians of {options.rounds} alternating rounds.\n\n"
        + "\n".join([heading, "|---|---|---|---|---|" + "---|" * len(SCORES), *lines])
        + f"\n\n{machine('rowspace', 'numba', 'numpy', 'gensim', 'fasttext')}\n",
    )


if __name__ == "__main__":
    main()
