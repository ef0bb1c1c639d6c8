"""Jobs: one side of a comparison, trained in a process of its own and then scored.

A job lasts from the start of the process to vectors saved in the side's own form: interpreter, imports,
reading, counting, training. A side is a function that takes the job and returns its figures; it saves its
vectors beside ``job["output"]`` and may leave in ``job["after"]`` what scoring needs but no job would do.
"""

from __future__ import annotations

import json
import math
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from _report import data_folder

SETS = ("WS-353-ALL", "SIMLEX-999", "MTurk-287")
SCORES = ("WS-353", "SimLex", "MTurk-287", "semantic", "syntactic", "mean")

Figures = dict[str, float]
Side = Callable[[dict[str, Any]], Figures]


def work(job: dict[str, Any], sides: dict[str, Side]) -> None:
    """One job in this process; its figures go to standard output as JSON."""
    figures = sides[job["side"]](job)
    figures["job"] = time.time() - job["begun"]
    figures["peak_mb"] = max(peak_megabytes(), figures.get("peak_mb", 0.0))
    job.get("after", lambda: None)()  # neither timed nor weighed
    print(json.dumps(figures))


def run(script: str, side: str, score: Callable[[Path], Figures], **job: Any) -> Figures:
    """Start a job of `script`, wait for it, and score the table it saved."""
    with tempfile.TemporaryDirectory() as folder:
        job |= {"side": side, "output": f"{folder}/table", "begun": time.time()}
        command = [sys.executable, script, "--work", json.dumps(job)]
        result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        figures = json.loads(result.stdout.splitlines()[-1]) | score(saved(Path(folder)))
    told = {name: round(value, 4) for name, value in figures.items()}
    print(side, job.get("settings"), told, flush=True)
    return figures


def saved(folder: Path) -> Path:
    """The table of a job: of several forms the one that says most."""
    return next(path for kind in (".rows", ".bin", ".txt") for path in folder.glob(f"table*{kind}"))


def peak_megabytes() -> float:
    """The most memory that this process had. ru_maxrss would count the parent's too, from before exec."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def score(path: Path) -> Figures:
    """Similarity (Spearman) and analogy (share right among the first 30,000) scores, and their mean."""
    import rowspace as rs

    table, data = rs.read(path, nonfinite="keep"), data_folder()
    pairs = [rs.evaluation.similarity(table, data / "similarity" / f"EN-{name}.txt") for name in SETS]
    answers = rs.evaluation.analogies(table, data / "analogies" / "questions-words.txt")
    found = [report.spearman for report in pairs] + [answers.semantic.accuracy, answers.syntactic.accuracy]
    values = [math.nan if value is None else value for value in found]
    return dict(zip(SCORES, [*values, statistics.mean(values)], strict=True))


def unscored(path: Path) -> Figures:
    """No scores: for runs that are only timed."""
    del path
    return {}


def medians(runs: Iterable[Figures]) -> Figures:
    """The median of each figure."""
    runs = list(runs)
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def first_words(corpus: Path, words: int, folder: Path) -> Path:
    """A file of whole lines with at least the first `words` words; 0 for all."""
    if not words:
        return corpus
    part, count = folder / f"{corpus.stem}-first.txt", 0
    with corpus.open("rb") as source, part.open("wb") as target:
        for line in source:
            target.write(line)
            count += len(line.split())
            if count >= words:
                return part
    return part
