"""rs.best beside the best single models of rowspace, gensim and fastText on the same text.

    python benchmarks/best.py [--cache FOLDER] [--budget 10] [--dim 200] [--only NAME ...]

Every model sees the text five times, each at good settings of its own: wide windows and many negatives for
skip-gram, sub-sampling 1e-4. rs.best combines models of that dim in its own default dim. Rows are kept in
the cache, so that a run that was broken off goes on, and `--only` trains some sides now and others later.
Analogy totals are also given for the half of the questions that nothing was ever chosen on: while rs.best
was made, its models were compared on the other half, and on MTurk-287, RG-65 and MC-30. At run time it sees
no test set at all.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from _report import data_folder, machine, write

EPOCHS = 5
Rows = tuple[list[str], Any]  # keys by falling count, and float32 (keys, dim)
NOTE = (
    "Spearman's correlation of word pairs; analogies by 3CosAdd among the 30,000 most frequent words. The "
    "other half: those analogy questions that no choice was ever made on. Seconds are of a whole fit on a "
    "machine that others used too: read them as an order of size."
)
EVIDENCE = (
    "On evidence without labels: held-out text, and word forms found by spelling. No test set was given."
)
PAIRS = {"WS-353": "WS-353-ALL", "SimLex": "SIMLEX-999", "MTurk-287": "MTurk-287", "RG-65": "RG-65"}


def train_gensim(corpus: Path, dim: int) -> Rows:
    """Gensim's skip-gram: a wide window and many negatives, as small corpora want them."""
    from gensim.models import Word2Vec

    model = Word2Vec(
        corpus_file=str(corpus), vector_size=dim, window=10, negative=5, sample=1e-4, alpha=0.05,
        min_count=5, epochs=EPOCHS, sg=1, workers=2, seed=1,
    )  # fmt: skip
    return list(model.wv.index_to_key), model.wv.vectors


def train_fasttext(corpus: Path, dim: int) -> Rows:
    """FastText's skip-gram with 3- to 6-grams at its own defaults but for the dim."""
    import fasttext

    model = fasttext.train_unsupervised(
        str(corpus), model="skipgram", dim=dim, ws=5, neg=5, t=1e-4, minCount=5, lr=0.05, minn=3, maxn=6,
        bucket=2_000_000, epoch=EPOCHS, thread=2, verbose=0,
    )  # fmt: skip
    words = [word for word in model.words if word != "</s>"]
    return words, np.stack([model.get_word_vector(word) for word in words])


def train_gensim_fasttext(corpus: Path, dim: int) -> Rows:
    """Gensim's FastText, skip-gram with 3- to 6-grams."""
    from gensim.models import FastText

    model = FastText(
        corpus_file=str(corpus), vector_size=dim, window=5, negative=5, sample=1e-4, alpha=0.05, min_count=5,
        epochs=EPOCHS, sg=1, workers=2, seed=1, min_n=3, max_n=6, bucket=2_000_000,
    )  # fmt: skip
    return list(model.wv.index_to_key), model.wv.vectors


def train_skipgram(corpus: Path, dim: int) -> Rows:
    """Our own skip-gram at the settings of gensim's."""
    import rowspace as rs

    recipe = rs.Word2Vec(dim=dim, window=10, negatives=10, subsample=1e-4, epochs=EPOCHS)
    table = recipe.fit(corpus, threads=2, progress=False)
    return list(table.keys), table.vectors


def train_subwords(corpus: Path, dim: int) -> Rows:
    """Our own FastText at the settings of fastText."""
    import rowspace as rs

    recipe = rs.FastText(dim=dim, window=5, negatives=5, subsample=1e-4, epochs=EPOCHS)
    table = recipe.fit(corpus, threads=2, progress=False)
    return list(table.keys), table.vectors


def train_counts(corpus: Path, dim: int) -> Rows:
    """Our own PPMI."""
    import rowspace as rs

    table = rs.PPMI(dim=dim).fit(corpus, threads=2, progress=False)
    return list(table.keys), table.vectors


SIDES: dict[str, Callable[[Path, int], Rows]] = {
    "fastText skipgram": train_fasttext,
    "gensim Word2Vec sg=1": train_gensim,
    "gensim FastText sg=1": train_gensim_fasttext,
    "rowspace FastText": train_subwords,
    "rowspace Word2Vec": train_skipgram,
    "rowspace PPMI": train_counts,
}
BEST = "rs.best"


def cached(cache: Path, name: str, dim: int) -> Path:
    """Where a side's rows are kept."""
    return cache / f"{name.replace(' ', '-').replace('=', '')}-{dim}.npz"


