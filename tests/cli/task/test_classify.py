"""``rowspace task classify`` on a few texts."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from rowspace.cli.task import classify
from rowspace.errors import CorpusError, FileAccessError, FormatError, RecipeError

SMALL = ("--dim", 8, "--epochs", 5, "--threads", 1)
PAIRS = [("spam", "win a free prize now"), ("ham", "see you at lunch")] * 20


def run(*arguments, typed=None):
    return CliRunner().invoke(classify.app, [str(argument) for argument in arguments], input=typed)


@pytest.fixture
def data(tmp_path):
    path = tmp_path / "train.tsv"
    path.write_text("".join(f"{label}\t{text}\n" for label, text in PAIRS))
    return path


@pytest.fixture
def model(data, tmp_path):
    path = tmp_path / "names.model"
    told = run("fit", data, "-o", path, "--quiet", *SMALL)
    assert (told.exit_code, told.stdout) == (0, "")
    return path


def test_fit_says_what_was_learned(data, tmp_path):
    path = tmp_path / "names.model"
    told = run("fit", data, "-o", path, "--validation", data, *SMALL)
    assert told.stdout.startswith("40 texts, 2 labels, 5 epochs, accuracy 1.0000 on validation")
    facts = json.loads(run("fit", data, "-o", path, "--json", *SMALL).stdout)
    assert facts["texts"] == 40
    assert facts["recipe"]["dim"] == 8


def test_predict_reads_a_file_and_standard_input(model, tmp_path):
    texts = tmp_path / "texts.txt"
    texts.write_text("free prize\nat lunch\n\n")
    told = run("predict", model, texts)
    lines = [line.split("\t") for line in told.stdout.splitlines()]
    assert [line[0] for line in lines[:2]] == ["spam", "ham"]
    assert len(lines) == 3
    assert run("predict", model, typed="free prize\nat lunch\n\n").stdout == told.stdout


def test_several_labels_and_thresholds(model):
    two = run("predict", model, "--k", 2, typed="free prize\n").stdout.split("\t")
    assert two[::2] == ["spam", "ham"]
    assert float(two[1]) + float(two[3]) == pytest.approx(1, abs=1e-3)
    likely = json.loads(run("predict", model, "--threshold", 0.5, "--json", typed="free prize\n").stdout)
    assert [best["label"] for best in likely["texts"][0]] == ["spam"]
    everything = json.loads(run("predict", model, "--threshold", 0, "--json", typed="\n").stdout)
    assert len(everything["texts"][0]) == 2


def test_explain_says_what_words_add(model):
    told = json.loads(run("predict", model, "--explain", "--json", typed="a free lunch\n").stdout)
    best = told["texts"][0][0]
    assert [word for word, _ in best["parts"]] == ["a", "free", "lunch", "</s>"]
    assert best["label"] in run("predict", model, "--explain", typed="a free lunch\n").stdout


def test_evaluate(model, data):
    assert json.loads(run("evaluate", model, data, "--json").stdout)["accuracy"] == 1.0
    assert "accuracy 1.0000" in run("evaluate", model, data).stdout


def test_tune_ends_with_a_command(data, tmp_path):
    told = run("tune", data, "--trials", 3, "--quiet", *SMALL).stdout.splitlines()
    assert told[0].startswith("accuracy 1.0000 against 1.0000 before")
    assert told[0].endswith("3 trials")
    assert told[1].startswith(f"rowspace task classify fit {data} -o MODEL --dim")
    command = told[1].split()[3:]
    command[command.index("MODEL")] = str(tmp_path / "tuned.model")
    assert run(*command).exit_code == 0
    facts = json.loads(run("tune", data, "--trials", 2, "--metric", "log_loss", "--json", *SMALL).stdout)
    assert facts["trials"] == 2
    assert facts["recipe"]["seed"] == 1


def test_compress_says_what_it_costs(model, data, tmp_path):
    small = tmp_path / "small.model"
    told = run("compress", model, "-o", small, "--size", "20kB", "--validation", data)
    assert "accuracy: 1.0000 before, 1.0000 after" in told.stdout
    assert small.stat().st_size <= 20_000
    facts = json.loads(run("compress", model, "-o", small, "--size", "20kB", "--json").stdout)
    assert facts["bytes"] == small.stat().st_size
    assert run("predict", small, typed="free prize\n").stdout.startswith("spam\t")
    assert isinstance(run("compress", model, "-o", small, "--size", "big").exception, RecipeError)


def test_what_is_wrong_is_told(model, data, tmp_path):
    broken, foreign = tmp_path / "broken.txt", tmp_path / "foreign.safetensors"
    broken.write_bytes(b"caf\xe9\n")
    foreign.write_bytes(b"no model of anything")
    missing = tmp_path / "missing"
    refused = {
        ("predict", model, broken): CorpusError,
        ("predict", model, missing): FileAccessError,
        ("predict", foreign, data): FormatError,
        ("evaluate", model, broken): CorpusError,
        ("evaluate", missing, data): FileAccessError,
        ("fit", broken, "-o", tmp_path / "m.model"): CorpusError,
        ("fit", missing, "-o", tmp_path / "m.model"): FileAccessError,
        ("fit", data, "-o", tmp_path / "no" / "m.model"): FileAccessError,
    }
    for arguments, kind in refused.items():
        assert isinstance(run(*arguments).exception, kind), arguments
