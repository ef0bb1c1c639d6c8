"""Translation: both ways between English and German, and what attention, tied rows and a beam bring.

    python benchmarks/translation.py [--ways en-de de-en] [--variants NAME ...] [--variant-epochs 2]
                                     [--threads 2] [--cache FOLDER] [--part 0]

`Translator()` learns the Tatoeba pairs, the epoch chosen by BLEU on the validation file. Then, from English
to German and with fewer epochs: attention against none, tied rows against untied, and the transformer. The
last table compares a training step with the same network made of torch.nn.Embedding, torch.nn.Linear,
scaled_dot_product_attention, torch.nn.Dropout, cross_entropy over all places and torch.optim.Adam. Models
and lines are kept in the cache, so that a run that was broken off goes on. `--part` takes so many training
pairs alone (0: all).
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812

from _report import data_folder, machine, write
from rowspace.tasks.networks import Dropout
from rowspace.tasks.translation import TranslationModel, Translator, read_pairs
from rowspace.tasks.translation.attention import Attention
from rowspace.tasks.translation.batches import Batch
from rowspace.tasks.translation.learning import Learning, adam
from rowspace.tasks.translation.parallel_text import Pair

Pairs = list[Pair]
VARIANTS = {
    "as it is": {},
    "without attention": {"attention": False},
    "untied rows": {"tied": False},
    "transformer": {"network": "transformer", "layers": 2, "learning_rate": 0.0015},
}
BACKWARD = {"en-de": False, "de-en": True}
TIMED_STEPS = 12


def pairs_of(name: str) -> Path:
    """A file of the Tatoeba pairs."""
    return data_folder() / "translation" / "tatoeba-en-de" / f"{name}.tsv"


def trained(
    name: str, recipe: Translator, pairs: Pairs, options: Any
) -> tuple[TranslationModel, dict[str, float]]:
    """A model of the recipe and what it took, from the cache where it is there."""
    path, told = options.cache / f"{name}.rows", options.cache / f"{name}.json"
    if not told.exists():
        begun, busy = time.perf_counter(), time.process_time()
        model = recipe.fit(pairs, validation=pairs_of("valid"), threads=options.threads)
        seconds = {"wall": time.perf_counter() - begun, "busy": time.process_time() - busy}
        model.save(path)
        told.write_text(json.dumps(seconds), encoding="utf-8")
    model, seconds = TranslationModel.load(path), json.loads(told.read_text(encoding="utf-8"))
    if model.facts["recipe"] != asdict(recipe):
        raise SystemExit(f"{path} comes from another recipe; choose another --cache")
    return model, seconds


def minutes(seconds: dict[str, float]) -> str:
    """Of the clock, and of all threads."""
    return f"{seconds['wall'] / 60:.1f} ({seconds['busy'] / 60:.1f})"


def whole(way: str, pairs: Pairs, options: Any) -> list[str]:
    """Lines of a table: the recipe as it is, on both files, with one hypothesis and with four."""
    model, seconds = trained(way, Translator(backward=BACKWARD[way]), pairs, options)
    known = {side for pair in pairs for side in pair}
    test = read_pairs(pairs_of("test"))
    new = [pair for pair in test if not known.intersection(pair)]
    lines = []
    for name, data in (("valid", read_pairs(pairs_of("valid"))), ("test", test), ("test, new", new)):
        for beam in (1, 4):
            begun = time.perf_counter()
            found = model.evaluate(data, beam=beam)
            spent = time.perf_counter() - begun
            cells = f"{found.bleu:.2f} | {found.bleu_of_all:.2f} | {found.chrf:.2f} | {found.loss:.3f}"
            lines.append(
                f"| {way}, {name} | {found.pairs:,} | {beam} | {cells} | {spent:.0f} | {minutes(seconds)} |"
            )
    return lines


def variant(name: str, pairs: Pairs, options: Any) -> str:
    """A line of a table: a variant on the validation file, and what it took."""
    recipe = Translator(epochs=options.variant_epochs, **VARIANTS[name])
    model, seconds = trained(f"{name}, {options.variant_epochs}", recipe, pairs, options)
    rows = sum(each.numel() for each in model.network.parameters())
    found = model.evaluate(pairs_of("valid"))
    cells = f"{found.bleu:.2f} | {found.bleu_of_all:.2f} | {found.chrf:.2f} | {found.loss:.3f}"
    return f"| {name} | {rows / 1e6:.2f} | {cells} | {minutes(seconds)} |"


def learning_of(recipe: Translator, pairs: Pairs) -> Learning:
    """What a training of the recipe begins with."""
    torch.manual_seed(recipe.seed)
    return Learning.of(
        recipe._model(pairs), pairs, validation=[], measure=recipe.measure, batch_pieces=recipe.batch,
        smoothing=recipe.smoothing, precision=recipe.precision, seed=recipe.seed,
    )  # fmt: skip


class Plain:
    """The same network with PyTorch's own parts, over all places of a batch."""

    def __init__(self, learning: Learning, recipe: Translator) -> None:
        self.network, self.smoothing = learning.network.train(), recipe.smoothing
        self.rows = torch.nn.Embedding.from_pretrained(
            self.network.source.weight.detach().clone(), freeze=False
        )
        self.bias = torch.nn.Parameter(torch.zeros(self.rows.num_embeddings))
        body = self.network.body
        for module in list(body.modules()):
            for name, part in list(module.named_children()):
                if isinstance(part, Dropout):
                    setattr(module, name, torch.nn.Dropout(recipe.dropout))
                if isinstance(part, Attention):
                    part.forward = plain_attention.__get__(part)
        self.optimizer = torch.optim.Adam(
            [*body.parameters(), *self.rows.parameters(), self.bias], betas=(0.9, 0.98)
        )

    def step(self, batch: Batch) -> None:
        """One step of training."""
        body, scale = self.network.body, self.network.scale
        is_padding = torch.arange(batch.source.shape[1]) >= batch.lengths.unsqueeze(1)
        mask = torch.zeros(batch.source.shape).masked_fill(is_padding, -torch.inf)[:, None, None]
        states = body.read(scale * self.rows(batch.source), mask)
        logits = F.linear(
            body.write(states, mask, scale * self.rows(batch.given)), self.rows.weight, self.bias
        )
        wanted = torch.full(batch.given.shape, -100)
        wanted.view(-1)[batch.places] = batch.wanted
        self.optimizer.zero_grad()
        loss = F.cross_entropy(logits.flatten(0, 1), wanted.flatten(), label_smoothing=self.smoothing)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.optimizer.param_groups[0]["params"], 1.0)
        self.optimizer.step()


