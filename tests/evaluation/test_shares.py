"""Shares, their intervals, and how they print."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.errors import RecipeError
from rowspace.evaluation.shares import Answers, Scorer, percent, percents, score_lines, share_interval

stats = pytest.importorskip("scipy.stats")


def answers(covered, correct):
    return Answers(np.array(covered, np.bool_), np.array(correct, np.bool_))


def test_both_policies():
    score = Scorer(100, 0).score("all", answers([1, 1, 1, 0], [1, 0, 1, 0]))
    assert (score.asked, score.covered, score.correct) == (4, 3, 2)
    assert (score.accuracy, score.accuracy_of_asked) == (2 / 3, 0.5)
    assert score.to_dict()["interval"] == list(score.interval)


def test_nothing_covered_and_nothing_asked():
    score = Scorer(100, 0).score("all", answers([0, 0], [0, 0]))
    assert (score.accuracy, score.accuracy_of_asked, score.interval) == (None, 0.0, None)
    score = Scorer(100, 0).score("all", answers([], []))
    assert (score.accuracy, score.accuracy_of_asked, score.interval) == (None, None, None)


def test_sections_follow_one_another():
    all_answers = answers([1, 1, 0, 1, 1], [1, 0, 0, 1, 1])
    first, empty, last = Scorer(0, 0).sections(
        [("a", "", 2), ("b", "", 0), ("c", "semantic", 3)], all_answers
    )
    assert [(s.asked, s.covered, s.correct) for s in (first, empty, last)] == [
        (2, 2, 1),
        (0, 0, 0),
        (3, 2, 2),
    ]
    assert (last.name, last.kind) == ("c", "semantic")


def test_the_interval_is_that_of_drawing_questions():
    right = np.arange(200) < 60
    drawn = right[np.random.default_rng(1).integers(0, 200, (20_000, 200))].mean(axis=1)
    found = share_interval(60, 200, resamples=20_000, seed=0)
    assert found == pytest.approx(tuple(np.percentile(drawn, [2.5, 97.5])), abs=0.0051)
    assert found == pytest.approx(stats.binom.ppf([0.025, 0.975], 200, 0.3) / 200, abs=0.0051)


def test_the_interval_follows_the_seed():
    found = [share_interval(600, 2000, resamples=100, seed=seed) for seed in (0, 0, 1)]
    assert found[0] == found[1] != found[2]


@pytest.mark.parametrize("counts", [(0, 0), (0, 9), (9, 9), (1, 1)])
def test_no_interval_where_no_resample_could_differ(counts):
    assert share_interval(*counts, resamples=100, seed=0) is None


def test_no_interval_without_resamples():
    assert share_interval(5, 9, resamples=0, seed=0) is None
    with pytest.raises(RecipeError, match="bootstrap"):
        Scorer(-1, 0)


def test_columns_are_aligned():
    scorer = Scorer(100, 0)
    lines = score_lines(
        [
            scorer.score("", answers([1], [1])),
            scorer.score("long name here", answers([1] * 9, [0] * 5 + [1] * 4)),
        ]
    )
    assert len({len(line) for line in lines}) == 1
    assert "(no section)" in lines[1]
    assert lines[1].split()[-2:] == ["100.0", "%"]


def test_figures():
    assert (percent(None), percent(0.125), percents(None), percents((0.1, 0.25))) == (
        "-",
        "12.5 %",
        "",
        "[10.0, 25.0]",
    )
