"""The linear text classifier beside fastText and TF-IDF with logistic regression.

    python benchmarks/classification.py [--seeds 5] [--threads 2] [--sets mr subj ...]
                                        [--table ROWS] [--tune 1] [--cache FOLDER]
    python benchmarks/classification.py --folds 10 [--sets mr subj]
    python benchmarks/classification.py --choose

rowspace and fastText read the same file and train at the same settings (word bigrams, 10 epochs, learning
rate .5, dim 100), each run in a process of its own, alternately, once a seed. TF-IDF of words and bigrams
with logistic regression chooses C by cross-validation on the training texts alone. The same network in plain
torch takes steps on the same row ids, which are laid out for it beforehand. `--folds` cross-validates the
small sets over all their texts instead: a thousand test texts alone say little. `--cache` keeps the figures
of finished runs, so that an interrupted benchmark goes on; times that count are taken without it.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from _report import data_folder, machine, write
from _text_classifiers import BATCH, OTHERS, SETTINGS, SIDES, WARM_STEPS, Figures

SETS = ("mr", "subj", "sms-spam", "20news")
FOLDED = ("mr", "subj", "sms-spam")
STRENGTHS = (3, 10, 30, 100)
SLOW = 10_000_000  # bytes of texts above which logistic regression is left out: it takes minutes a fit
FOLDER_SEED = 17
EVIDENCE = (0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0)
CHOOSING_FOLDS = 5

Lines = list[tuple[str, str]]
Rows = list[tuple[str, list[float], list[float], list[float]]]  # accuracies of the three sides


def read_lines(path: Path) -> Lines:
    """Labels and texts of a TSV file."""
    lines = path.read_text(encoding="utf-8").split("\n")
    return [tuple(line.split("\t", 1)) for line in lines if line]  # type: ignore[misc]


def write_lines(lines: Lines, path: Path) -> Path:
    """A file in fastText's form."""
    text = "".join(f"__label__{label} {' '.join(text.split())}\n" for label, text in lines)
    path.write_text(text, encoding="utf-8")
    return path


VARIANTS = {
    "as it is": "as it is",
    "from zero": "rows start at zero",
    "tuned": "from rows of --table, tuned",
    "frozen": "frozen",
    "small": "compressed to 1 MB",
}
TORCH = {"Adam": 1e-3, "SGD": 0.5}


def work(job: dict[str, Any]) -> None:
    """One run in this process; its figures go to standard output as JSON."""
    figures = (SIDES | OTHERS)[job["side"]](job)
    print(json.dumps(figures | {"job": time.time() - job["begun"]}))


def run(side: str, train: Path, test: Path, *, cache: Path | None = None, **job: Any) -> Figures:
    """Start a run, and wait for it. `job` lasts from the start of the process to its last figure."""
    words = [train.stem, side, *(str(value) for value in job.values())]
    name = "-".join(words).replace(" ", "-").replace("/", "-")
    kept = cache / f"{name}.json" if cache else None
    if kept and kept.exists():
        return dict(json.loads(kept.read_text()))
    figures = run_anew(side, train, test, **job)
    if kept:
        kept.write_text(json.dumps(figures))
    return figures


def run_anew(side: str, train: Path, test: Path, **job: Any) -> Figures:
    """Start a run, and wait for it."""
    with tempfile.TemporaryDirectory() as folder:
        job |= {"side": side, "train": str(train), "test": str(test), "folder": folder, "begun": time.time()}
        command = [sys.executable, __file__, "--work", json.dumps(job)]
        result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    figures = json.loads(result.stdout.splitlines()[-1])
    print(
        train.stem, side, job["seed"], {name: round(value, 4) for name, value in figures.items()}, flush=True
    )
    return figures


