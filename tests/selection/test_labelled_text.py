"""Reading and splitting labelled texts."""

from __future__ import annotations

import pytest

from rowspace.errors import EvaluationError, FileAccessError
from rowspace.selection.labelled_text import LabelledText, read_labelled, split_off


def test_a_label_a_tab_and_a_text(tmp_path):
    path = tmp_path / "data.tsv"
    path.write_text("+\tA good\tfilm\n\n# a remark\n-\tDull .\n", "utf-8")
    assert read_labelled(path) == (["+", "-"], ["A good\tfilm", "Dull ."])
    assert read_labelled(path, lowercase=True).texts == ["a good\tfilm", "dull ."]


def test_what_is_refused(tmp_path):
    path = tmp_path / "data.tsv"
    path.write_text("+\tgood\nno tab\n", "utf-8")
    with pytest.raises(EvaluationError, match=r"data.tsv: line 2 must be a label, a tab and a text.*no tab"):
        read_labelled(path)
    path.write_text("\n", "utf-8")
    with pytest.raises(EvaluationError, match="there is no line"):
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
