"""Ctrl-C, divergence, checkpoints and resuming, as a user of `fit` meets them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import rowspace.formats
from rowspace.errors import DivergedError, RecipeError
from rowspace.training import (
    FastText,
    GloVe,
    InterruptedTrainingWarning,
    NothingLearnedWarning,
    Word2Vec,
    loop,
    run,
)
from rowspace.training.loop import Loop

RECIPE = Word2Vec(dim=20, window=3, epochs=4, min_count=1, subsample=0)

# Trains the corpus of TOPICS with a pause after every span. What the first argument asks for happens
# at the moment that the second names.
CHILD = """
import json, os, signal, sys, threading
from pathlib import Path
from rowspace.training import loop
from rowspace.training.recipes import recipe_from_json
loop.PAUSE_SHARE = 0
folder = Path(sys.argv[2])
corpus, checkpoint = folder / "corpus.txt", folder / "run.rows"
recipe = recipe_from_json(json.loads(sys.argv[4]))
synced, sync = [], os.fsync

def die_in_the_third_save(handle):
    synced.append(handle)
    if len(synced) == 5:  # a save syncs the file and then its folder
        os.kill(os.getpid(), signal.SIGKILL)
    sync(handle)

if sys.argv[1] == "kill":
    os.fsync = die_in_the_third_save
    recipe.fit(corpus, threads=1, checkpoint=checkpoint, checkpoint_minutes=1e-9)
else:
    times, unsent = int(sys.argv[3]), threading.Lock()
    def interrupt(self):
        os.kill(os.getpid(), signal.SIGINT)
        if times == 2 and self._halt.wait(60):  # the first is heard, and the workers are waited for
            os.kill(os.getpid(), signal.SIGINT)
    step = loop.Loop._take
    def slow(self):
        if self.state.epoch == 1 and self.state.span >= 1 and unsent.acquire(blocking=False):
            threading.Thread(target=interrupt, args=[self]).start()
        if self.state.epoch >= 1:
            threading.Event().wait(0.05 if times == 1 else 2)
        return step(self)
    loop.Loop._take = slow
    table = recipe.fit(corpus, threads=2)
    print(json.dumps(dict(table.metadata)))
"""


@pytest.fixture
def corpus(tmp_path, topics):
    path = tmp_path / "corpus.txt"
    path.write_text("".join(" ".join(document) + "\n" for document in topics))
    return path


@pytest.fixture
def pauses(monkeypatch):
    """Pause after every span or so, however long a save takes."""
    monkeypatch.setattr(loop, "PAUSE_SHARE", 0)


def start_child(mode: str, folder: Path, times: int = 1, recipe=RECIPE) -> subprocess.CompletedProcess[str]:
    said = json.dumps(run.recipe_to_json(recipe))
    command = [sys.executable, "-c", CHILD, mode, str(folder), str(times), said]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def interrupt_at(monkeypatch, epoch: int, span: int) -> None:
    """Raise KeyboardInterrupt in the main thread's wait, as Ctrl-C does, once training is that far."""
    take, wait = Loop._take, loop.wait
    reached = threading.Event()

    def mark(self):
        if (self.state.epoch, self.state.span) >= (epoch, span):
            reached.set()
            time.sleep(0.05)
        return take(self)

    def interrupted_wait(futures, timeout):
        done = wait(futures, timeout=min(timeout, 0.01))
        if reached.is_set():
            raise KeyboardInterrupt
        return done

    monkeypatch.setattr(Loop, "_take", mark)
    monkeypatch.setattr(loop, "wait", interrupted_wait)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize(
    "recipe",
    [
        pytest.param(RECIPE, id="skipgram"),
        pytest.param(replace(RECIPE, model="cbow", position_weights=True), id="cbow"),
        pytest.param(replace(RECIPE, loss="hierarchical"), id="hierarchical"),
        pytest.param(FastText(dim=20, epochs=4, min_count=1, subsample=0, buckets=500), id="fasttext"),
        pytest.param(GloVe(dim=20, window=3, epochs=4, min_count=1), id="glove"),
    ],
)
def test_a_training_killed_in_a_save_goes_on_to_the_same_rows(tmp_path, corpus, recipe):
    child = start_child("kill", tmp_path, recipe=recipe)
    assert child.returncode == -signal.SIGKILL, child.stderr
    checkpoint = tmp_path / "run.rows"
    state = rowspace.formats.open(checkpoint, verify=True).metadata["trainer"]["state"]
    assert state["epoch"] < recipe.epochs and (state["epoch"], state["span"]) > (0, 0)
    whole = recipe.fit(corpus, threads=1, context=True)
    resumed = recipe.fit(corpus, threads=1, context=True, checkpoint=checkpoint, resume=True)
    np.testing.assert_array_equal(resumed.store.vectors, whole.store.vectors)
    np.testing.assert_array_equal(resumed.context.vectors, whole.context.vectors)
    assert resumed.state.keys() == whole.state.keys()
    for name, values in whole.state.items():
        np.testing.assert_array_equal(resumed.state[name], values)
    assert resumed.metadata["losses"] == whole.metadata["losses"]


