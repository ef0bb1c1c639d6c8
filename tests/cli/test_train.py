"""``rowspace train word2vec`` from text to a saved table."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from dataclasses import fields

import numpy as np
import pytest
from typer.main import get_command

import rowspace
from rowspace import PPMI, FastText, GloVe, Word2Vec
from rowspace.cli import app, train
from rowspace.errors import DivergedError

PROCESS = [sys.executable, "-m", "rowspace", "train", "word2vec"]
SMALL = ["--dim", "8", "--epochs", "2", "--threads", "1"]


RECIPES = {"word2vec": Word2Vec, "fasttext": FastText, "glove": GloVe, "ppmi": PPMI}
SHORT = {"ppmi": ["--dim", "2"]}


@pytest.mark.parametrize("verb", RECIPES)
def test_flags_are_the_fields_of_the_recipe(verb):
    """One flag for each field, of the same default; the others are the run's own."""
    command = get_command(app).commands["train"].commands[verb]
    by_name = {parameter.name: parameter for parameter in command.params}
    for field in fields(RECIPES[verb]):
        flag = by_name.pop(field.name)
        assert flag.opts == [f"--{field.name.replace('_', '-')}"]
        assert flag.default == field.default
        assert flag.help == field.metadata["help"]
    assert set(by_name) - {"help"} == {
        "corpus", "output", "lowercase", "pattern", "errors", "field", "threads", "deterministic", "initial",
        "checkpoint", "checkpoint_minutes", "resume", "context", "quiet", "as_json",
        "validation", "patience", "frozen", "anchored", "anchor_strength", "plot",
    }  # fmt: skip


@pytest.mark.parametrize("verb", RECIPES)
def test_every_recipe_trains_saves_and_reports(run, text, tmp_path, verb):
    result = run("train", verb, text, "-o", tmp_path / "t.rows", *SHORT.get(verb, SMALL), "--threads", "1")
    assert result.exit_code == 0, result.stderr
    assert "words/s" in result.stdout
    table = rowspace.open(tmp_path / "t.rows", verify=True)
    assert len(table) == 10
    assert table.metadata["recipe"]["name"] == RECIPES[verb].__name__


