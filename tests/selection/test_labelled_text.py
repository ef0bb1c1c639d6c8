"""Reading and splitting labelled texts."""

from __future__ import annotations

import pytest

from rowspace.errors import CorpusError, EvaluationError, FileAccessError
from rowspace.selection.labelled_text import LabelledText, read_labelled, split_off


def test_files_are_read_in_every_form(tmp_path):
    path = tmp_path / "data"
    path.write_text("+\tA good\tfilm\n\n-\tDull .\n", "utf-8")
    assert read_labelled(path) == (["+", "-"], ["A good\tfilm", "Dull ."])
    assert read_labelled(path, lowercase=True).texts == ["a good\tfilm", "dull ."]
    path.write_text('{"label": "+", "text": "A good film"}\n', "utf-8")
    assert read_labelled(path) == (["+"], ["A good film"])


def test_what_is_refused(tmp_path):
    path = tmp_path / "data"
    path.write_text("__label__a good\n__label__a __label__b bad\n", "utf-8")
    with pytest.raises(EvaluationError, match="each text must have one label, but text 2 has 2"):
        read_labelled(path)
    path.write_text("\n", "utf-8")
    with pytest.raises(CorpusError, match="labelled texts are needed, but there is none"):
        read_labelled(path)
    with pytest.raises(FileAccessError):
        read_labelled(tmp_path / "none.tsv")


def test_a_fifth_is_split_off_by_lot():
    data = LabelledText([str(place) for place in range(50)], [f"text {place}" for place in range(50)])
    train, test = split_off(data)
    assert (len(train.labels), len(test.labels)) == (40, 10)
    assert sorted([*train.labels, *test.labels], key=int) == data.labels
    assert all(text == f"text {label}" for part in (train, test) for label, text in zip(*part, strict=True))
    assert test.labels != data.labels[:10]
    assert split_off(data) == (train, test) != split_off(data, seed=1)