def logistic(train: Lines, test: Lines) -> float:
    """The accuracy of TF-IDF and logistic regression, C chosen by three folds of the training texts."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV

    labels, texts = zip(*train, strict=True)
    terms = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    search = GridSearchCV(LogisticRegression(max_iter=2000), {"C": STRENGTHS}, cv=3)
    search.fit(terms.fit_transform(texts), labels)
    labels, texts = zip(*test, strict=True)
    return float(search.score(terms.transform(texts), labels))


def compare(name: str, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """All runs on the fixed split of one set."""
    cache, threads = options.cache, options.threads
    source = data_folder() / "classification" / name
    train, test = (read_lines(source / f"{part}.tsv") for part in ("train", "test"))
    files = [
        write_lines(lines, folder / f"{name}.{part}") for lines, part in ((train, "train"), (test, "test"))
    ]
    runs: dict[str, list[Figures]] = {side: [] for side in SIDES}
    for seed in range(1, options.seeds + 1):
        for side, figures in runs.items():
            figures.append(run(side, *files, cache=cache, seed=seed, threads=threads))
    small = files[0].stat().st_size < SLOW
    paces = {
        optimizer: run("torch", *files, cache=cache, seed=1, threads=threads, optimizer=optimizer, rate=rate)
        for optimizer, rate in TORCH.items()
    }
    paces["rowspace"] = run("rowspace steps", *files, cache=cache, seed=1, threads=threads)
    table = str(options.table) if options.table else ""
    variants = [
        run("rowspace variants", *files, cache=cache, seed=seed, threads=threads, table=table)
        for seed in range(1, options.seeds + 1)
    ]
    tuned = None
    if options.tune:
        tuned = run("rowspace tuned", *files, cache=cache, seed=1, threads=threads, minutes=options.tune)
    linear = logistic(train, test) if small else None
    return {**runs, "logistic": linear, "paces": paces, "variants": variants, "tuned": tuned}


def cross_validate(name: str, folder: Path, folds: int, threads: int) -> dict[str, list[float]]:
    """The accuracy of each fold over all texts of one set, which are shuffled once."""
    source = data_folder() / "classification" / name
    lines = [line for part in ("train", "test") for line in read_lines(source / f"{part}.tsv")]
    order = np.random.default_rng(FOLDER_SEED).permutation(len(lines))
    found: dict[str, list[float]] = {"rowspace": [], "fastText": [], "logistic": []}
    for seed, chosen in enumerate(np.array_split(order, folds), 1):
        tested = set(chosen.tolist())
        train = [line for place, line in enumerate(lines) if place not in tested]
        test = [lines[place] for place in chosen.tolist()]
        files = [
            write_lines(part, folder / f"{name}-fold.{kind}")
            for part, kind in ((train, "train"), (test, "test"))
        ]
        for side in SIDES:
            found[side].append(run(side, *files, seed=seed, threads=threads)["accuracy"])
        found["logistic"].append(logistic(train, test))
    return found


def choose(names: list[str], threads: int) -> str:
    """Accuracy by `evidence`, by cross-validation of the training texts alone; of 20news one fold."""
    from rowspace.corpus.labelled import open_labelled
    from rowspace.tasks.classification import TextClassifier

    lines = [
        f"| set | {' | '.join(f'evidence {value:g}' for value in EVIDENCE)} |",
        "|---" * (len(EVIDENCE) + 1) + "|",
    ]
    for name in names:
        data = open_labelled(data_folder() / "classification" / name / "train.tsv")
        parts = np.array_split(np.random.default_rng(FOLDER_SEED).permutation(len(data)), CHOOSING_FOLDS)
        found: dict[float, list[float]] = {value: [] for value in EVIDENCE}
        for number, part in enumerate(parts[: CHOOSING_FOLDS if name in FOLDED else 1]):
            rest = np.concatenate([other for place, other in enumerate(parts) if place != number])
            train, test = data.take(rest), data.take(part)
            for value, accuracies in found.items():
                recipe = TextClassifier(**SETTINGS, evidence=value, seed=number)
                accuracies.append(recipe.fit(train, threads=threads, progress=False).evaluate(test).accuracy)
        print(
            name,
            {value: round(statistics.mean(accuracies), 4) for value, accuracies in found.items()},
            flush=True,
        )
        lines.append(
            f"| {name} | {' | '.join(f'{100 * statistics.mean(each):.2f}' for each in found.values())} |"
        )
    return "\n".join(lines)


def spread(values: list[float]) -> str:
    """Mean and standard deviation in percent."""
    return f"{100 * statistics.mean(values):.2f} ± {100 * statistics.pstdev(values):.2f}"


def accuracy_table(rows: Rows) -> list[str]:
    """A line a set, and the means over sets."""
    lines = [
        "| set | rowspace | fastText | rowspace - fastText | TF-IDF(1,2) + logistic regression |",
        "|---|---|---|---|---|",
    ]
    for name, ours, theirs, linear in rows:
        gap = 100 * (statistics.mean(ours) - statistics.mean(theirs))
        last = spread(linear) if len(linear) > 1 else f"{100 * linear[0]:.2f}" if linear else "not run"
        lines.append(f"| {name} | {spread(ours)} | {spread(theirs)} | {gap:+.2f} | {last} |")
    compared = [row for row in rows if row[3]]
    parts = [rows] if len(compared) == len(rows) else [rows, compared]
    return lines + [mean_line(part) for part in parts if len(part) > 1]


def mean_line(rows: Rows) -> str:
    """The mean over sets of each side's mean."""
    ours, theirs = (100 * statistics.mean(statistics.mean(row[side]) for row in rows) for side in (1, 2))
    whole = all(row[3] for row in rows)
    last = f"{100 * statistics.mean(statistics.mean(row[3]) for row in rows):.2f}" if whole else ""
    names = ", ".join(row[0] for row in rows)
    return f"| **mean** of {names} | {ours:.2f} | {theirs:.2f} | {ours - theirs:+.2f} | {last} |"


