"""From labelled texts to a model: what it learns, and how a training is run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from rowspace.errors import CorpusError, DivergedError, RecipeError, ShapeError
from rowspace.table import Table
from rowspace.tasks.classification import TextClassifier

SMALL = TextClassifier(dim=12, epochs=6)
LOSSES = ["softmax", "one-vs-all", "hierarchical"]


def bytes_of(model) -> bytes:
    return model.parts.vectors.tobytes() + model.parts.outputs.rows.tobytes()


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_learns(pairs, loss):
    model = replace(SMALL, loss=loss, epochs=20).fit(pairs, threads=1)
    assert model.evaluate(pairs).accuracy == 1.0
    assert model.predict(["a dog", "so green"]) == ["animal", "color"]
    assert model.facts["losses"][-1] < model.facts["losses"][0] / 2


def test_many_labels(pairs):
    several = [
        ((label, f"{label}-{place % 7}"), f"{text} w{place % 7}") for place, (label, text) in enumerate(pairs)
    ]
    for loss in LOSSES:
        model = replace(SMALL, loss=loss, epochs=60).fit(several, threads=1)
        assert len(model.labels) == 2 + 14
        top = [{name for name, _ in best} for best in model.predict_top([text for _, text in several], 2)]
        found = np.mean([len(best & {*own}) / 2 for best, (own, _) in zip(top, several, strict=True)])
        assert found > 0.8, loss


def test_the_same_seed_and_one_thread_give_the_same_bytes(pairs):
    first, second, other = (replace(SMALL, seed=seed).fit(pairs, threads=1) for seed in (1, 1, 2))
    assert bytes_of(first) == bytes_of(second) != bytes_of(other)


def test_two_threads_learn_too(pairs):
    assert SMALL.fit(pairs, threads=2).evaluate(pairs).accuracy == 1.0


def test_word_order_needs_bigrams():
    texts = [("ab", "x a b y"), ("ba", "x b a y")] * 20
    assert replace(SMALL, word_ngrams=1).fit(texts, threads=1).evaluate(texts).accuracy == 0.5
    assert replace(SMALL, word_ngrams=2).fit(texts, threads=1).evaluate(texts).accuracy == 1.0


def test_character_ngrams_read_words_never_met(pairs):
    model = replace(SMALL, min_n=2, max_n=4, epochs=20).fit(pairs, threads=1)
    assert model.predict(["dogs", "greenish"]) == ["animal", "color"]


def test_the_rate_of_two_epochs_falls_over_both(pairs):
    """With learning on one half stopped by min_count, the rows of the other are as if it were alone."""
    model = replace(SMALL, min_count=1000).fit(pairs, threads=1)
    assert len(model.parts.features.words) == 1
    assert model.parts.vectors[0].any()


def test_pretrained_rows_are_frozen_or_tuned(pairs):
    rows = np.random.default_rng(0).normal(0, 1, (3, 12)).astype(np.float32)
    table = Table.from_arrays(["dog", "red", "unmet"], rows)
    frozen = replace(SMALL, pretrained="frozen").fit(pairs, table=table, threads=1).to_table()
    assert (frozen.lookup(["dog", "red", "unmet"]) == rows).all()
    assert frozen["cat"].any()
    tuned = SMALL.fit(pairs, table=table, threads=1).to_table()
    assert (tuned["unmet"] == rows[2]).all()
    assert (tuned["dog"] != rows[0]).any()
    assert np.corrcoef(tuned["dog"], rows[0])[0, 1] > 0.3


def test_what_does_not_fit_together_is_refused(pairs):
    table = Table.from_arrays(["dog"], np.zeros((1, 5), np.float32))
    with pytest.raises(ShapeError, match="recipe's dim 12, but have 5"):
        SMALL.fit(pairs, table=table)
    with pytest.raises(RecipeError, match="needs pre-trained rows"):
        replace(SMALL, pretrained="frozen").fit(pairs)
    table = Table.from_arrays(["dog"], np.full((1, 12), np.nan, np.float32))
    with pytest.raises(RecipeError, match="the row of 'dog' is not"):
        SMALL.fit(pairs, table=table)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([("a", "x"), ("a", "y")], "two labels are needed to tell texts apart, but all have the label 'a'"),
        ([("a", "x"), ((), "y")], "a text needs a label, but example 2 has none"),
        ([], "there is none"),
    ],
)
def test_texts_that_teach_nothing_are_refused(data, message):
    with pytest.raises(CorpusError, match=message):
        SMALL.fit(data)


def test_one_vs_all_learns_from_texts_without_labels():
    texts = [(("spam",), "win now"), ((), "see you")] * 20
    model = replace(SMALL, loss="one-vs-all", epochs=30).fit(texts, threads=1)
    assert model.chances(["win", "you"])[:, 0].round().tolist() == [1, 0]
    with pytest.raises(CorpusError, match="no text has any"):
        replace(SMALL, loss="one-vs-all").fit([((), "x")])


@pytest.mark.parametrize(
    "change",
    [
        {"dim": 0}, {"epochs": 0}, {"learning_rate": 0.0}, {"loss": "hinge"}, {"word_ngrams": 0},
        {"min_n": 0},
        {"min_n": 4, "max_n": 3}, {"buckets": 0}, {"min_count": 0}, {"label_length": 0.0}, {"evidence": -1.0},
        {"pretrained": "both"}, {"patience": 0}, {"seed": -1},
    ],
)  # fmt: skip
@pytest.mark.unchecked
def test_fields_out_of_range(change):
    with pytest.raises(RecipeError, match=next(reversed(change))):
        TextClassifier(**change)


def test_a_rate_that_is_too_high_is_told(pairs):
    with pytest.raises(DivergedError, match="lower learning_rate"):
        replace(SMALL, learning_rate=100.0, label_length=1e4, epochs=50, loss="one-vs-all").fit(
            pairs, threads=1
        )


def test_patience_keeps_the_best_epoch(pairs):
    noise = [(label, f"n{place}") for place, (label, _) in enumerate(pairs)]
    recipe = replace(SMALL, patience=2, epochs=50)
    model = recipe.fit(noise, validation=[("animal", "zzz"), ("color", "n1")], threads=1)
    accuracies = model.facts["accuracies"]
    assert len(accuracies) < 50
    best = int(np.argmax(accuracies))
    assert len(accuracies) == best + 1 + 2
    again = replace(recipe, patience=50).fit(
        noise, validation=[("animal", "zzz"), ("color", "n1")], threads=1
    )
    assert again.facts["accuracies"][: len(accuracies)] == accuracies


def test_patience_holds_texts_out_where_no_validation_is_given(pairs):
    model = replace(SMALL, patience=3).fit(pairs, threads=1)
    assert model.facts["texts"] == 72
    assert len(model.facts["accuracies"]) >= 4
    with pytest.raises(CorpusError, match="there must be two"):
        replace(SMALL, patience=3).fit(pairs[:1])


def test_a_training_goes_on_to_the_same_model(pairs, tmp_path, monkeypatch):
    """Break off after three of six epochs, twice over: with patience the best rows are kept as well."""
    for name, recipe in {"plain": SMALL, "patient": replace(SMALL, patience=6)}.items():
        path = tmp_path / name
        whole = recipe.fit(pairs, validation=pairs, threads=1)
        from rowspace.tasks.classification.checkpoint import Checkpoint

        save = Checkpoint.save

        def stop(self, matrices, best, state, identity, save=save):
            save(self, matrices, best, state, identity)
            if state["epoch"] == 3:
                raise KeyboardInterrupt

        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(Checkpoint, "save", stop)
            recipe.fit(pairs, validation=pairs, threads=1, checkpoint=path, checkpoint_minutes=0)
        rest = recipe.fit(
            pairs, validation=pairs, threads=1, checkpoint=path, checkpoint_minutes=0, resume=True
        )
        assert bytes_of(rest) == bytes_of(whole)
        assert rest.facts["losses"] == whole.facts["losses"]


def test_a_checkpoint_belongs_to_its_recipe_and_texts(pairs, tmp_path):
    path = tmp_path / "state"
    SMALL.fit(pairs, threads=1, checkpoint=path, checkpoint_minutes=0)
    with pytest.raises(RecipeError, match="never overwritten unasked"):
        SMALL.fit(pairs, checkpoint=path)
    with pytest.raises(RecipeError, match="differs in seed"):
        replace(SMALL, seed=9).fit(pairs, checkpoint=path, resume=True)
    with pytest.raises(RecipeError, match="differs in texts"):
        SMALL.fit(pairs[:-1], checkpoint=path, resume=True)


KILLED = """
import sys
from rowspace.tasks.classification import TextClassifier
pairs = [("ab"[place % 2], f"w{place % 2} v{place}") for place in range(300)]
print("begin", flush=True)
model = TextClassifier(dim=8, epochs=20_000).fit(
    pairs, threads=1, checkpoint=sys.argv[1], checkpoint_minutes=0, resume=True
)
"""


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_kill_9_leaves_a_whole_checkpoint(tmp_path):
    path = tmp_path / "state"
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE)
    deadline = time.monotonic() + 120
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    from rowspace.formats.tensor_file import map_tensors

    file = map_tensors(path)
    assert all(file.check().values())
    assert [part.name for part in tmp_path.iterdir() if not part.name.startswith(".")] == ["state"]
