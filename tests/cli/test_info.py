"""``rowspace info``: facts of every format, and damage."""

from __future__ import annotations

import numpy as np
import pytest

import rowspace
from rowspace.stores import DenseStore
from rowspace.vocabulary import Words
from rowspace.vocabulary.ngrams import NGrams
from rowspace.vocabulary.subwords import Subwords


def test_a_rows_file(answer, family):
    facts = answer("info", family)
    assert (facts["format"], facts["rows"], facts["dim"]) == ("rows", 6, 3)
    assert facts["keys"] == ["man", "woman", "king", "queen", "café", "new_york"]
    assert facts["counts"] == [60, 50, 40, 30, 20, 10]
    assert facts["bytes"] == family.stat().st_size
    assert facts["checksums"] is None


def test_verify_compares_checksums(answer, run, family):
    assert set(answer("info", family, "--verify")["checksums"].values()) == {True}
    assert "all match" in run("info", family, "--verify").stdout


def test_damage_inside_the_data_is_told_and_code_two(run, family):
    damaged = bytearray(family.read_bytes())
    place = damaged.rindex("café".encode())
    damaged[place] ^= 1
    family.write_bytes(damaged)
    assert run("info", family).exit_code == 0
    result = run("info", family, "--verify")
    assert result.exit_code == 2
    assert "DAMAGED: keys.bytes" in result.stdout
    assert result.stderr.startswith("rowspace: error: ")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(("name", "rows"), [("f.vec", 6), ("f.bin", 6), ("f.glove", None)])
def test_foreign_formats(answer, run, family, tmp_path, name, rows):
    path = rowspace.write(rowspace.open(family), tmp_path / name)
    facts = answer("info", path)
    assert (facts["rows"], facts["dim"], facts["counts"]) == (rows, 3, None)
    assert facts["keys"][:2] == ["man", "woman"]
    assert ("unknown number of rows" in run("info", path).stdout) == (rows is None)


def test_a_trained_table_tells_its_recipe(run, text, tmp_path):
    run("train", "word2vec", text, "-o", tmp_path / "t.rows", "--dim", "8", "--quiet")
    printed = run("info", tmp_path / "t.rows").stdout
    for words in ("dim 8", "tokens 3,200", "losses", "words per second", "context rows"):
        assert words in printed


@pytest.mark.parametrize("name", ["family.rows", "family.vec"])
def test_plot_draws_the_spectrum_beside_the_facts(run, family, tmp_path, name):
    pytest.importorskip("matplotlib")
    path, picture = rowspace.write(rowspace.open(family), tmp_path / name), tmp_path / "spectrum.svg"
    result = run("info", path, "--plot", picture)
    assert result.exit_code == 0, result.output
    assert "6 rows x 3" in result.stdout
    assert picture.read_text().startswith("<?xml")


def test_a_plot_that_cannot_be_drawn_or_written_is_an_error(refused, family, tmp_path):
    pytest.importorskip("matplotlib")
    assert "does not exist" in refused("info", family, "--plot", tmp_path / "nowhere" / "s.png")
    equal = rowspace.Table.from_arrays(["a", "b"], np.ones((2, 3), np.float32))
    path = rowspace.write(equal, tmp_path / "equal.rows")
    assert "differ" in refused("info", path, "--plot", tmp_path / "s.png")
    assert not (tmp_path / "s.png").exists()


def test_control_characters_in_keys_do_not_reach_the_terminal(run, family, tmp_path):
    table = rowspace.Table.from_arrays(["\x1b[2J", "b"], rowspace.open(family).vectors[:2].copy())
    path = rowspace.write(table, tmp_path / "odd.rows")
    assert "\x1b" not in run("info", path).stdout


def test_subwords_are_told_with_their_parameters(answer, run, tmp_path):
    vocabulary = Subwords(Words.from_keys(["king", "queen"]), NGrams(3, 4, 20))
    table = rowspace.Table(vocabulary, DenseStore(np.ones((22, 3), np.float32)))
    path = rowspace.write(table, tmp_path / "table.rows")
    assert answer("info", path)["vocabulary"] == {
        "kind": "ngrams", "keys": 2, "min_n": 3, "max_n": 4, "buckets": 20, "shared_row": None,
    }  # fmt: skip
    assert "ngrams of 2 keys: min_n 3, max_n 4" in run("info", path).stdout