def plain_attention(self: Attention, states: Any, keys: Any, values: Any, mask: Any = None) -> torch.Tensor:
    """The same by PyTorch's fused function."""
    taken = F.scaled_dot_product_attention(self._split(self.queries(states)), keys, values, mask)
    return self.output(taken.transpose(1, 2).flatten(2))


class Ours:
    """A step as training makes it."""

    def __init__(self, learning: Learning, recipe: Translator) -> None:
        learning.network.train()
        self.learning, self.optimizer = learning, adam(learning.network.parameters(), recipe.learning_rate)

    def step(self, batch: Batch) -> None:
        """One step of training."""
        self.optimizer.zero_grad()
        self.learning.loss(batch)[0].backward()
        torch.nn.utils.clip_grad_norm_(self.learning.network.parameters(), 1.0)
        self.optimizer.step()


def speed(side: Any, batches: list[Batch]) -> float:
    """Pieces of sources and targets a second of processor time, by the median step."""
    rates = []
    for batch in batches:
        begun = time.process_time()
        side.step(batch)
        pieces = int(batch.lengths.sum()) + len(batch.wanted)
        rates.append(pieces / (time.process_time() - begun))
    return statistics.median(rates[len(rates) // 8 :])  # without the first


def speeds(pairs: Pairs, threads: int) -> list[str]:
    """Both networks on both sides, alternated twice; the better round of each."""
    lines = [
        "| network | ours, bfloat16 | ours, float32 | plain PyTorch, float32 | ratios |",
        "|---|---|---|---|---|",
    ]
    torch.set_num_threads(threads)
    for name in ("as it is", "transformer"):
        recipe = Translator(**VARIANTS[name])
        sides = [
            Ours(learning_of(replace(recipe, precision="bfloat16"), pairs), recipe),
            Ours(learning_of(replace(recipe, precision="float32"), pairs), recipe),
            Plain(learning_of(recipe, pairs), recipe),
        ]
        learning = learning_of(recipe, pairs)
        batches = list(map(learning.batch, learning.order(np.random.default_rng(0))[:TIMED_STEPS]))
        rounds = [[speed(side, batches) for side in sides] for _ in range(2)]
        halves, own, plain = (max(each) for each in zip(*rounds, strict=True))
        ratios = f"{halves / plain:.1f}, {own / plain:.1f}"
        shown = f"recurrent | {halves:,.0f}" if name == "as it is" else f"{name} | {halves:,.0f}"
        lines.append(f"| {shown} | {own:,.0f} | {plain:,.0f} | {ratios} |")
    return lines


def kept(name: str, options: Any, make: Callable[[], list[str]]) -> list[str]:
    """Lines from the cache, made where it has none."""
    path = options.cache / f"{name}, {options.part}.lines.json"
    if not path.exists():
        path.write_text(json.dumps(make()), encoding="utf-8")
    lines: list[str] = json.loads(path.read_text(encoding="utf-8"))
    print(*lines, sep="\n", flush=True)
    return lines


def report(options: Any) -> str:
    """The text of the results."""
    pairs = read_pairs(pairs_of("train"))[: options.part or None]
    asked = f"--variant-epochs {options.variant_epochs} --threads {options.threads} --part {options.part}"
    fast = kept("speeds", options, lambda: speeds(pairs, options.threads))
    variants = [
        line
        for name in options.variants
        for line in kept(
            f"{name}, {options.variant_epochs} epochs",
            options,
            lambda name=name: [variant(name, pairs, options)],
        )
    ]
    ways = [
        line
        for way in options.ways
        for line in kept(f"{way} scores", options, lambda way=way: whole(way, pairs, options))
    ]
    return "\n".join(
        [
            f"# Translation: Tatoeba, English and German, {len(pairs):,} pairs\n",
            f"`python benchmarks/translation.py {asked}`\n",
            'BLEU and chrF by sacreBLEU as it comes: each pair against its own target alone, and, as "all",',
            'each source once against all its targets. "New" leaves out pairs of which a side stands in the',
            "training file. The loss is that of a piece. Minutes are of the clock, in brackets of all",
            "threads together; the scoring of each epoch is in them.",
            "The epoch was chosen on the validation file.\n",
            "| way, file | pairs | beam | BLEU | BLEU, all | chrF | loss | s to score | min to train |",
            "|---|---|---|---|---|---|---|---|---|",
            *ways,
            f"\nen-de, {options.variant_epochs} epochs, validation file, beam 4:\n",
            "| network | million parameters | BLEU | BLEU, all | chrF | loss | min to train |",
            "|---|---|---|---|---|---|---|",
            *variants,
            "\nPieces of both sides a second of processor time, in a training step of all:\n",
            *fast,
            f"\n{machine('rowspace', 'torch', 'tokenizers', 'sacrebleu')}\n",
        ]
    )


def main() -> None:
    """Train, score, time, and keep the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--ways", nargs="*", default=list(BACKWARD), choices=list(BACKWARD))
    parser.add_argument("--variants", nargs="*", default=list(VARIANTS), choices=list(VARIANTS))
    parser.add_argument("--variant-epochs", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--part", type=int, default=0)
    parser.add_argument(
        "--cache", type=Path, default=Path(tempfile.gettempdir()) / "rowspace-benchmark-translation"
    )
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(options.threads)
    write("translation", report(options))


if __name__ == "__main__":
    main()
