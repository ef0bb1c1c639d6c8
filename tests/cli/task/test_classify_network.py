"""``rowspace task classify-network`` on a few texts."""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

pytest.importorskip("torch")

import rowspace as rs
from rowspace.cli.task import classify_network
from rowspace.errors import CorpusError, FileAccessError, FormatError
from rowspace.tasks.classification import TextClassifier

SMALL = (
    "--dim", 8, "--width", 8, "--epochs", 8, "--batch", 4, "--learning-rate", 0.01, "--threads", 1,
    "--encoder", "attention",
)  # fmt: skip
PAIRS = [("spam", "win a free prize now"), ("ham", "see you at lunch")] * 20


def run(*arguments, typed=None):
    return CliRunner().invoke(classify_network.app, [str(argument) for argument in arguments], input=typed)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("network")
    (path / "train.tsv").write_text("".join(f"{label}\t{text}\n" for label, text in PAIRS))
    return path


@pytest.fixture(scope="module")
def model(folder):
    path = folder / "names.model"
    told = run("fit", folder / "train.tsv", "-o", path, "--quiet", *SMALL)
    assert (told.exit_code, told.stdout) == (0, "")
    return path


def test_fit_says_what_was_learned(folder, tmp_path):
    data, rows = folder / "train.tsv", tmp_path / "given.rows"
    rs.write(rs.Table.from_arrays(["prize", "lunch"], np.eye(2, 4, dtype=np.float32)), rows)
    told = run("fit", data, "-o", tmp_path / "names.model", "--validation", data, "--table", rows, *SMALL)
    assert told.stdout.startswith("40 texts, 2 labels, 8 epochs, accuracy 1.0000 after epoch"), told.output
    facts = json.loads(run("fit", data, "-o", tmp_path / "names.model", "--json", *SMALL).stdout)
    assert facts["texts"] == 40
    assert facts["recipe"]["encoder"] == "attention"


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


def test_explain_says_what_words_do(model):
    told = json.loads(run("predict", model, "--explain", "--json", typed="a free lunch\n").stdout)
    best = told["texts"][0][0]
    assert [word for word, _ in best["parts"]] == ["a", "free", "lunch"]
    assert best["label"] in run("predict", model, "--explain", typed="a free lunch\n").stdout


def test_evaluate(model, folder):
    data = folder / "train.tsv"
    assert json.loads(run("evaluate", model, data, "--json").stdout)["accuracy"] == 1.0
    assert "accuracy 1.0000" in run("evaluate", model, data).stdout


def test_what_is_wrong_is_told(model, folder, tmp_path):
    data = folder / "train.tsv"
    broken, missing = tmp_path / "broken.txt", tmp_path / "missing"
    broken.write_bytes(b"caf\xe9\n")
    foreign = TextClassifier(dim=4, epochs=1).fit(PAIRS, threads=1).save(tmp_path / "linear")
    refused = {
        ("predict", model, broken): CorpusError,
        ("predict", model, missing): FileAccessError,
        ("predict", foreign, data): FormatError,
        ("evaluate", model, broken): CorpusError,
        ("evaluate", missing, data): FileAccessError,
        ("fit", broken, "-o", tmp_path / "m.model"): CorpusError,
        ("fit", data, "-o", tmp_path / "no" / "m.model"): FileAccessError,
    }
    for arguments, kind in refused.items():
        assert isinstance(run(*arguments).exception, kind), arguments
