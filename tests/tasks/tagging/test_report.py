"""Scores of spans."""

from __future__ import annotations

import pytest

from rowspace.tasks.tagging.ranges import ranges_of
from rowspace.tasks.tagging.report import compare

DATA = [["B-x", "I-x", "O", "B-y"], ["O", "B-x"], ["O"]]
FOUND = [["B-x", "I-x", "O", "B-x"], ["B-x", "I-x"], ["O"]]


def scored(data, found, known=("x", "y")):
    return compare([ranges_of(each) for each in data], [ranges_of(each) for each in found], known, tokens=7)


def test_only_the_same_label_and_ends_are_right():
    report = scored(DATA, FOUND)
    assert (report.total.spans, report.total.found, report.total.right) == (3, 3, 1)
    assert report.f1 == report.precision == report.recall == pytest.approx(1 / 3)
    assert report.labels["x"].to_dict() == pytest.approx(
        {"spans": 2, "found": 3, "right": 1, "precision": 1 / 3, "recall": 1 / 2, "f1": 0.4}
    )
    assert (report.sentences, report.tokens, report.unseen_labels) == (3, 7, ())


def test_nothing_to_find_and_nothing_found_are_zero():
    for data, found in ((["O"], ["B-x"]), (["B-x"], ["O"]), (["O"], ["O"])):
        report = scored([data], [found])
        assert (report.f1, report.precision, report.recall) == (0, 0, 0)


def test_labels_never_met_are_named():
    report = scored(DATA, FOUND, known=("x",))
    assert report.unseen_labels == ("y",)
    assert str(report).splitlines()[-1] == "never met in training, so all missed: y"
    assert report.to_dict()["unseen_labels"] == ["y"]
    assert report.to_dict()["labels"]["y"]["f1"] == 0


def test_a_report_for_people():
    assert str(scored(DATA, FOUND)).splitlines() == [
        "label  precision  recall      F1   spans",
        "all       0.3333  0.3333  0.3333       3",
        "x         0.3333  0.5000  0.4000       2",
        "y         0.0000  0.0000  0.0000       1",
    ]
