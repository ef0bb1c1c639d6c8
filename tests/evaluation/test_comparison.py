"""What a comparison says in words, columns and JSON."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from rowspace.evaluation.comparison import Comparison, ComparisonReport

NAMES = ("old.rows", "new.rows")
CLEAR = Comparison(
    kind="similarity", name="WS-353", measure="Spearman", unit="pairs",
    asked=353, covered=(330, 340), shared=320,
    of_shared=(0.5, 0.6), of_covered=(0.51, 0.61), of_asked=(0.45, 0.56),
    difference=0.1, interval=(0.05, 0.15), p_value=0.001, test="permutation",
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, "new.rows is ahead, by more than the choice of these 320 pairs explains"),
        ({"difference": -0.1}, "old.rows is ahead, by more than the choice of these 320 pairs explains"),
        ({"p_value": 0.05}, "no difference that these 320 pairs could show"),
        ({"p_value": 1.0, "shared": 1, "unit": "words"}, "no difference that this one word could show"),
        ({"difference": None, "p_value": None}, "no correlation over these 320 pairs that both cover"),
        ({"difference": None, "p_value": None, "shared": 0}, "nothing to compare: no pairs that both cover"),
    ],
)
def test_verdicts(changes, verdict):
    assert replace(CLEAR, **changes).verdict(NAMES).endswith(verdict)


def test_columns():
    share = replace(
        CLEAR,
        kind="analogies",
        p_value=1e-9,
        name="royal",
        measure="accuracy",
        unit="questions",
        interval=None,
    )
    lines = str(ComparisonReport("two", NAMES, [CLEAR, share])).splitlines()
    assert lines[0] == "A = old.rows, B = new.rows"
    assert len({len(line) for line in lines[1:4]}) == 1
    assert lines[2].split() == [
        "similarity", "WS-353", "320", "353", "0.500", "0.600", "+0.100", "[+0.050,", "+0.150]", "0.0010",
        "0.450", "0.560",
    ]  # fmt: skip
    assert lines[3].split()[2:10] == ["320", "353", "50.0", "%", "60.0", "%", "+10.0", "-"]
    assert lines[3].split()[10] == "<0.0001"
    assert lines[4] == "WS-353: B is ahead, by more than the choice of these 320 pairs explains"
    assert lines[6].startswith("2 tests: ")
    assert len(str(ComparisonReport("two", NAMES, [CLEAR])).splitlines()) == 4


def test_json():
    report = ComparisonReport("two", NAMES, [CLEAR])
    found = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert (found["first"], found["second"]) == NAMES
    (test,) = found["comparisons"]
    assert test["covered"] == {"first": 330, "second": 340}
    assert (test["shared"], test["interval"], test["of_shared"]["second"]) == (320, [0.05, 0.15], 0.6)
    assert test["verdict"] == CLEAR.verdict(NAMES)
