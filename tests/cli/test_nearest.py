"""``rowspace nearest`` on small tables of every format."""

from __future__ import annotations

import numpy as np
import pytest

import rowspace


def test_one_key_gives_aligned_lines(run, family):
    result = run("nearest", family, "man", "-k", "2")
    assert result.stdout == "king   0.9998\nwoman  0.7071\n"


def test_several_keys_are_headed(run, family):
    lines = run("nearest", family, "man", "queen", "-k", "1").stdout.splitlines()
    assert lines == ["man", "  king  0.9998", "queen", "  woman  1.0000"]


def test_json_equals_the_library(answer, family):
    found = answer("nearest", family, "man", "queen", "--metric", "euclidean")
    table = rowspace.open(family)
    assert [part["key"] for part in found["answers"]] == ["man", "queen"]
    for part in found["answers"]:
        expected = rowspace.nearest(table, part["key"], metric="euclidean")
        assert [near["key"] for near in part["neighbors"]] == expected.keys
        np.testing.assert_allclose([near["score"] for near in part["neighbors"]], expected.scores)


def test_limit_leaves_rare_keys_out(answer, family):
    (part,) = answer("nearest", family, "new_york", "--limit", "3")["answers"]
    assert {near["key"] for near in part["neighbors"]} == {"man", "woman", "king"}


@pytest.mark.parametrize("name", ["family.vec", "family.bin", "family.glove"])
def test_any_format_can_be_searched(run, family, tmp_path, name):
    rowspace.write(rowspace.open(family), tmp_path / name)
    assert run("nearest", tmp_path / name, "man", "-k", "1").stdout == "king  0.9998\n"


def test_an_unknown_key_is_answered_with_like_ones(refused, family):
    line = refused("nearest", family, "man", "qeen")
    assert "'qeen'" in line
    assert "did you mean 'queen'?" in line


def test_plot_draws_the_map_beside_the_answer(run, family, tmp_path):
    pytest.importorskip("matplotlib")
    picture = tmp_path / "map.svg"
    result = run("nearest", family, "man", "queen", "-k", "1", "--metric", "euclidean", "--plot", picture)
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[0] == "man"
    assert picture.read_text().startswith("<?xml")


def test_a_wrong_place_for_the_plot_is_found_before_the_table_is_opened(refused, tmp_path):
    pytest.importorskip("matplotlib")
    line = refused("nearest", tmp_path / "unread.rows", "man", "--plot", tmp_path / "map.jpg")
    assert ".png, .svg, .pdf" in line


@pytest.mark.parametrize(
    "verb", [["nearest", "man"], ["analogy", "man", "king", "woman"], ["info"], ["evaluate"]]
)
def test_damaged_missing_and_folder(refused, family, tmp_path, verb):
    name, *keys = verb
    keys += ["--similarity", __file__] if name == "evaluate" else []
    cut = tmp_path / "cut.rows"
    cut.write_bytes(family.read_bytes()[:-40])
    assert str(cut) in refused(name, cut, *keys)
    assert "missing.rows" in refused(name, tmp_path / "missing.rows", *keys)
    assert "folder" in refused(name, tmp_path, *keys)
    assert "no known format" in refused(name, __file__, *keys)
