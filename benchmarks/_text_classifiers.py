"""The sides of the benchmark of text classification: each takes a job, and returns its figures."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

SETTINGS = {"dim": 100, "epochs": 10, "learning_rate": 0.5, "word_ngrams": 2}
BATCH = 32  # of the torch side
STEPS, WARM_STEPS = 400, 10
TORCH_SECONDS = 10.0  # are enough to know its pace

Figures = dict[str, float]
Side = Callable[[dict[str, Any]], Figures]


def rowspace_side(job: dict[str, Any]) -> Figures:
    from rowspace.tasks.classification import TextClassifier

    TextClassifier(dim=16, epochs=1).fit([("a", "x y"), ("b", "y z")], threads=1)  # Numba reads its cache
    started = time.perf_counter()
    model = TextClassifier(**SETTINGS, seed=job["seed"]).fit(
        job["train"], threads=job["threads"], progress=False
    )
    fitted = time.perf_counter()
    path = model.save(Path(job["folder"]) / "model.rowspace")
    saved = time.perf_counter()
    report = model.evaluate(job["test"])
    return {
        "fit": fitted - started,
        "save": saved - fitted,
        "megabytes": path.stat().st_size / 1e6,
        "accuracy": report.accuracy,
        "macro_f1": report.macro_f1,
    }


def fasttext_side(job: dict[str, Any]) -> Figures:
    import fasttext

    started = time.perf_counter()
    model = fasttext.train_supervised(
        job["train"],
        lr=SETTINGS["learning_rate"],
        epoch=SETTINGS["epochs"],
        wordNgrams=SETTINGS["word_ngrams"],
        dim=SETTINGS["dim"],
        thread=job["threads"],
        seed=job["seed"],
        verbose=0,
    )
    fitted = time.perf_counter()
    path = Path(job["folder"]) / "model.bin"
    model.save_model(str(path))
    saved = time.perf_counter()
    return {
        "fit": fitted - started,
        "save": saved - fitted,
        "megabytes": path.stat().st_size / 1e6,
        "accuracy": model.test(job["test"])[1],
    }


def learned(job: dict[str, Any]) -> Any:
    """The bags of row ids of the training texts, and their labels."""
    from rowspace.corpus.labelled import open_labelled
    from rowspace.tasks.classification.text_features import NgramRule, learn_features
    from rowspace.tasks.classification.word_rows import WordRows

    data = open_labelled(job["train"])
    rule = NgramRule(SETTINGS["word_ngrams"], 3, 0, 1 << 31)
    return learn_features(data.block, rule, min_count=1, order_words=WordRows().order), data


def torch_side(job: dict[str, Any]) -> Figures:
    """Texts a second of nn.EmbeddingBag and nn.Linear with a torch optimizer, batches laid out before."""
    import torch

    torch.set_num_threads(job["threads"])
    torch.manual_seed(job["seed"])
    found, data = learned(job)
    entries = found.entries
    order = np.random.default_rng(job["seed"]).permutation(len(data))[: BATCH * STEPS]
    batches = []
    for first in range(0, len(order), BATCH):
        texts = order[first : first + BATCH]
        spans = [slice(*entries.offsets[text : text + 2]) for text in texts]
        bags = [np.repeat(entries.rows[span], entries.counts[span].astype(int)) for span in spans]
        offsets = np.cumsum([0, *map(len, bags)])[:-1]
        targets = data.label_ids[data.label_offsets[texts]]
        batches.append(
            [torch.from_numpy(part.astype(np.int64)) for part in (np.concatenate(bags), offsets, targets)]
        )
    network = torch.nn.ModuleList(
        [
            torch.nn.EmbeddingBag(
                found.num_rows, SETTINGS["dim"], mode="mean", sparse=job["optimizer"] == "SGD"
            ),
            torch.nn.Linear(SETTINGS["dim"], len(data.names)),
        ]
    )
    optimizer = getattr(torch.optim, job["optimizer"])(network.parameters(), lr=job["rate"])
    seconds, texts = 0.0, 0
    for step, (ids, offsets, targets) in enumerate(batches):
        started = time.perf_counter()
        optimizer.zero_grad()
        logits = network[1](network[0](ids, offsets))
        torch.nn.functional.cross_entropy(logits, targets).backward()
        optimizer.step()
        if step >= WARM_STEPS:
            seconds, texts = seconds + time.perf_counter() - started, texts + len(targets)
        if seconds > TORCH_SECONDS:
            break
    return {"texts_a_second": texts / seconds}


def steps_side(job: dict[str, Any]) -> Figures:
    """Texts a second of our own training, without reading and features."""
    from rowspace.tasks.classification import TextClassifier

    model = TextClassifier(**SETTINGS, seed=job["seed"]).fit(
        job["train"], threads=job["threads"], progress=False
    )
    return {"texts_a_second": model.facts["texts"] * SETTINGS["epochs"] / model.facts["training_seconds"]}


def variants_side(job: dict[str, Any]) -> Figures:
    """Accuracies of our model where one thing is changed."""
    import rowspace as rs
    from rowspace.tasks.classification import TextClassifier

    def fitted(table: Any = None, **changes: Any) -> Any:
        recipe = TextClassifier(**SETTINGS | changes, seed=job["seed"])
        return recipe.fit(job["train"], table=table, threads=job["threads"], progress=False)

    model = fitted()
    small = model.compress("1MB")
    path = small.save(Path(job["folder"]) / "small.rowspace")
    made = {"as it is": model, "from zero": fitted(evidence=0.0), "small": small}
    if job["table"]:
        table = rs.open(job["table"])
        for kind in ("tuned", "frozen"):
            made[kind] = fitted(table, dim=table.dim, pretrained=kind)
    found = {name: each.evaluate(job["test"]).accuracy for name, each in made.items()}
    return found | {"small_megabytes": path.stat().st_size / 1e6}


def tuned_side(job: dict[str, Any]) -> Figures:
    """Accuracy with the settings that a search on the training texts found."""
    from rowspace.tasks.classification import TextClassifier

    start = TextClassifier(**SETTINGS, seed=job["seed"])
    found = start.tune(job["train"], minutes=job["minutes"], threads=job["threads"], progress=False)
    model = found.recipe.fit(job["train"], threads=job["threads"], progress=False)
    told = model.evaluate(job["test"]).accuracy
    return {"accuracy": told, "searched": found.score, "trials": found.trials}


SIDES: dict[str, Side] = {"rowspace": rowspace_side, "fastText": fasttext_side}
OTHERS: dict[str, Side] = {
    "rowspace steps": steps_side,
    "torch": torch_side,
    "rowspace variants": variants_side,
    "rowspace tuned": tuned_side,
}
