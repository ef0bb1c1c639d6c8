"""``rowspace convert`` between all formats, and what it refuses."""

from __future__ import annotations

import json

import numpy as np
import pytest

import rowspace
from rowspace.stores import DenseStore
from rowspace.vocabulary import Words
from rowspace.vocabulary.ngrams import NGrams
from rowspace.vocabulary.subwords import Subwords


@pytest.mark.parametrize("name", ["b.vec", "b.bin", "b.glove", "b.rows"])
def test_there_and_back(answer, family, tmp_path, name):
    facts = answer("convert", family, tmp_path / name)
    assert (facts["rows"], facts["dim"]) == (6, 3)
    assert facts["bytes"] == (tmp_path / name).stat().st_size
    table, original = rowspace.read(tmp_path / name), rowspace.open(family)
    assert list(table.keys) == list(original.keys)
    np.testing.assert_array_equal(table.vectors, original.vectors)


def test_format_wins_over_the_suffix_and_limit_cuts(run, family, tmp_path):
    result = run("convert", family, tmp_path / "odd.data", "--format", "word2vec-text", "--limit", "2")
    assert result.exit_code == 0
    assert (tmp_path / "odd.data").read_text().splitlines()[0] == "2 3"
    assert "2 rows x 3" in result.stdout


def test_doubtful_rows_are_refused_unless_asked_for(run, refused, tmp_path):
    source = tmp_path / "doubtful.vec"
    source.write_bytes(b"3 2\na 1 2\na 3 4\nb nan 1\n")
    target = tmp_path / "out.rows"
    assert "--duplicates" in refused("convert", source, target) or not target.exists()
    result = run("convert", source, target, "--duplicates", "last", "--nonfinite", "zero")
    assert result.exit_code == 0
    assert result.stderr.count("rowspace: warning: ") >= 1
    table = rowspace.open(target)
    np.testing.assert_array_equal(table.lookup(["a", "b"]), [[3, 4], [0, 0]])


@pytest.mark.parametrize("target", ["nowhere/out.rows", ".", "out.unknown", "out"])
def test_a_wrong_target_is_found_before_anything_is_read(refused, tmp_path, target):
    assert str(tmp_path / target) in refused("convert", tmp_path / "unread.rows", tmp_path / target)


def test_a_key_that_the_format_cannot_hold(run, refused, tmp_path):
    table = rowspace.Table.from_arrays(["new york"], np.ones((1, 2), np.float32))
    source, target = rowspace.write(table, tmp_path / "space.rows"), tmp_path / "space.bin"
    assert "--escape _" in refused("convert", source, target)
    assert run("convert", source, target, "--escape", "_").exit_code == 0
    assert list(rowspace.read(target).keys) == ["new_york"]


def test_a_failed_conversion_leaves_what_was_there(refused, family, tmp_path):
    target = tmp_path / "old.glove"
    target.write_text("kept")
    source = tmp_path / "cut.vec"
    source.write_text("9 2\na 1 2\n")
    refused("convert", source, target)
    assert target.read_text() == "kept"


def test_quiet_says_nothing(run, family, tmp_path):
    result = run("convert", family, tmp_path / "q.vec", "--quiet")
    assert (result.stdout, result.stderr, result.exit_code) == ("", "", 0)


def test_a_model_with_ngrams_to_other_forms(answer, tmp_path):
    vocabulary = Subwords(Words.from_keys(["king", "queen"]), NGrams(3, 4, 20)).compacted()
    rows = np.arange(vocabulary.num_rows * 3, dtype=np.float32).reshape(-1, 3)
    table = rowspace.Table(vocabulary, DenseStore(rows))
    source = rowspace.write(table, tmp_path / "table.rows")
    assert answer("convert", source, tmp_path / "model.bin")["rows"] == 2 + 20
    assert rowspace.formats.sniff(tmp_path / "model.bin") == "fasttext"
    assert answer("convert", tmp_path / "model.bin", tmp_path / "keys.vec")["rows"] == 2
    np.testing.assert_array_equal(rowspace.read(tmp_path / "keys.vec").vectors, table.vectors)
    facts = answer("info", tmp_path / "model.bin")
    assert (facts["format"], facts["rows"], facts["keys"]) == ("fasttext", 22, ["king", "queen"])
    assert facts["vocabulary"]["kind"] == "ngrams"
    found = answer("nearest", tmp_path / "model.bin", "kingly")
    assert json.dumps(found).count("queen") == 1
