"""What the verbs of tasks share: models are of their task, and lines are text."""

from __future__ import annotations

import io
import sys

import pytest
from typer.testing import CliRunner

from rowspace.cli.task import classify
from rowspace.cli.task.learning import lines_of, opened
from rowspace.errors import CorpusError, FileAccessError, FormatError
from rowspace.tasks import TextClassifier
from rowspace.tasks.classification import LinearTextModel


@pytest.fixture
def model(tmp_path):
    data = [("warm", "sun"), ("cold", "snow")] * 9
    return TextClassifier(dim=4, epochs=2).fit(data, threads=1).save(tmp_path / "weather.model")


def test_a_model_of_another_task_is_refused(model):
    assert isinstance(opened(model, LinearTextModel), LinearTextModel)
    with pytest.raises(FormatError, match="this verb needs a dict, but the file holds a LinearTextModel"):
        opened(model, dict)


def test_lines_are_read_one_by_one(tmp_path, monkeypatch):
    path = tmp_path / "texts"
    path.write_bytes(b"\xef\xbb\xbfone\r\n\ntw\xc3\xb6\nlast")
    assert list(lines_of(str(path))) == ["one", "", "twö", "last"]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a\nb\n")))
    assert list(lines_of("-")) == ["a", "b"]


def test_what_is_no_text_is_told(tmp_path):
    path = tmp_path / "texts"
    path.write_bytes(b"fine\n\xff\n")
    lines = lines_of(str(path))
    assert next(lines) == "fine"
    with pytest.raises(CorpusError, match="line 2 must be UTF-8"):
        next(lines)
    with pytest.raises(FileAccessError):
        list(lines_of(str(tmp_path / "none")))


def test_the_target_is_checked_before_the_work(tmp_path):
    told = CliRunner().invoke(
        classify.app, ["fit", str(tmp_path / "none.tsv"), "-o", str(tmp_path / "no" / "m")]
    )
    assert isinstance(told.exception, FileAccessError)
    assert "no" in str(told.exception)
