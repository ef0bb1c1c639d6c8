"""``rowspace evaluate`` with several files after each flag."""

from __future__ import annotations

import pytest

import rowspace
from rowspace.cli.evaluate import spread


@pytest.fixture
def sets(tmp_path):
    for name in ("one", "two"):
        (tmp_path / f"{name}.txt").write_text("man king 9\nman café 1\nking café 2\nwoman zzz 5\n")
    (tmp_path / "questions.txt").write_text(": family\nman king woman queen\nking man queen woman\n")
    return tmp_path


def test_many_files_after_one_flag(answer, family, sets):
    flags = ["--similarity", sets / "one.txt", sets / "two.txt", "--analogies", sets / "questions.txt"]
    scores = answer("evaluate", family, *flags)
    assert [part["file"] for part in scores["similarity"]] == [str(sets / "one.txt"), str(sets / "two.txt")]
    expected = rowspace.evaluation.similarity(rowspace.open(family), sets / "one.txt")
    assert scores["similarity"][0]["spearman"] == pytest.approx(expected.spearman)
    assert scores["similarity"][0]["covered"] == 3
    assert len(scores["analogies"]) == 1


def test_the_table_may_stand_last_behind_a_flag_without_files(run, family, sets):
    assert run("evaluate", "--similarity", sets / "one.txt", "--limit", "5", family).exit_code == 0


def test_reports_for_people(run, family, sets):
    printed = run(
        "evaluate", family, "--similarity", sets / "one.txt", "--analogies", sets / "questions.txt"
    ).stdout
    assert "3 of 4 pairs covered" in printed
    assert "questions" in printed


def test_without_a_test_set(refused, family):
    assert "--similarity" in refused("evaluate", family)


def test_a_malformed_set_is_one_line(refused, family, tmp_path):
    (tmp_path / "bad.txt").write_text("only-one-word\n")
    assert "bad.txt" in refused("evaluate", family, "--similarity", tmp_path / "bad.txt")


def test_spread_leaves_other_arguments_alone():
    assert list(spread(["T", "--json"], ["--a"])) == ["T", "--json"]
    assert list(spread(["--a", "x", "--b", "y", "z"], ["--a"])) == ["--a", "x", "--b", "y", "z"]
    assert list(spread(["--a", "x", "y", "--a", "z"], ["--a"])) == ["--a", "x", "--a", "y", "--a", "z"]
