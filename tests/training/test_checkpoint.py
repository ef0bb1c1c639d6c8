"""Checkpoints: saved whole, refused for another recipe or corpus, restored to the bit."""

from __future__ import annotations

import time

import numpy as np
import pytest

import rowspace.formats
from rowspace.errors import FileAccessError, FormatError, RecipeError
from rowspace.stores import DenseStore
from rowspace.table import Table
from rowspace.training.checkpoint import Checkpoint
from rowspace.training.loop import State
from rowspace.training.matrices import Matrices

STATE = State(epoch=1, span=7, losses=(0.1 + 0.2,), loss_sum=1 / 3, pairs=12.0, total_pairs=99.0, seconds=1.5)
IDENTITY = {"recipe": {"dim": 8, "seed": 1}, "corpus": {"tokens": 10, "stream": "ab"}}


@pytest.fixture
def trained(table) -> Table:
    return Table(table.vocabulary, table.store, {"initial_rows": 3}, DenseStore(table.vectors * 2))


@pytest.fixture
def path(tmp_path, trained):
    path = tmp_path / "run.rows"
    Checkpoint(path, minutes=1, resume=False).save(trained, STATE, IDENTITY)
    return path


def test_rows_and_state_come_back_to_the_bit(path, table):
    matrices = Matrices.zeros(50, 8)
    checkpoint = Checkpoint(path, minutes=1, resume=True)
    checkpoint.check_same(IDENTITY)
    state, metadata = checkpoint.restore_(matrices)
    assert state == STATE
    assert metadata["initial_rows"] == 3
    np.testing.assert_array_equal(matrices.center[:, :8], table.vectors)
    np.testing.assert_array_equal(matrices.context[:, :8], table.vectors * 2)
    assert not matrices.center[:, 8:].any()


def test_a_checkpoint_is_a_table_like_any_other(path, table):
    opened = rowspace.formats.open(path, verify=True)
    np.testing.assert_array_equal(opened["k3"], table["k3"])


def test_it_is_due_after_its_minutes(tmp_path, monkeypatch, trained):
    checkpoint = Checkpoint(tmp_path / "run.rows", minutes=2, resume=False)
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 119)
    assert not checkpoint.is_due
    monkeypatch.setattr(time, "monotonic", lambda: now + 121)
    assert checkpoint.is_due
    checkpoint.save(trained, STATE, IDENTITY)
    assert not checkpoint.is_due


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (
            {"recipe": {"dim": 16, "seed": 1}},
            r"same recipe, but differs from .*run.rows in dim 16 \(there 8\)",
        ),
        ({"recipe": {"dim": 8, "seed": 2}}, r"seed 2 \(there 1\)"),
        ({"corpus": {"tokens": 11, "stream": "ab"}}, r"same corpus, .* tokens 11 \(there 10\)"),
        ({"corpus": {"tokens": 10, "stream": "ba"}}, r"stream 'ba' \(there 'ab'\)"),
    ],
)
def test_another_recipe_or_corpus_is_refused_by_what_differs(path, other, message):
    with pytest.raises(RecipeError, match=message):
        Checkpoint(path, minutes=1, resume=True).check_same(other)


def test_an_existing_file_is_not_overwritten_unasked(path):
    before = path.read_bytes()
    with pytest.raises(RecipeError, match="never overwritten"):
        Checkpoint(path, minutes=1, resume=False)
    assert path.read_bytes() == before


def test_resume_without_a_file_starts_anew(tmp_path):
    checkpoint = Checkpoint(tmp_path / "new.rows", minutes=1, resume=True)
    checkpoint.check_same(IDENTITY)
    assert checkpoint.restore_(Matrices.zeros(2, 2)) is None


def test_a_plain_table_is_no_checkpoint(tmp_path, table):
    path = rowspace.formats.write(table, tmp_path / "plain.rows")
    with pytest.raises(RecipeError, match="initial=rowspace"):
        Checkpoint(path, minutes=1, resume=True)


def test_a_damaged_checkpoint_is_refused(path):
    damaged = bytearray(path.read_bytes())
    damaged[-5] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(FormatError):
        Checkpoint(path, minutes=1, resume=True)


@pytest.mark.parametrize("place", [".", "missing/run.rows"])
def test_a_path_that_cannot_be_written_is_refused_before_any_work(tmp_path, place):
    with pytest.raises(FileAccessError):
        Checkpoint(tmp_path / place, minutes=1, resume=False)


def test_a_save_that_fails_leaves_the_checkpoint_before(path, trained, monkeypatch):
    before = path.read_bytes()
    monkeypatch.setattr(
        "os.fsync", lambda handle: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )
    with pytest.raises(FileAccessError, match="No space left"):
        Checkpoint(path, minutes=1, resume=True).save(trained, State(epoch=2), IDENTITY)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]