def time_table(results: dict[str, Any]) -> list[str]:
    lines = [
        "| set | rowspace, s | fastText, s | ratio | worst ratio | with process and saving, s | model, MB |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, runs in results.items():
        pairs = list(zip(runs["rowspace"], runs["fastText"], strict=True))
        ratios = [theirs["fit"] / ours["fit"] for ours, theirs in pairs]
        middle = {
            (side, figure): statistics.median(figures[figure] for figures in runs[side])
            for side in SIDES
            for figure in ("fit", "job", "megabytes")
        }
        lines.append(
            f"| {name} | {middle['rowspace', 'fit']:.2f} | {middle['fastText', 'fit']:.2f} | "
            f"{statistics.median(ratios):.1f} | {min(ratios):.1f} | "
            f"{middle['rowspace', 'job']:.1f} against {middle['fastText', 'job']:.1f} | "
            f"{middle['rowspace', 'megabytes']:.0f} against {middle['fastText', 'megabytes']:.0f} |"
        )
    return lines


def pace_table(results: dict[str, Any]) -> list[str]:
    lines = [
        "| set | rowspace, texts/s | torch Adam | torch SGD, sparse | ratio to Adam | ratio to SGD |",
        "|---|---|---|---|---|---|",
    ]
    for name, runs in results.items():
        ours, adam, sgd = (runs["paces"][side]["texts_a_second"] for side in ("rowspace", "Adam", "SGD"))
        lines.append(
            f"| {name} | {ours:,.0f} | {adam:,.0f} | {sgd:,.0f} | {ours / adam:.1f} | {ours / sgd:.1f} |"
        )
    return lines


def variant_table(results: dict[str, Any]) -> list[str]:
    names = [name for name in VARIANTS if all(name in runs["variants"][0] for runs in results.values())]
    heads = [VARIANTS[name] for name in names]
    heads += ["settings by `tune`"] if all(runs["tuned"] for runs in results.values()) else []
    lines = [f"| set | {' | '.join(heads)} | small file, MB |"]
    lines.append("|---" * (len(heads) + 2) + "|")
    for name, runs in results.items():
        cells = [spread([figures[variant] for figures in runs["variants"]]) for variant in names]
        if runs["tuned"]:
            cells.append(f"{100 * runs['tuned']['accuracy']:.2f}")
        size = statistics.median(figures["small_megabytes"] for figures in runs["variants"])
        lines.append(f"| {name} | {' | '.join(cells)} | {size:.2f} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--folds", type=int, default=0, help="cross-validate instead, over so many")
    parser.add_argument("--choose", action="store_true", help="only: accuracy by evidence, on training texts")
    parser.add_argument("--sets", nargs="+", default=SETS)
    parser.add_argument(
        "--tune", type=float, default=0.0, help="minutes of a search for settings, for each set"
    )
    parser.add_argument("--table", type=Path, help="rows learned before, such as Word2Vec's of wiki17")
    parser.add_argument("--cache", type=Path, help="keep the figures of finished runs in this folder")
    parser.add_argument("--work", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work(json.loads(options.work))
        return
    if options.cache:
        options.cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.choose:
            table = choose(options.sets, options.threads)
            title = heading(
                "Text classification: how much evidence rows start with",
                f"--choose --threads {options.threads}",
            )
            told = f"Accuracy in percent, over {CHOOSING_FOLDS} folds of the training texts (20news: one)."
            write("classification_evidence", "\n".join([*title, told, "", table]) + "\n")
        elif options.folds:
            chosen = [each for each in options.sets if each in FOLDED]
            folds = {each: cross_validate(each, folder, options.folds, options.threads) for each in chosen}
            write("classification_folds", "\n".join(folds_report(options, folds)) + "\n")
        else:
            results = {each: compare(each, folder, options) for each in options.sets}
            write("classification", "\n".join(report(options, results)) + "\n")


def heading(title: str, flags: str) -> list[str]:
    return [
        f"# {title}",
        "",
        f"`python benchmarks/classification.py {flags}` on "
        f"{machine('rowspace', 'fasttext', 'scikit-learn', 'numba')}",
        "",
    ]


def report(options: argparse.Namespace, results: dict[str, Any]) -> list[str]:
    rows: Rows = []
    for name, runs in results.items():
        ours, theirs = ([figures["accuracy"] for figures in runs[side]] for side in SIDES)
        rows.append((name, ours, theirs, [] if runs["logistic"] is None else [runs["logistic"]]))
    flags = f"--seeds {options.seeds} --threads {options.threads}"
    flags += f" --sets {' '.join(options.sets)}" if tuple(options.sets) != SETS else ""
    flags += f" --table {options.table.name}" if options.table else ""
    flags += f" --tune {options.tune:g}" if options.tune else ""
    return [
        *heading("Text classification: the linear model", flags),
        "rowspace and fastText read the same file and train at the same settings: word bigrams, 10 epochs, "
        f"learning rate .5, dim 100, {options.threads} threads; each run in a process of its own, the sides "
        f"alternately, {options.seeds} seeds. Everything else is at its default.",
        "",
        "## Accuracy in percent on the fixed split: mean and standard deviation over seeds",
        "",
        *accuracy_table(rows),
        "",
        "Logistic regression chooses C from 3, 10, 30, 100 by three folds of the training texts; on 20news "
        "that takes too long.",
        "",
        "## Time from file to model in memory: medians",
        "",
        *time_table(results),
        "",
        "The ratio is the median over seeds of fastText's time by ours in the same round. The column before "
        "the last takes in the start of the process, imports, saving and scoring. Numba's cache is warm.",
        "",
        "## Accuracy in percent where one thing is changed",
        "",
        *variant_table(results),
        "",
        "## Training steps beside plain torch: texts a second",
        "",
        *pace_table(results),
        "",
        f"The torch side is nn.EmbeddingBag (mean) and nn.Linear on the same row ids in batches of {BATCH}, "
        f"laid out beforehand, after {WARM_STEPS} steps of warming up: torch.optim.Adam, and torch.optim.SGD "
        "with sparse gradients. Ours takes a step a text; its pace is that of the training alone, too.",
    ]


def folds_report(options: argparse.Namespace, folds: dict[str, dict[str, list[float]]]) -> list[str]:
    rows: Rows = [(name, *found.values()) for name, found in folds.items()]  # type: ignore[misc]
    return [
        *heading(
            "Text classification: cross-validation", f"--folds {options.folds} --threads {options.threads}"
        ),
        "Accuracy in percent over all texts of a set, training and test: mean and standard deviation over "
        "the folds, a seed each, which are the same for all sides.",
        "",
        *accuracy_table(rows),
    ]


if __name__ == "__main__":
    main()
