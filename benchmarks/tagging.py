"""Named entities: our tagger, with and without pre-trained rows, against a CRF over hand-made features.

    python benchmarks/tagging.py [--sets wnut17 wikiann-en] [--seeds 2] [--threads 2]
        [--cache FOLDER] [--only NAME ...]

The peer is sklearn-crfsuite with the usual features of a word and its two neighbors; its penalties are those
of five pairs that score best on the validation file. Ours is `Tagger()` as it is, the epoch chosen on the
validation file: with random rows, and with rows that rs.Word2Vec has learned from `wiki17` beside them, in
place of them, or tuned. All are scored by the same count of spans. What a side scored is kept in the cache,
so that a run that was broken off goes on, and `--only` runs some sides now and others later.

The last table is of sentences a second in training, beside the same network on torch.nn.Embedding and
torch.optim.Adam; and beside the network as it is mostly written in PyTorch, with a convolution over padded
characters, torch.nn.LSTM, and a CRF whose gradient is left to autograd.
"""

from __future__ import annotations

import argparse
import json
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch

import rowspace as rs
from _plain_tagger import PlainTagger, plain_rows, prepared
from _report import data_folder, machine, write
from rowspace.nn import optim
from rowspace.tasks.tagging import Sentence, Tagger, read_sentences
from rowspace.tasks.tagging.learner import encoded
from rowspace.tasks.tagging.ranges import ranges_of
from rowspace.tasks.tagging.report import compare

PEER = "sklearn-crfsuite"
PENALTIES = ((0.1, 0.1), (0.3, 0.01), (0.1, 0.01), (0.03, 0.03), (0.01, 0.1))  # c1, c2
SPEED = "speed"
OURS, SWAPPED, PLAIN = SPEEDS = ("rowspace", "torch.nn.Embedding and torch.optim.Adam in it", "plain PyTorch")
Data = list[Sentence]
Run = dict[str, float]  # F1 on the validation file and on the test file, seconds, and those of the processor


def of_word(word: str, place: str) -> dict[str, Any]:
    """The usual features of one word."""
    return {
        f"{place}lower": word.lower(), f"{place}last 3": word[-3:], f"{place}last 2": word[-2:],
        f"{place}upper": word.isupper(), f"{place}title": word.istitle(), f"{place}digit": word.isdigit(),
    }  # fmt: skip