def test_ctrl_c_keeps_what_was_learned(tmp_path, corpus):
    child = start_child("interrupt", tmp_path, 1)
    assert child.returncode == 0, child.stderr
    assert "InterruptedTrainingWarning: Ctrl-C ended the training after 1." in child.stderr
    metadata = json.loads(child.stdout)
    assert metadata["interrupted"] is True
    assert 1 < metadata["epochs_done"] < 2
    assert len(metadata["losses"]) == 1


def test_a_second_ctrl_c_raises(tmp_path, corpus):
    child = start_child("interrupt", tmp_path, 2)
    assert child.returncode != 0 and child.stdout == ""
    assert "KeyboardInterrupt" in child.stderr


def test_an_interrupted_training_goes_on_from_its_checkpoint(tmp_path, topics, monkeypatch):
    whole = RECIPE.fit(topics, threads=1)
    checkpoint = tmp_path / "run.rows"
    with monkeypatch.context() as patch:
        interrupt_at(patch, 2, 3)
        with pytest.warns(InterruptedTrainingWarning, match="resume=True goes on from the checkpoint"):
            part = RECIPE.fit(topics, threads=1, checkpoint=checkpoint)
    assert 2 < part.metadata["epochs_done"] < 3
    assert not np.array_equal(part.vectors, whole.vectors)
    rest = RECIPE.fit(topics, threads=1, checkpoint=checkpoint, resume=True)
    np.testing.assert_array_equal(rest.vectors, whole.vectors)
    assert rest.metadata["losses"] == whole.metadata["losses"]
    assert rest.metadata["interrupted"] is False


@pytest.mark.parametrize("threads", [1, 3])
def test_checkpoints_do_not_disturb_the_training(tmp_path, topics, pauses, threads):
    plain = RECIPE.fit(topics, threads=threads)
    checkpoint = tmp_path / "run.rows"
    kept = RECIPE.fit(topics, threads=threads, checkpoint=checkpoint, checkpoint_minutes=1e-9)
    # What is drawn does not depend on who works; only the order of adding up does.
    assert kept.metadata["pairs"] == pytest.approx(plain.metadata["pairs"], rel=1e-12)
    if threads == 1:
        np.testing.assert_array_equal(kept.vectors, plain.vectors)
    saved = rowspace.formats.open(checkpoint)
    np.testing.assert_array_equal(saved.vectors, kept.vectors)


def test_a_finished_training_is_given_back_at_once(tmp_path, topics):
    checkpoint = tmp_path / "run.rows"
    first = RECIPE.fit(topics, threads=2, checkpoint=checkpoint)
    again = RECIPE.fit(topics, threads=2, checkpoint=checkpoint, resume=True)
    np.testing.assert_array_equal(again.vectors, first.vectors)
    assert again.metadata["training_seconds"] == first.metadata["training_seconds"]
    assert again.metadata["epochs_done"] == 4


def test_resume_refuses_another_recipe_and_another_corpus(tmp_path, topics):
    checkpoint = tmp_path / "run.rows"
    RECIPE.fit(topics, threads=1, checkpoint=checkpoint)
    other = Word2Vec(dim=20, window=4, epochs=4, min_count=1, subsample=0)
    with pytest.raises(RecipeError, match=r"same recipe, but differs .* window 4 \(there 3\)"):
        other.fit(topics, threads=1, checkpoint=checkpoint, resume=True)
    with pytest.raises(RecipeError, match=r"same corpus, but differs .* documents 599"):
        RECIPE.fit(topics[:-1], threads=1, checkpoint=checkpoint, resume=True)
    shuffled = [topics[1], topics[0], *topics[2:]]
    with pytest.raises(RecipeError, match=r"same corpus, but differs .* stream"):
        RECIPE.fit(shuffled, threads=1, checkpoint=checkpoint, resume=True)