def test_validation_and_held_rows_are_passed_on(run, text, tmp_path):
    start, keys = tmp_path / "start.rows", tmp_path / "keys.txt"
    assert run("train", "word2vec", text, "-o", start, *SMALL).exit_code == 0
    held = list(rowspace.open(start).keys)[:3]
    keys.write_text("\n".join(held) + "\n")
    result = run(
        "train", "word2vec", text, "-o", tmp_path / "t.rows", *SMALL, "--initial", start, "--frozen", keys,
        "--validation", text, "--patience", "1",
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    assert "validation" in result.stdout
    table = rowspace.open(tmp_path / "t.rows")
    np.testing.assert_array_equal(table.lookup(held), rowspace.open(start).lookup(held))
    assert len(table.metadata["held_out_losses"]) >= 1


def test_a_file_of_keys_that_is_missing_is_named(run, text, tmp_path):
    result = run("train", "word2vec", text, "-o", tmp_path / "t.rows", *SMALL, "--frozen", tmp_path / "none")
    assert result.exit_code == 2
    assert "none: cannot be read" in result.stderr


def test_the_table_is_that_of_the_library(run, text, tmp_path):
    assert run("train", "word2vec", text, "-o", tmp_path / "t.rows", *SMALL).exit_code == 0
    expected = Word2Vec(dim=8, epochs=2).fit(text, threads=1)
    table = rowspace.open(tmp_path / "t.rows", verify=True)
    assert list(table.keys) == list(expected.keys)
    np.testing.assert_array_equal(table.vectors, expected.vectors)


def test_json_holds_the_whole_record(answer, text, tmp_path):
    facts = answer("train", "word2vec", text, "-o", tmp_path / "t.rows", *SMALL)
    assert (facts["rows"], facts["dim"]) == (10, 8)
    assert len(facts["losses"]) == 2
    assert facts["corpus"]["tokens"] == 3200
    assert facts["recipe"]["epochs"] == 2
    assert facts["bytes"] == (tmp_path / "t.rows").stat().st_size


def test_a_report_comes_before_and_after(run, text, tmp_path):
    result = run("train", "word2vec", text, "-o", tmp_path / "t.rows", *SMALL)
    assert "400 documents, 3,200 tokens, 10 distinct" in result.stderr
    assert "10 rows x 8" in result.stdout


def test_plot_draws_the_loss(run, answer, text, tmp_path):
    pytest.importorskip("matplotlib")
    picture = tmp_path / "loss.svg"
    result = run("train", "word2vec", text, "-o", tmp_path / "t.rows", "--plot", picture, *SMALL)
    assert result.exit_code == 0, result.output
    assert picture.read_text().startswith("<?xml")
    assert str(picture) in result.stdout
    picture.unlink()
    facts = answer("train", "word2vec", text, "-o", tmp_path / "t.rows", "--plot", picture, *SMALL)
    assert facts["plot"] == str(picture)
    assert picture.exists()


@pytest.mark.parametrize(
    ("picture", "words"), [("nowhere/loss.png", "does not exist"), ("loss.jpg", ".png, .svg, .pdf")]
)
def test_a_wrong_place_for_the_plot_costs_no_training(refused, monkeypatch, text, tmp_path, picture, words):
    monkeypatch.setattr(train.Word2Vec, "fit", None)  # training would end in another error
    arguments = ["train", "word2vec", text, "-o", tmp_path / "t.rows", "--plot", tmp_path / picture]
    assert words in refused(*arguments, *SMALL)
    assert not (tmp_path / "t.rows").exists()


def test_without_matplotlib_a_plot_costs_no_training(refused, monkeypatch, text, tmp_path):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    arguments = ["train", "word2vec", text, "-o", tmp_path / "t.rows", "--plot", tmp_path / "loss.png"]
    assert "pip install 'rowspace[viz]'" in refused(*arguments, *SMALL)
    assert not (tmp_path / "t.rows").exists()


def test_a_recipe_without_epochs_refuses_the_plot_before_it_reads(refused, tmp_path):
    pytest.importorskip("matplotlib")
    arguments = ["train", "ppmi", tmp_path / "unread.txt", "-o", tmp_path / "t.rows"]
    assert "PPMI factorises in one pass" in refused(*arguments, "--plot", tmp_path / "loss.png")


def test_a_training_cut_short_is_saved_without_a_plot(table, tmp_path, capsys):
    cut = rowspace.Table(table.vocabulary, table.store, {"losses": [], "interrupted": True})
    assert train.draw_loss(cut, tmp_path / "loss.png") is None
    assert "no epoch was finished" in capsys.readouterr().err
    assert not (tmp_path / "loss.png").exists()


def test_quiet_says_nothing(run, text, tmp_path):
    result = run("train", "word2vec", text, "-o", tmp_path / "t.rows", "--quiet", *SMALL)
    assert (result.stdout, result.stderr, result.exit_code) == ("", "", 0)


def test_standard_input(text, tmp_path):
    command = [*PROCESS, "-", "-o", str(tmp_path / "t.rows"), *SMALL]
    with text.open("rb") as file:
        result = subprocess.run(command, stdin=file, capture_output=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr
    assert len(rowspace.open(tmp_path / "t.rows")) == 10


def test_text_flags_reach_the_corpus(run, tmp_path):
    source = tmp_path / "t.jsonl"
    source.write_text("".join(json.dumps({"body": "Red, GREEN; blue!"}) + "\n" for _ in range(30)))
    flags = ["--lowercase", "--pattern", r"\w+", "--field", "body"]
    result = run("train", "word2vec", source, "-o", tmp_path / "t.rows", *flags, *SMALL)
    assert result.exit_code == 0, result.output
    assert sorted(rowspace.open(tmp_path / "t.rows").keys) == ["blue", "green", "red"]


def test_initial_rows_and_context_rows(run, text, tmp_path):
    first, second = tmp_path / "a.rows", tmp_path / "b.rows"
    assert run("train", "word2vec", text, "-o", first, "--context", *SMALL).exit_code == 0
    assert rowspace.open(first).context is not None
    assert run("train", "word2vec", text, "-o", second, "--initial", first, *SMALL).exit_code == 0
    table = rowspace.open(second)
    assert table.context is None
    assert table.metadata["initial_rows"] == 10


def test_a_checkpoint_is_resumed_and_never_overwritten(run, refused, text, tmp_path):
    arguments = [
        "train",
        "word2vec",
        text,
        "-o",
        tmp_path / "t.rows",
        "--checkpoint",
        tmp_path / "c.rows",
        *SMALL,
    ]
    assert run(*arguments).exit_code == 0
    assert "--resume" in refused(*arguments)
    assert run(*arguments, "--resume").exit_code == 0


@pytest.mark.parametrize("output", ["nowhere/t.rows", ".", "t.unknown"])
def test_a_wrong_output_is_found_before_the_corpus_is_read(refused, tmp_path, output):
    line = refused("train", "word2vec", tmp_path / "unread.txt", "-o", tmp_path / output)
    assert str(tmp_path / output) in line


@pytest.mark.parametrize(
    ("content", "flags", "words"),
    [
        (b"", [], "tokens"),
        (b"a b c\n", [], "min_count"),
        (b"caf\xe9 au lait\n", [], "--errors replace"),
        (b"a b\n", ["--window", "0"], "--window 1"),
        (b"a b\n", ["--resume"], "checkpoint"),
        (b"a b\n", ["--pattern", "("], "pattern"),
    ],
    ids=["empty", "nothing left", "not UTF-8", "recipe", "resume", "pattern"],
)
def test_bad_input_is_one_line_and_leaves_no_file(refused, tmp_path, content, flags, words):
    source = tmp_path / "in.txt"
    source.write_bytes(content)
    assert words in refused("train", "word2vec", source, "-o", tmp_path / "t.rows", "--quiet", *flags)
    assert not (tmp_path / "t.rows").exists()


def test_a_missing_corpus(refused, tmp_path):
    assert "missing.txt" in refused("train", "word2vec", tmp_path / "missing.txt", "-o", tmp_path / "t.rows")


def test_a_diverged_training_saves_the_last_good_rows(run, table, text, tmp_path, monkeypatch):
    def diverge(*_, **__):
        error = DivergedError("the loss of step 7 is not finite; lower learning_rate")
        error.table = table
        raise error

    monkeypatch.setattr(train.Word2Vec, "fit", diverge)
    result = run("train", "word2vec", text, "-o", tmp_path / "t.rows")
    assert result.exit_code == 2
    assert "step 7" in result.stderr
    assert len(rowspace.open(tmp_path / "t.rows")) == len(table)


def test_an_interrupted_training_is_saved(text, tmp_path):
    """A real Ctrl-C: the process ends with 130, and its table opens."""
    checkpoint = tmp_path / "c.rows"
    endless = ["--epochs", "1000000", "--threads", "1", "--checkpoint", str(checkpoint)]
    process = subprocess.Popen(
        [*PROCESS, str(text), "-o", str(tmp_path / "t.rows"), *endless, "--checkpoint-minutes", "0.001"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not checkpoint.exists():  # training is under way
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=100)
    assert process.returncode == 130, stderr
    assert "Traceback" not in stderr
    assert "rowspace: warning: " in stderr
    assert "interrupted" in stdout
    assert len(rowspace.open(tmp_path / "t.rows", verify=True)) == 10