def features(tokens: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Of each word, with those of its neighbors, its first letters and its shape."""
    for place, word in enumerate(tokens):
        shape = "".join(
            "X" if sign.isupper() else "x" if sign.islower() else "0" if sign.isdigit() else sign
            for sign in word
        )
        found = {"bias": 1.0, **of_word(word, ""), "first 3": word[:3], "first 2": word[:2], "shape": shape}
        found |= of_word(tokens[place - 1], "-1 ") if place else {"first": True}
        found |= of_word(tokens[place + 1], "+1 ") if place + 1 < len(tokens) else {"last": True}
        yield found


def f1(data: Data, tags: Sequence[Sequence[str]]) -> float:
    """Span F1 of some tags."""
    return compare([ranges_of(each.tags) for each in data], [ranges_of(each) for each in tags], []).f1


def crfsuite(files: Sequence[Data], number: int, path: Path, options: argparse.Namespace) -> Run:
    """The peer with one of its penalties; it draws nothing, and takes one thread."""
    del options
    from sklearn_crfsuite import CRF

    looked = [[list(features(each.tokens)) for each in part] for part in files]
    first, second = PENALTIES[number - 1]
    peer = CRF(algorithm="lbfgs", c1=first, c2=second, max_iterations=100, all_possible_transitions=True)
    with clock(path) as spent:
        peer.fit(looked[0], [list(each.tags) for each in files[0]])
    validation, test = (f1(files[part], peer.predict(looked[part])) for part in (1, 2))
    return {"validation": validation, "test": test, **spent}


def ours(**fields: Any) -> Callable[..., Run]:
    """A side of our tagger; `pretrained` says what becomes of the rows of wiki17, which "none" leaves out."""
    pretrained = fields.pop("pretrained")

    def run(files: Sequence[Data], seed: int, path: Path, options: argparse.Namespace) -> Run:
        recipe = Tagger(seed=seed, **fields)
        rows = None
        if pretrained != "none":
            recipe, rows = Tagger(seed=seed, pretrained=pretrained, **fields), table(options)
        train, validation, test = ([(each.tokens, each.tags) for each in part] for part in files)
        kept = path.with_suffix(".part")
        with clock(path) as spent:
            model = recipe.fit(
                train, validation=validation, table=rows, threads=options.threads, progress=False,
                checkpoint=kept, resume=True,
            )  # fmt: skip
        kept.unlink()
        return {"validation": max(model.facts["scores"]), "test": model.evaluate(test).f1, **spent}

    return run


@contextmanager
def clock(path: Path) -> Iterator[Run]:
    """Seconds of the wall and of the processor, filled in at the end, with those of runs broken off."""
    kept, spent = path.with_suffix(".spent"), {"seconds": 0.0, "processor": 0.0}
    if kept.exists():
        spent = json.loads(kept.read_text(encoding="utf-8"))
    begun = time.perf_counter(), time.process_time()
    try:
        yield spent
    finally:
        spent["seconds"] += time.perf_counter() - begun[0]
        spent["processor"] += time.process_time() - begun[1]
        kept.write_text(json.dumps(spent), encoding="utf-8")


SIDES: dict[str, Callable[..., Run]] = {
    PEER: crfsuite,
    "random rows": ours(pretrained="none"),
    "rows of wiki17, both": ours(pretrained="both"),
    "rows of wiki17, frozen": ours(pretrained="frozen"),
    "rows of wiki17, tuned": ours(pretrained="tuned"),
}


def table(options: argparse.Namespace) -> rs.Table:
    """Rows learned from wiki17, in the cache."""
    path = options.cache / "wiki17.rows"
    if not path.exists():
        begun = time.perf_counter()
        recipe = rs.Word2Vec(dim=100, epochs=2, min_count=5, seed=1)
        made = recipe.fit(data_folder() / "corpus" / "wiki17.txt", threads=options.threads, progress=False)
        seconds = time.perf_counter() - begun
        rs.write(made, path)
        (options.cache / "wiki17.json").write_text(json.dumps({"seconds": seconds}), encoding="utf-8")
        print("wiki17", round(seconds), "s", flush=True)
    return rs.open(path)


def runs(name: str, side: str, options: argparse.Namespace) -> list[Run]:
    """What a side scored on a set, once for each seed; from the cache where it is there.

    Of the peer's penalties those count that score best on the validation file.
    """
    folder, found = data_folder() / "tagging" / name, []
    for number in range(1, 1 + (len(PENALTIES) if side == PEER else options.seeds)):
        path = options.cache / f"{name}, {side}, {number}.json"
        if not path.exists() and (options.only is None or side in options.only):
            files = [read_sentences(folder / f"{part}.conll") for part in ("train", "dev", "test")]
            path.write_text(json.dumps(SIDES[side](files, number, path, options)), encoding="utf-8")
            print(path.stem, path.read_text(encoding="utf-8"), flush=True)
        if path.exists():
            found.append(json.loads(path.read_text(encoding="utf-8")))
    return [max(found, key=lambda run: run["validation"])] if found and side == PEER else found


def line(side: str, found: Sequence[Run]) -> str:
    """A row of the table."""
    validation, test = (statistics.mean(run[part] for run in found) for part in ("validation", "test"))
    each = ", ".join(f"{run['test']:.4f}" for run in found)
    seconds, processor = (statistics.median(run[name] for run in found) for name in ("seconds", "processor"))
    return f"| {side} | {validation:.4f} | {test:.4f} | {each} | {seconds:.0f} | {processor:.0f} |"


def seconds_of(side: str, train: Data, rows: Any, most: int = 45) -> tuple[float, int]:
    """Seconds of training steps on so many batches, but the first five, and their sentences."""
    model = Tagger(pretrained="tuned")._model(train, rows)
    network: Any = model.network.train()
    data = encoded(model, train)
    batches: list[Any] = [data.batch(each) for each in data.shuffled(32, np.random.default_rng(0))[:most]]
    counts = [len(batch.steps.lengths) for batch in batches]
    kind: Any = torch.optim.Adam
    if side == OURS:
        kind = optim.Adam
    if side == SWAPPED:
        network.own, network.shapes = (Swapped(each) for each in (network.own, network.shapes))
        network.characters.rows = Swapped(network.characters.rows)
    if side == PLAIN:
        batches = [prepared(batch, network) for batch in batches]
        network = PlainTagger(network)
    optimizer, times = kind([each for each in network.parameters() if each.requires_grad], 0.005), []
    for batch in batches:
        begun = time.perf_counter()
        optimizer.zero_grad()
        (network(batch) if side == PLAIN else network.loss(batch)).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimizer.step()
        times.append(time.perf_counter() - begun)
    return sum(times[5:]), sum(counts[5:])


class Swapped(torch.nn.Module):
    """torch.nn.Embedding in the place of our layer: -1 is the unknown row."""

    def __init__(self, rows: Any) -> None:
        super().__init__()
        self.layer, self.num_embeddings = plain_rows(rows), rows.num_embeddings
        self.unknown = 0 if rows.inputs.unknown is None else rows.inputs.unknown.row

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """The vectors of row ids."""
        return self.layer(torch.where(ids < 0, self.unknown, ids))


@torch.no_grad()
def check_plain(train: Data) -> None:
    """The plain network must have our loss."""
    model = Tagger()._model(train, None)
    data = encoded(model, train)
    batch = data.batch(data.shuffled(32, np.random.default_rng(0))[0])
    own, plain = model.network.eval(), PlainTagger(model.network).eval()
    torch.testing.assert_close(plain(prepared(batch, own)).double(), own.loss(batch), rtol=1e-5, atol=1e-5)


def speeds(name: str, options: argparse.Namespace) -> list[str]:
    """Sentences a second of each side, alternated three times, the best of each; for two kinds of rows."""
    torch.set_num_threads(options.threads)
    train = read_sentences(data_folder() / "tagging" / name / "train.conll")[:2000]
    check_plain(train)
    lines = ["| in training | sentences a second | ours is faster |", "|---|---|---|"]
    for rows, told in ((None, "random rows"), (table(options), "tuned rows of wiki17")):
        rounds = [[seconds_of(side, train, rows) for side in SPEEDS] for _ in range(3)]
        best = [max(count / seconds for seconds, count in each) for each in zip(*rounds, strict=True)]
        lines += [
            f"| {told}: {side} | {speed:,.0f} | {best[0] / speed:.2f} times |"
            for side, speed in zip(SPEEDS, best, strict=True)
        ]
    return [*lines, ""]


def report(name: str, options: argparse.Namespace) -> str:
    """The text of the results on a set: all that is in the cache."""
    sides = {side: runs(name, side, options) for side in SIDES}
    kept = options.cache / f"{name}, {SPEED}.json"
    if not kept.exists() and (options.only is None or SPEED in options.only):
        kept.write_text(json.dumps(speeds(name, options)), encoding="utf-8")
    return "\n".join(
        [
            f"# Named entities: {name}\n",
            f"`python benchmarks/tagging.py --sets {name} --seeds {options.seeds} "
            f"--threads {options.threads}`\n",
            "Span F1 as conlleval counts it. Penalties and epochs are chosen on the validation file. Seconds",
            "are those of one training, and for ours include scoring the validation file after each epoch.\n",
            "| side | F1 validation | F1 test | test, each seed | seconds | of the processor |",
            "|---|---|---|---|---|---|",
            *(line(side, found) for side, found in sides.items() if found),
            "",
            *(json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else []),
            machine("rowspace", "torch", "sklearn-crfsuite"),
            "",
        ]
    )


def main() -> None:
    """Run what is asked for, and report on all that is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sets", nargs="+", default=["wnut17", "wikiann-en"])
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--cache", type=Path, default=Path(tempfile.gettempdir()) / "rowspace-benchmark-tagging"
    )
    parser.add_argument("--only", nargs="*", choices=[*SIDES, SPEED], help="the sides to run; default all")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the clock is kept
    options.cache.mkdir(parents=True, exist_ok=True)
    for name in options.sets:
        write(f"tagging_{name.partition('-')[0]}", report(name, options))


if __name__ == "__main__":
    main()
