"""Vocabulary and encoding against gensim's scan and fastText's reading of the same file.

    python benchmarks/vocabulary.py [--corpus FILE] [--threads 2] [--rounds 3]

Each side runs in a process of its own, in turn, and times what comes between "the imports are done and
kernels are compiled" and "the corpus can be trained on":

* rowspace: scan, vocabulary, int32 stream of row ids on disk.
* gensim: Word2Vec.build_vocab(corpus_file=...), of which "scan" is scan_vocab alone. It writes no stream;
  its training reads the text again in each epoch.
* fastText: train_unsupervised(dim=1, epoch=0, neg=1, bucket=0), so hardly more than its reading. It writes
  no stream either.

Both others read with one thread, whatever is asked for.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

from _report import data_folder, machine, write

MIN_COUNT = 5

SIDES = {
    "rowspace": """
from rowspace.corpus import open_corpus
from rowspace.vocabulary import build_words, rows_of_scan
def run(path, threads):
    begin = time.perf_counter()
    with open_corpus(path).scan(threads=threads) as scan:
        scanned = time.perf_counter()
        words = build_words(scan, min_count=5)
        encoded = scan.encode(rows_of_scan(scan, words))
    end = time.perf_counter()
    report(scan=scanned - begin, all=end - begin, tokens=scan.num_tokens, rows=len(words))
small = pathlib.Path(tempfile.mkdtemp()) / "small.txt"
small.write_text("a b c " * 5)
keep, report = report, lambda **_: None
run(small, threads)
report = keep
""",
    "gensim": """
from gensim.models import Word2Vec
def run(path, threads):
    model = Word2Vec(vector_size=1, min_count=5, workers=threads)
    begin = time.perf_counter()
    tokens, _ = model.scan_vocab(corpus_file=path)
    scanned = time.perf_counter()
    model.prepare_vocab(update=False, keep_raw_vocab=False, trim_rule=None, min_count=5)
    model.prepare_weights()
    end = time.perf_counter()
    report(scan=scanned - begin, all=end - begin, tokens=tokens, rows=len(model.wv))
""",
    "fastText": """
import fasttext
def run(path, threads):
    begin = time.perf_counter()
    model = fasttext.train_unsupervised(
        path, dim=1, epoch=0, neg=1, bucket=0, minn=0, maxn=0, minCount=5, thread=threads, verbose=0
    )
    end = time.perf_counter()
    words, counts = model.get_words(include_freq=True)
    report(scan=end - begin, all=end - begin, tokens=0, rows=len(words))
""",
}
PROGRAM = """
import json, pathlib, resource, sys, tempfile, time
def report(**figures):
    usage = resource.getrusage(resource.RUSAGE_SELF)
    figures["peak_mb"] = usage.ru_maxrss / 1024
    figures["cpu"] = usage.ru_utime + usage.ru_stime - begin_cpu
    print(json.dumps(figures))
path, threads = sys.argv[1], int(sys.argv[2])
{side}
usage = resource.getrusage(resource.RUSAGE_SELF)
begin_cpu = usage.ru_utime + usage.ru_stime
run(path, threads)
"""


def measure(side: str, corpus: Path, threads: int) -> dict[str, float]:
    """One run of one side in a fresh process."""
    program = PROGRAM.replace("{side}", SIDES[side])
    command = [sys.executable, "-c", program, str(corpus), str(threads)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(result.stdout.splitlines()[-1])


def table(figures: dict[str, list[dict[str, float]]], tokens: int) -> str:
    """The medians as a Markdown table; ratios are rowspace's whole job against the other's."""
    lines = [
        "| side | scan, s | all, s | all, CPU s | M words/s (all) | ours is faster (all) | rows | peak MB |",
        "|---|---|---|---|---|---|---|---|",
    ]
    ours = statistics.median(run["all"] for run in figures["rowspace"])
    for side, runs in figures.items():
        rows = f"{runs[0]['rows']:.0f}"
        scan, total, cpu, peak = (
            statistics.median(run[name] for run in runs) for name in ("scan", "all", "cpu", "peak_mb")
        )
        lines.append(
            f"| {side} | {scan:.2f} | {total:.2f} | {cpu:.2f} | {tokens / total / 1e6:.1f} "
            f"| {total / ours:.1f} x | {rows} | {peak:.0f} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=data_folder() / "corpus" / "wiki17.txt")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    figures: dict[str, list[dict[str, float]]] = {side: [] for side in SIDES}
    measure("rowspace", options.corpus, options.threads)  # compiles the kernels, once a machine
    for _ in range(options.rounds):
        for side, runs in figures.items():
            runs.append(measure(side, options.corpus, options.threads))
            print(side, runs[-1], flush=True)
    tokens = int(figures["rowspace"][0]["tokens"])
    text = (
        f"# Vocabulary and encoding of {options.corpus.name} ({tokens:,} words, min count {MIN_COUNT})\n\n"
        f"`python benchmarks/vocabulary.py --threads {options.threads} --rounds {options.rounds}`: medians "
        f"of {options.rounds} alternating runs, {options.threads} threads; gensim and fastText read with "
        "one.\n\n"
        f"{table(figures, tokens)}\n\n"
        f"{machine('rowspace', 'numba', 'gensim', 'fasttext')}\n"
    )
    write("vocabulary", text)


if __name__ == "__main__":
    main()
