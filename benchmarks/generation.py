"""Language models: ours against Kneser-Ney, losses, tied rows and given rows against each other, and speed.

    python benchmarks/generation.py [--threads 2] [--cache FOLDER] [--only PART ...]

Trains on the first 3,000,000 words of `wiki17` with 20,000 keys, and writes benchmarks/results/generation.md.
`kneser-ney` is an interpolated 4-gram with three discounts an order, on the same ids: the same keys, unknown
word and ends of sentences. `model` is the recipe below; the text of `wiki.test.txt` is scored once by each.
`losses` and `rows` compare on the first 200,000 words, three epochs each, on validation text alone; `speed`
takes training steps of the same network in ours and in plain torch, in turn. With a cache the parts that lie
there are not measured again, and a training that was cut short goes on.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the name that all of PyTorch's users know

import rowspace as rs
from _jobs import first_words
from _kneser_ney import KneserNey
from _report import data_folder, machine, write
from rowspace.nn import optim
from rowspace.nn.heads import Distinct, Unigram
from rowspace.tasks.generation import TextGenerator
from rowspace.tasks.generation.encoding import Rules, encode, learn_words
from rowspace.tasks.generation.network import LanguageNetwork, Sizes
from rowspace.tasks.generation.stretches import Stretches

WORDS, FEWER_WORDS, NUM_KEYS = 3_000_000, 200_000, 20_000
MODEL = TextGenerator(dim=128, hidden=256, dropout=0.0, epochs=2, learning_rate=0.008)
SMALL = replace(MODEL, dim=64, hidden=128, epochs=3, learning_rate=0.012)
VALIDATION_LINES = 400  # of the file, for the comparisons
STEPS, DROPOUT = 20, 0.1  # of the timed networks: steps of each side

Part = dict[str, Any]


@dataclass(frozen=True)
class Texts:
    """The files that the parts read."""

    folder: Path
    threads: int

    def first(self, words: int) -> Path:
        """The first words of wiki17."""
        place = self.folder / f"first-{words}"
        place.mkdir(exist_ok=True)
        return first_words(self.of("wiki17"), words, place)

    def validation(self) -> Path:
        """The first lines of the validation text."""
        path = self.folder / "validation.txt"
        lines = self.of("wiki.valid").read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join(lines[:VALIDATION_LINES]), encoding="utf-8")
        return path

    @staticmethod
    def of(name: str) -> Path:
        """A file of the corpus."""
        return data_folder() / "corpus" / f"{name}.txt"

    def encoded(self, words: int, *others: Path) -> tuple[Any, list[np.ndarray]]:
        """The vocabulary of the first words, and the ids of them and of other texts."""
        rules, found = Rules(), []
        with rules.scan(self.first(words)) as scan:
            keys = learn_words(scan, num_keys=NUM_KEYS, min_count=MODEL.min_count)
            found.append(encode(scan, keys))
        for path in others:
            with rules.scan(path) as scan:
                found.append(encode(scan, keys))
        return keys, found


def kneser_ney(texts: Texts) -> Part:
    """Contexts that end with their sentence, or do not: what is better on validation text."""
    keys, (train, validation, test) = texts.encoded(WORDS, texts.of("wiki.valid"), texts.of("wiki.test"))
    begun = time.perf_counter()
    models = [KneserNey(train, len(keys), end=end) for end in (None, keys.find("</s>"))]
    seconds = (time.perf_counter() - begun) / len(models)
    scores = [model.perplexity(validation) for model in models]
    best = models[int(np.argmin(scores))]
    return {"validation": min(scores), "test": best.perplexity(test), "seconds": seconds}


def model(texts: Texts) -> Part:
    """Ours."""
    fitted = MODEL.fit(
        texts.first(WORDS), validation=texts.validation(), threads=texts.threads,
        checkpoint=texts.folder / "model.checkpoint", resume=True, progress=None,
    )  # fmt: skip
    fitted.save(texts.folder / "model.rows")
    reports = {name: fitted.evaluate(texts.of(f"wiki.{name}")) for name in ("valid", "test")}
    return {
        "validation": reports["valid"].perplexity,
        "test": reports["test"].perplexity,
        "seconds": fitted.facts["seconds"],
        "tokens": reports["test"].tokens,
        "unknown": reports["test"].unknown_share,
        "keys": len(fitted.words),
        "trained": fitted.facts["tokens"],
        "epochs": fitted.facts["perplexities"],
        "after": {
            prefix: fitted.complete(prefix, temperature=0.7, repetition=1.3, length=20)
            for prefix in ("the king of", "the river", "in physics")
        },
        "next": {prefix: fitted.suggest(prefix) for prefix in ("the united", "he was born in")},
    }


def compared(texts: Texts, part: str, sides: dict[str, tuple[TextGenerator, Any]]) -> Part:
    """Validation perplexity and processor seconds of recipes, each with a table or without."""
    kept = texts.folder / f"{part}.sides"
    found: Part = json.loads(kept.read_text()) if kept.exists() else {}
    for name, (recipe, table) in sides.items():
        if name in found:
            continue
        begun = time.process_time()
        fitted = recipe.fit(
            texts.first(FEWER_WORDS), validation=texts.validation(), table=table, threads=texts.threads
        )
        found[name] = [min(fitted.facts["perplexities"]), time.process_time() - begun]
        print(name, found[name], flush=True)
        kept.write_text(json.dumps(found), encoding="utf-8")
    return found


def losses(texts: Texts) -> Part:
    """Each loss, tied and not."""
    kinds = [("sampled", True), ("full", True), ("sampled", False), ("adaptive", True), ("adaptive", False),
             ("full", False)]  # fmt: skip
    sides = {
        f"{loss}, {'tied' if tied else 'untied'}": (replace(SMALL, loss=loss, tied=tied), None)
        for loss, tied in kinds
    }
    return compared(texts, "losses", sides)


def rows(texts: Texts) -> Part:
    """Random rows, and rows that Word2Vec learned from the words of the model."""
    table = rs.Word2Vec(dim=SMALL.dim, epochs=2, min_count=5, seed=1).fit(
        texts.first(WORDS), threads=texts.threads, progress=False
    )
    return compared(
        texts,
        "rows",
        {
            "random": (SMALL, None),
            "Word2Vec, tuned": (SMALL, table),
            "Word2Vec, frozen": (replace(SMALL, pretrained="frozen"), table),
        },
    )


class Plain(torch.nn.Module):
    """The same network of torch's own parts, its output tied to its input."""

    def __init__(self, twin: LanguageNetwork, counts: np.ndarray) -> None:
        super().__init__()
        sizes = twin.sizes
        self.rows = torch.nn.Embedding(len(counts), sizes.dim)
        self.rows.weight.data.copy_(twin.rows.weight.data)
        self.lstm = torch.nn.LSTM(sizes.dim, sizes.hidden, sizes.layers)
        self.project = torch.nn.Linear(sizes.hidden, sizes.dim)
        self.bias = torch.nn.Parameter(torch.zeros(len(counts)))
        self.sampler = Distinct(Unigram(counts, 1.0))
        self.sizes, self.states = sizes, None

    def loss(self, ids: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """The mean loss of a stretch."""
        hidden, states = self.lstm(self._held(self.rows(ids)), self.states)
        self.states = tuple(state.detach() for state in states)
        hidden, targets = self._held(self.project(hidden)).flatten(0, 1), targets.flatten()
        if self.sizes.loss == "full":
            return F.cross_entropy(F.linear(hidden, self.rows.weight, self.bias), targets)
        drawn = self.sampler.sample(self.sizes.samples)
        shift = [
            self.bias[each] - self.sampler.log_expected_count(each, len(drawn)).float()
            for each in (targets, drawn)
        ]
        own = (hidden * self.rows(targets)).sum(1) + shift[0]
        others = F.linear(hidden, self.rows(drawn), shift[1])
        others = others.masked_fill(drawn == targets[:, None], -torch.inf)
        return F.cross_entropy(torch.cat([own[:, None], others], 1), torch.zeros_like(targets))

    def _held(self, vectors: torch.Tensor) -> torch.Tensor:
        kept = 1 - self.sizes.dropout
        return vectors * torch.empty_like(vectors[:1]).bernoulli_(kept).div_(kept)


def speed(texts: Texts) -> Part:
    """Tokens a second of both sides, each step in turn: of the best step, as other work only adds."""
    torch.set_num_threads(texts.threads)
    keys, (ids,) = texts.encoded(WORDS)
    found: Part = {}
    for loss in ("full", "sampled"):
        sizes = Sizes(
            "recurrent", MODEL.dim, MODEL.hidden, 1, MODEL.dropout, loss, True, MODEL.samples, MODEL.length
        )
        ours = LanguageNetwork(keys, sizes).train()
        stretches = Stretches.of(ids, columns=MODEL.batch, length=MODEL.length)
        ours.begin(stretches.columns)
        plain = Plain(ours, keys.counts).train()
        sides = {
            "ours": (ours, optim.Adam(ours.parameters(), 0.01)),
            "plain": (plain, torch.optim.Adam(plain.parameters(), 0.01)),
        }
        times: dict[str, list[float]] = {name: [] for name in sides}
        for chosen in stretches.order(np.random.default_rng(0))[:STEPS]:
            batch = [torch.from_numpy(block) for block in stretches.block(chosen)]
            for name, (network, optimizer) in sides.items():
                times[name].append(step(network, optimizer, batch))
        tokens = MODEL.batch * MODEL.length
        rates = {name: tokens / min(seconds) for name, seconds in times.items()}
        found[loss] = [rates["ours"], rates["plain"]]
        print(loss, rates, flush=True)
    return found


def step(network: Any, optimizer: Any, batch: list[torch.Tensor]) -> float:
    """The seconds of a training step."""
    begun = time.perf_counter()
    optimizer.zero_grad()
    network.loss(*batch).backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
    optimizer.step()
    return time.perf_counter() - begun


PARTS: dict[str, Callable[[Texts], Part]] = {
    "kneser-ney": kneser_ney, "model": model, "losses": losses, "rows": rows, "speed": speed,
}  # fmt: skip


def report(found: dict[str, Part], threads: int) -> str:
    """The text of the results, of the parts that were measured."""
    lines = [
        "# Language models\n",
        f"`python benchmarks/generation.py --threads {threads}`\n",
        f"Trained on the first {WORDS:,} words of wiki17 with {NUM_KEYS:,} keys. Choices were made on",
        "validation text; the test text was scored at the end. Ends and unknown words count.\n",
    ]
    if "model" in found and "kneser-ney" in found:
        lines += ["| side | perplexity, validation | perplexity, test | seconds |", "|---|---|---|---|"]
        sides = {"Kneser-Ney, 4-gram": found["kneser-ney"], recipe_text(): found["model"]}
        lines += [
            f"| {name} | {each['validation']:.1f} | {each['test']:.1f} | {each['seconds']:.0f} |"
            for name, each in sides.items()
        ]
        own = found["model"]
        lines += [
            f"\n{own['tokens']:,} tokens were scored; {100 * own['unknown']:.1f} % of the words are unknown.",
            "What follows some beginnings, at temperature 0.7, and the likeliest next words:\n",
            *(f"* {prefix}: *{text}*" for prefix, text in own["after"].items()),
            *(
                f"* {prefix} ... " + ", ".join(f"{word} {chance:.3f}" for word, chance in words)
                for prefix, words in own["next"].items()
            ),
        ]
    for name, title in (("losses", "Losses, tied rows and own output rows"), ("rows", "Given rows")):
        if name in found:
            lines += [
                f"\n## {title}\n",
                f"{SMALL.epochs} epochs of the first {FEWER_WORDS:,} words, dim {SMALL.dim}: as many steps",
                f"for each side, scored on {VALIDATION_LINES} lines of validation text.\n",
                "| side | perplexity | processor seconds |\n|---|---|---|",
                *(
                    f"| {side} | {score:.1f} | {seconds:.0f} |"
                    for side, (score, seconds) in found[name].items()
                ),
            ]
    if "speed" in found:
        lines += [
            "\n## Training steps beside plain torch\n",
            "The same network of nn.Embedding, nn.LSTM, a tied F.linear and torch.optim.Adam; sampled by the",
            "same sampler. Each side's best step, with both stepping in turn.\n",
            "| loss | rowspace, tokens/s | torch, tokens/s | ratio |\n|---|---|---|---|",
            *(f"| {loss} | {a:,.0f} | {b:,.0f} | {a / b:.2f} |" for loss, (a, b) in found["speed"].items()),
        ]
    return "\n".join([*lines, f"\n{machine('rowspace', 'torch')}\n"])


def recipe_text() -> str:
    """The model's recipe, where it differs from the defaults."""
    usual = asdict(TextGenerator())
    changed = ", ".join(f"{name}={value!r}" for name, value in asdict(MODEL).items() if value != usual[name])
    return f"`TextGenerator({changed})`"


def main() -> None:
    """Measure the parts and keep the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--only", nargs="+", choices=list(PARTS), default=list(PARTS))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.cache or Path(temporary)
        folder.mkdir(exist_ok=True, parents=True)
        for name in options.only:
            kept = folder / f"{name}.json"
            if not kept.exists():
                kept.write_text(json.dumps(PARTS[name](Texts(folder, options.threads))), encoding="utf-8")
        kept_parts = {name: folder / f"{name}.json" for name in PARTS}
        found = {name: json.loads(path.read_text()) for name, path in kept_parts.items() if path.exists()}
    write("generation", report(found, options.threads))


if __name__ == "__main__":
    main()
