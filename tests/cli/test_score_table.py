"""One line a test, for every kind of report."""

from __future__ import annotations

import numpy as np

from rowspace import evaluation
from rowspace.cli.score_table import score_of, score_table
from rowspace.table import Table

TABLE = Table.from_arrays(
    ["man", "king", "woman", "queen", "cup"],
    np.array([[1, 0, 0], [1, 0, 1], [0, 1, 0], [0, 1, 1], [-1, -1, 0]], np.float32),
)


def reports():
    pairs = [("man", "king", 9.0), ("man", "cup", 1.0), ("queen", "cup", 0.0), ("x", "y", 1.0)]
    family = [("man", "king"), ("woman", "queen"), ("boy", "prince")]
    return {
        "Spearman": evaluation.similarity(TABLE, pairs),
        "analogies": evaluation.analogies(TABLE, [("man", "king", "woman", "queen")]),
        "purity": evaluation.categories(TABLE, {"man": "m", "king": "m", "woman": "w", "boy": "m"}),
        "odd": evaluation.odd_one_out(TABLE, [["man", "king", "cup"], ["man", "king", "boy"]]),
        "relations": evaluation.relations(TABLE, {"royal": family}),
    }


def test_the_score_that_people_quote_and_the_one_over_all():
    found = {name: score_of(report) for name, report in reports().items()}
    assert {name: (score.covered, score.asked) for name, score in found.items()} == {
        "Spearman": (3, 4),
        "analogies": (1, 1),
        "purity": (3, 4),
        "odd": (1, 2),
        "relations": (2, 3),
    }
    assert found["Spearman"].score == reports()["Spearman"].spearman
    assert found["Spearman"].score_of_asked == reports()["Spearman"].spearman_with_zeros
    assert (found["purity"].measure, found["purity"].score) == ("purity", reports()["purity"].purity)
    assert (found["odd"].score, found["odd"].score_of_asked) == (1.0, 0.5)
    assert (found["relations"].score, found["relations"].score_of_asked) == (1.0, 2 / 3)


def test_columns_stand_under_their_heading():
    heading, *lines = score_table(reports().values()).splitlines()
    assert len(lines) == 5
    assert heading.split()[:4] == ["test", "measure", "covered", "score"]
    ends = heading.index("score") + len("score")
    assert all(line[ends - 5 : ends].strip().replace(".", "").isdigit() for line in lines), lines


def test_undefined_scores_are_dashes():
    line = score_table([evaluation.similarity(TABLE, [("x", "y", 1.0)])]).splitlines()[1]
    assert line.split() == ["pairs", "Spearman", "0", "of", "1", "-", "-"]
