"""What a report says and how it is printed."""

from __future__ import annotations

import json

import numpy as np
import pytest

from rowspace.selection.ablation_report import Difference, summarize
from rowspace.selection.trial import Trial
from rowspace.selection.variant import Variant

ONE_HOT, TRAINED = Variant("one-hot"), Variant("random trained", 64)


def trials_of(variant, scores, outcomes=None):
    return [
        Trial(variant, seed, score, None if outcomes is None else np.array(outcomes, float), 1234, 1.5, 0.25)
        for seed, score in enumerate(scores)
    ]


def report_of(one_hot, trained):
    return summarize([*one_hot, *trained], [ONE_HOT, TRAINED], TRAINED, range(len(trained)))


def test_a_line_a_variant():
    lines = str(report_of(trials_of(ONE_HOT, [0.5] * 6), trials_of(TRAINED, [0.6, 0.7] * 3))).splitlines()
    assert lines[0].split() == [
        "variant", "score", "spread", "95", "%", "interval", "difference", "parameters", "fit,", "s",
        "score,", "s",
    ]  # fmt: skip
    assert lines[1].split() == [
        "one-hot", "0.5000", "0.0000", "[0.5000,", "0.5000]", "-0.1500", "1,234", "1.5", "0.25"
    ]  # fmt: skip
    assert lines[2].startswith("random trained 64  0.6500  0.0548")
    assert len({len(line) for line in lines[:3]}) == 1
    assert lines[3] == "one-hot loses 0.1500 against random trained 64 (p = 0.031 over seeds)"
    assert len(lines) == 4


def test_few_seeds_are_told_of_and_examples_decide():
    right, wrong = [1] * 40 + [0] * 60, [1] * 20 + [0] * 80
    report = report_of(trials_of(ONE_HOT, [0.4], right), trials_of(TRAINED, [0.2], wrong))
    assert report.verdicts == ("one-hot gains 0.2000 over random trained 64 (p < 0.001 over examples)",)
    assert str(report).splitlines()[-1].startswith("of 1 seeds no test can tell")
    assert report.results["one-hot"].spread is None
    assert " -  " in str(report)


def test_without_any_test_nothing_is_clear():
    report = report_of(trials_of(ONE_HOT, [0.4, 0.4]), trials_of(TRAINED, [0.2, 0.2]))
    assert report.verdicts == ("one-hot does not differ clearly from random trained 64: +0.2000 (untested)",)


@pytest.mark.parametrize(
    ("num_seeds", "p_seeds", "p_examples", "clear"),
    [
        (6, 0.03, None, True),
        (6, 0.06, None, False),
        (6, 0.03, 0.03, True),
        (6, 0.03, 0.06, False),
        (6, 0.06, 0.03, False),
        (5, 0.0625, 0.03, True),
        (5, 0.0625, None, False),
    ],
)
def test_when_a_difference_is_clear(num_seeds, p_seeds, p_examples, clear):
    assert Difference(num_seeds, 0.1, None, p_seeds, None, p_examples).is_clear is clear


def test_seeds_are_paired():
    """A gain of a hundredth at each seed shows, although seeds differ by more."""
    scores = np.array([0.5, 0.6, 0.7, 0.55, 0.65, 0.75])
    report = report_of(trials_of(ONE_HOT, (scores + 0.01).tolist()), trials_of(TRAINED, scores.tolist()))
    difference = report.results["one-hot"].difference
    assert difference.is_clear
    assert difference.interval == pytest.approx((0.01, 0.01))


def test_the_dictionary_is_json():
    report = report_of(trials_of(ONE_HOT, [0.4] * 2, [1, 0]), trials_of(TRAINED, [0.2] * 2, [0, 0]))
    found = json.loads(json.dumps(report.to_dict()))
    assert found["baseline"] == "random trained 64"
    assert found["seeds"] == [0, 1]
    first = found["variants"][0]
    assert (first["variant"], first["kind"], first["dim"], first["scores"]) == (
        "one-hot",
        "one-hot",
        None,
        [0.4, 0.4],
    )
    assert first["difference"]["p_examples"] == 1.0
    assert found["variants"][1]["difference"] is None