def keep(path: Path, rows: Rows, seconds: float, steps: list[Any]) -> None:
    """Save rows, how long they took, and what rs.best says of its steps."""
    words, vectors = rows
    np.savez(
        path,
        words=np.array(words),
        vectors=np.asarray(vectors, np.float32),
        seconds=seconds,
        steps=json.dumps(steps),
    )
    print(path.name, round(seconds), "s", flush=True)


def train(name: str, options: argparse.Namespace) -> None:
    """Train one side, unless its rows are in the cache."""
    path = cached(options.cache, name, options.dim)
    if path.exists():
        return
    begin = time.monotonic()
    if name == BEST:
        from rowspace.selection.best import best

        table = best(options.corpus, options.budget, threads=2)
        seconds = time.monotonic() - begin
        keep(path, (list(table.keys), table.vectors), seconds, table.metadata["steps"])
        return
    rows = SIDES[name](options.corpus, options.dim)
    keep(path, rows, time.monotonic() - begin, [])


def score(words: list[str], vectors: Any) -> dict[str, float]:
    """Similarity and analogy scores; analogies also on the half that no choice was made on."""
    import rowspace as rs

    table, data = rs.Table.from_arrays(words, np.ascontiguousarray(vectors)), data_folder()
    found = {
        name: rs.evaluation.similarity(table, data / "similarity" / f"EN-{file}.txt", bootstrap=0).spearman
        for name, file in PAIRS.items()
    }
    questions = data / "analogies" / "questions-words.txt"
    whole = rs.evaluation.analogies(table, questions)
    with tempfile.TemporaryDirectory() as folder:
        other = rs.evaluation.analogies(table, other_half(questions, Path(folder)))
    for kind in ("semantic", "syntactic", "total"):
        found[kind] = getattr(whole, kind).accuracy
        found[f"{kind}, other half"] = getattr(other, kind).accuracy
    return {name: float("nan") if value is None else value for name, value in found.items()}


def other_half(questions: Path, folder: Path) -> Path:
    """A file of the questions that nothing was chosen on: a fixed half, drawn by chance."""
    rng, path = np.random.default_rng(0), folder / "other-half.txt"
    lines = questions.read_text(encoding="utf-8").splitlines()
    asked = [line for line in lines if line.strip() and not line.startswith(":")]
    drawn = iter((rng.random(len(asked)) >= 0.5).tolist())
    kept = [line for line in lines if line.startswith(":") or (line.strip() and next(drawn))]
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")
    return path


def report(options: argparse.Namespace) -> str:
    """The scores of every side in the cache, and the steps of rs.best."""
    lines, steps, header = [], [], ""
    for name in (*SIDES, BEST):
        path = cached(options.cache, name, options.dim)
        if not path.exists():
            continue
        with np.load(path) as kept:
            scores = score(kept["words"].tolist(), kept["vectors"])
            seconds, steps = float(kept["seconds"]), json.loads(str(kept["steps"])) or steps
        header = f"| side | {' | '.join(scores)} | seconds |\n|{'---|' * (len(scores) + 2)}"
        lines.append(
            f"| {name} | {' | '.join(f'{value:.3f}' for value in scores.values())} | {seconds:.0f} |"
        )
        print(lines[-1], flush=True)
    told = [
        f"| {step['step']} | {step['choice']} | {step['score']:.4f} | "
        f"{'' if step['gain'] is None else format(step['gain'], '+.4f')} | "
        f"{', '.join(f'{name} {value:.4f}' for name, value in step['evidence'].items())} |"
        for step in steps
    ]
    return "\n".join(
        [
            f"# rs.best beside single models: {options.corpus.name}\n",
            f"`python benchmarks/best.py --dim {options.dim} --budget {options.budget:g}`\n",
            f"Models of dim {options.dim}, {EPOCHS} epochs each, min count 5, 2 threads; rs.best combines "
            f"such models in its own default dim. {NOTE}\n",
            header,
            *lines,
            "\n## What each step of rs.best gained\n",
            f"{EVIDENCE}\n",
            "| step | choice | score | gain | evidence |\n|---|---|---|---|---|",
            *told,
            "\n" + machine("rowspace", "numba", "numpy", "gensim", "fasttext"),
            "",
        ]
    )


def main() -> None:
    """Train what is asked for, and report on all that is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=data_folder() / "corpus" / "wiki17.txt")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "rowspace-benchmark-best")
    parser.add_argument("--dim", type=int, default=200)
    parser.add_argument("--budget", type=float, default=10.0, help="minutes that rs.best may take")
    parser.add_argument("--only", nargs="*", choices=[*SIDES, BEST], help="the sides to train; default all")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    for name in (*SIDES, BEST) if options.only is None else options.only:
        train(name, options)
    write("best", report(options))


if __name__ == "__main__":
    main()
