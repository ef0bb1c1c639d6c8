"""``rowspace task tag`` on a few sentences."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

pytest.importorskip("torch")

from rowspace.cli.task import tag
from rowspace.errors import CorpusError, FileAccessError, FormatError, RowspaceError

SMALL = ("--dim", 8, "--filters", 8, "--hidden", 8, "--epochs", 8, "--batch", 4, "--learning-rate", 0.02)
COLUMNS = "in\tO\nRome\tB-LOC\n\nto\tO\nNew\tB-LOC\nYork\tI-LOC\n\n" * 20


def run(*arguments, typed=None):
    return CliRunner().invoke(tag.app, [str(argument) for argument in arguments], input=typed)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Tagged sentences, and a model that has learned them."""
    folder = tmp_path_factory.mktemp("tag")
    columns, model = folder / "train.conll", folder / "names.model"
    columns.write_text(COLUMNS)
    told = run("fit", columns, "-o", model, "--validation", columns, "--threads", 1, *SMALL)
    assert told.exit_code == 0, told.output
    assert told.stdout.startswith("40 sentences, 1 labels, 8 epochs, F1 1.0000 after epoch ")
    return columns, model


def test_fit_says_its_facts_as_json(files, tmp_path):
    columns, _ = files
    told = run("fit", columns, "-o", tmp_path / "m.model", "--quiet", "--json", *SMALL, "--epochs", 1)
    facts = json.loads(told.stdout)
    assert facts["labels"] == ["LOC"]
    assert facts["recipe"]["hidden"] == 8
    assert len(facts["losses"]) == 1


def test_predict_says_where_the_spans_are(files, tmp_path):
    _, model = files
    text = tmp_path / "text.txt"
    text.write_text("to New York\n\nin Rome\n")
    told = run("predict", model, text)
    assert told.stdout == "1\t3\t11\tLOC\tNew York\n3\t3\t7\tLOC\tRome\n"
    assert run("predict", model, typed=text.read_text()).stdout == told.stdout
    [spans, none, _] = json.loads(run("predict", model, text, "--json").stdout)["texts"]
    assert spans == [{"label": "LOC", "text": "New York", "first": 1, "stop": 3, "start": 3, "end": 11}]
    assert none == []


def test_evaluate_reports_to_people_and_machines(files):
    columns, model = files
    assert run("evaluate", model, columns).stdout.splitlines()[1].split() == ["all", *["1.0000"] * 3, "40"]
    assert json.loads(run("evaluate", model, columns, "--json").stdout)["f1"] == 1.0


@pytest.mark.parametrize(
    ("verb", "data", "error"),
    [
        ("fit", b"in\n", CorpusError),
        ("fit", b"R\xf6me\tB-LOC\n", CorpusError),
        ("predict", b"R\xf6me\n", CorpusError),
        ("evaluate", b"in\tX\n", CorpusError),
        ("predict", None, FileAccessError),
        ("no model", b"", FormatError),
    ],
)
def test_faults_are_told(files, tmp_path, verb, data, error):
    columns, model = files
    path = tmp_path / "data"
    if data is not None:
        path.write_bytes(data)
    told = {
        "fit": lambda: run("fit", path, "-o", tmp_path / "m.model", *SMALL),
        "predict": lambda: run("predict", model, path),
        "evaluate": lambda: run("evaluate", model, path),
        "no model": lambda: run("predict", columns, path),
    }[verb]()
    assert isinstance(told.exception, RowspaceError)
    assert isinstance(told.exception, error)
