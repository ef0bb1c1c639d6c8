"""``rowspace evaluate``: several files after each flag, every kind of test, geometry and pictures."""

from __future__ import annotations

import json

import pytest

import rowspace
from rowspace.cli.evaluate import spread
from rowspace.evaluation.geometry import geometry


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


def test_a_malformed_set_is_one_line(refused, family, tmp_path):
    (tmp_path / "bad.txt").write_text("only-one-word\n")
    assert "bad.txt" in refused("evaluate", family, "--similarity", tmp_path / "bad.txt")


def test_spread_leaves_other_arguments_alone():
    assert list(spread(["T", "--json"], ["--a"])) == ["T", "--json"]
    assert list(spread(["--a", "x", "--b", "y", "z"], ["--a"])) == ["--a", "x", "--b", "y", "z"]
    assert list(spread(["--a", "x", "y", "--a", "z"], ["--a"])) == ["--a", "x", "--a", "y", "--a", "z"]


@pytest.fixture
def more_sets(sets):
    (sets / "categories.txt").write_text("man\tpeople\nking\tpeople\ncafé\tplaces\nnew_york\tplaces\n")
    (sets / "odd.txt").write_text("man king café\nwoman queen new_york\n")
    (sets / "relations.txt").write_text(": royalty\nman\tking\nwoman\tqueen\n")
    return sets


def test_every_kind_of_set_in_one_call(answer, family, more_sets):
    flags = [f"--{test}" for test in ("categories", "odd-one-out", "relations")]
    files = [more_sets / f"{name}.txt" for name in ("categories", "odd", "relations")]
    paired = [part for pair in zip(flags, files, strict=True) for part in pair]
    scores = answer("evaluate", family, "--similarity", more_sets / "one.txt", *paired)
    table = rowspace.open(family)
    expected = {
        "categories": rowspace.evaluation.categories(table, files[0]),
        "odd_one_out": rowspace.evaluation.odd_one_out(table, files[1]),
        "relations": rowspace.evaluation.relations(table, files[2]),
    }
    for test, report in expected.items():
        assert scores[test] == [{"file": scores[test][0]["file"], **json.loads(json.dumps(report.to_dict()))}]
    assert (scores["analogies"], scores["geometry"], scores["plot"]) == ([], None, None)


def test_a_limit_holds_for_every_test(answer, family, more_sets):
    flags = ["--relations", more_sets / "relations.txt", "--odd-one-out", more_sets / "odd.txt", "--geometry"]
    scores = answer("evaluate", family, *flags, "--limit", 4)
    assert scores["relations"][0]["candidates"] == 4
    assert scores["odd_one_out"][0]["total"]["covered"] == 0
    assert scores["geometry"]["keys"] == 4


def test_scores_stand_first_where_there_are_several(run, family, more_sets):
    files = [more_sets / "one.txt", more_sets / "two.txt"]
    printed = run("evaluate", family, "--similarity", *files, "--geometry").stdout
    summary, one, two, lies = printed.split("\n\n")
    assert [line.split()[0] for line in summary.splitlines()] == ["test", "one", "two"]
    assert one.startswith("one: 3 of 4 pairs covered")
    assert two.startswith("two: ")
    assert lies.startswith("geometry: 6 keys x 3")
    assert run("evaluate", family, "--similarity", files[0]).stdout.startswith("one: 3 of 4")


def test_without_a_test_set_the_geometry_is_shown(run, answer, family):
    report = geometry(rowspace.open(family))
    assert run("evaluate", family).stdout == f"{report}\n"
    assert answer("evaluate", family)["geometry"] == report.to_dict()
    assert answer("evaluate", family)["similarity"] == []


def test_a_picture_of_the_pairs_or_of_the_spectrum(run, answer, family, sets, tmp_path):
    pytest.importorskip("matplotlib")
    flags = ["--similarity", sets / "one.txt", "--plot", tmp_path / "pairs.svg"]
    assert f"plot {tmp_path / 'pairs.svg'}" in run("evaluate", family, *flags).stdout
    assert "Spearman" in (tmp_path / "pairs.svg").read_text()
    scores = answer("evaluate", family, "--plot", tmp_path / "spectrum.png")
    assert scores["plot"] == str(tmp_path / "spectrum.png")
    assert (tmp_path / "spectrum.png").read_bytes()[1:4] == b"PNG"


def test_a_bad_picture_is_refused_before_the_table_is_read(refused, tmp_path, sets):
    pytest.importorskip("matplotlib")
    absent = tmp_path / "absent.rows"
    assert "suffix" in refused("evaluate", absent, "--plot", tmp_path / "picture.gif")
    pairs = [sets / "one.txt", sets / "two.txt"]
    line = refused("evaluate", absent, "--similarity", *pairs, "--plot", tmp_path / "picture.png")
    assert "one set of word pairs, but 2 were given" in line
