"""``rowspace task translate`` on a few pairs."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from rowspace.cli.task import translate
from rowspace.errors import CorpusError, FileAccessError, FormatError, RowspaceError

SMALL = (
    "--dim", 32, "--pieces", 80, "--dropout", 0, "--epochs", 30, "--learning-rate", 0.02, "--measure", "loss",
    "--precision", "float32", "--threads", 1,
)  # fmt: skip
PAIRS = "good day\tguten Tag\ngood night\tgute Nacht\nday and night\tTag und Nacht\n"


def run(*arguments, typed=None):
    return CliRunner().invoke(translate.app, [str(argument) for argument in arguments], input=typed)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Pairs, and a model that has learned them."""
    folder = tmp_path_factory.mktemp("translate")
    pairs, model = folder / "train.tsv", folder / "names.model"
    pairs.write_text(PAIRS)
    told = run("fit", pairs, "-o", model, "--validation", pairs, *SMALL)
    assert told.exit_code == 0, told.output
    assert told.stdout.startswith("3 pairs, ")
    return pairs, model


def test_fit_says_its_facts_as_json(files, tmp_path):
    pairs, _ = files
    once = ("--epochs", 1, "--backward", "--quiet", "--json")
    told = run("fit", pairs, "-o", tmp_path / "m.model", *SMALL, *once)
    facts = json.loads(told.stdout)
    assert facts["recipe"]["backward"] is True
    assert len(facts["losses"]) == 1


def test_predict_translates_each_line(files, tmp_path):
    _, model = files
    text = tmp_path / "text.txt"
    text.write_text("good night\n\nday and night\n")
    told = run("predict", model, text, "--beam", 2)
    assert told.stdout == "gute Nacht\n\nTag und Nacht\n"
    assert run("predict", model, typed=text.read_text()).stdout == told.stdout
    assert json.loads(run("predict", model, text, "--json").stdout)["translations"][0] == "gute Nacht"


def test_evaluate_reports_to_people_and_machines(files):
    pytest.importorskip("sacrebleu")
    pairs, model = files
    assert "BLEU" in run("evaluate", model, pairs).stdout
    assert json.loads(run("evaluate", model, pairs, "--json").stdout)["pairs"] == 3


@pytest.mark.parametrize(
    ("verb", "data", "error"),
    [
        ("fit", b"one column\n", CorpusError),
        ("fit", b"R\xf6me\tRom\n", CorpusError),
        ("predict", b"R\xf6me\n", CorpusError),
        ("evaluate", b"", CorpusError),
        ("predict", None, FileAccessError),
        ("no model", b"", FormatError),
    ],
)
def test_faults_are_told(files, tmp_path, verb, data, error):
    pairs, model = files
    path = tmp_path / "data"
    if data is not None:
        path.write_bytes(data)
    told = {
        "fit": lambda: run("fit", path, "-o", tmp_path / "m.model", *SMALL),
        "predict": lambda: run("predict", model, path),
        "evaluate": lambda: run("evaluate", model, path),
        "no model": lambda: run("predict", pairs, path),
    }[verb]()
    assert isinstance(told.exception, RowspaceError)
    assert isinstance(told.exception, error)