def test_a_resumed_training_remembers_its_initial_rows(tmp_path, topics):
    checkpoint = tmp_path / "run.rows"
    initial = RECIPE.fit(topics, threads=1)
    RECIPE.fit(topics, threads=1, initial=initial, checkpoint=checkpoint)
    again = RECIPE.fit(topics, threads=1, initial=initial, checkpoint=checkpoint, resume=True)
    assert again.metadata["initial_rows"] == 12


@pytest.mark.parametrize("threads", [1, 2])
def test_a_rate_that_is_far_too_high_keeps_the_last_good_rows(topics, threads):
    recipe = Word2Vec(dim=20, epochs=3, min_count=1, subsample=0, learning_rate=1e30)
    with pytest.raises(
        DivergedError, match=r"in epoch \d of 3, .* learning rate \S+; lower learning_rate"
    ) as caught:
        recipe.fit(topics, threads=threads)
    table = caught.value.table
    assert table.shape == (12, 20)
    assert np.isfinite(table.vectors).all()
    json.dumps(dict(table.metadata), allow_nan=False)


def test_rows_that_leave_the_finite_numbers_are_found_at_the_next_pause(topics, pauses, monkeypatch):
    monkeypatch.setattr(run, "PAUSE_SECONDS", 1e-9)
    take, spans = Loop._take, []
    good = []

    def poison(self):
        spans.append(self.state.span)
        matrices = trained[0].prepared.matrices
        if len(spans) <= 9:
            good.append(matrices.center[:, :20].copy())
        if len(spans) == 9:
            matrices.context[3, 4] = np.nan
        return take(self)

    trained = []
    prepare = run.Run.__post_init__
    monkeypatch.setattr(run.Run, "__post_init__", lambda self: (prepare(self), trained.append(self))[0])
    monkeypatch.setattr(Loop, "_take", poison)
    with pytest.raises(DivergedError, match=r"must stay finite, but .* in epoch \d of 4") as caught:
        RECIPE.fit(topics, threads=1)
    assert any(np.array_equal(caught.value.table.vectors, rows) for rows in good)


def test_a_diverged_training_leaves_the_good_checkpoint(tmp_path, topics, pauses):
    recipe = Word2Vec(dim=20, epochs=3, min_count=1, subsample=0, learning_rate=1e30)
    checkpoint = tmp_path / "run.rows"
    with pytest.raises(DivergedError):
        recipe.fit(topics, threads=1, checkpoint=checkpoint, checkpoint_minutes=1e-9)
    if checkpoint.exists():
        assert np.isfinite(rowspace.formats.open(checkpoint).vectors).all()


def test_fit_works_outside_the_main_thread(topics):
    tables = []
    thread = threading.Thread(target=lambda: tables.append(RECIPE.fit(topics, threads=1)))
    thread.start()
    thread.join()
    np.testing.assert_array_equal(tables[0].vectors, RECIPE.fit(topics, threads=1).vectors)


def test_a_corpus_without_pairs_says_so():
    with pytest.warns(NothingLearnedWarning, match="no pair to learn from"):
        table = RECIPE.fit([["a"], ["b"], ["a"]], threads=1)
    assert table.metadata["losses"] == [0.0] * 4


def test_the_record_is_complete_and_json(topics):
    metadata = RECIPE.fit(topics, threads=2).metadata
    assert json.loads(json.dumps(dict(metadata), allow_nan=False)) == metadata
    assert metadata["recipe"]["name"] == "Word2Vec" and metadata["recipe"]["dim"] == 20
    assert metadata["corpus"]["documents"] == 600
    assert metadata["corpus"]["tokens"] == metadata["corpus"]["kept"] == 7_200
    assert metadata["corpus"]["rows"] == 12
    assert len(metadata["losses"]) == 4
    assert metadata["words_per_second"] > 0 and metadata["seconds"] >= metadata["training_seconds"] > 0
    assert metadata["threads"] == 2 and metadata["deterministic"] is False
    assert metadata["version"].count(".") == 2
