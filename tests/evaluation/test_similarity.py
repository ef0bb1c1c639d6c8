"""Word similarity: figures, coverage, and every degenerate test set."""

from __future__ import annotations

import json

import numpy as np
import pytest

from rowspace.errors import EvaluationError, RecipeError
from rowspace.evaluation import read_pairs, similarity
from rowspace.table import Table

stats = pytest.importorskip("scipy.stats")


def random_pairs(table, count=40):
    rng = np.random.default_rng(0)
    return [(f"K{a}", f"k{b}", float(s)) for a, b, s in rng.integers(0, len(table) + 5, (count, 3))]


def test_figures_are_scipys_over_covered_pairs_and_over_all(table):
    pairs = random_pairs(table)
    units = table.vectors.astype(np.float64) / np.linalg.norm(table.vectors, axis=1, keepdims=True)
    rows = np.array([(int(a[1:]), int(b[1:])) for a, b, _ in pairs])
    covered = (rows < len(table)).all(axis=1)
    cosines = np.zeros(len(pairs))
    cosines[covered] = (units[rows[covered, 0]] * units[rows[covered, 1]]).sum(1)
    human = np.array([score for _, _, score in pairs])
    report = similarity(table, pairs, bootstrap=200)
    assert (report.pairs, report.covered) == (40, covered.sum())
    assert 0 < covered.sum() < 40
    assert report.spearman == pytest.approx(stats.spearmanr(cosines[covered], human[covered]).statistic)
    assert report.pearson == pytest.approx(stats.pearsonr(cosines[covered], human[covered]).statistic)
    assert report.spearman_with_zeros == pytest.approx(stats.spearmanr(cosines, human).statistic)
    assert report.pearson_with_zeros == pytest.approx(stats.pearsonr(cosines, human).statistic)
    low, high = report.interval
    assert low < report.spearman < high
    assert report.note == ""


def test_a_cased_table_is_asked_as_written(table):
    cased = Table.from_arrays([key.upper() for key in table.keys], table.vectors)
    pairs = [("K1", "K2", 1.0), ("k1", "K3", 2.0), ("K4", "K3", 2.0)]
    assert similarity(cased, pairs).covered == 2
    assert similarity(cased, pairs, fold_case=True).covered == 3
    assert similarity(table, pairs, fold_case=False).covered == 0


def test_limit_leaves_the_first_keys(table):
    assert similarity(table, [("k1", "k9", 1.0), ("k1", "k10", 1.0)], limit=10).covered == 1


@pytest.mark.parametrize(
    ("pairs", "covered", "note"),
    [
        ([("x", "y", 1.0), ("y", "z", 2.0)], 0, "needs two covered pairs, but has 0"),
        ([("k1", "k2", 1.0), ("y", "z", 2.0)], 1, "needs two covered pairs, but has 1"),
        ([("k1", "k2", 1.0), ("k1", "k3", 1.0)], 2, "the human scores of all covered pairs are equal"),
        ([("k1", "k1", 1.0), ("k1", "k1", 2.0)], 2, "the cosines of all covered pairs are equal"),
    ],
)
def test_undefined_figures_are_none_and_say_why(table, pairs, covered, note):
    report = similarity(table, pairs)
    assert (report.covered, report.spearman, report.pearson, report.interval) == (covered, None, None, None)
    assert note in report.note
    assert note in str(report)
    assert json.loads(json.dumps(report.to_dict()))["spearman"] is None


def test_zero_and_non_finite_vectors():
    vectors = np.array([[1, 0], [0, 0], [np.nan, 1], [1, 1], [0, 1]], np.float32)
    table = Table.from_arrays("abcde", vectors)
    report = similarity(table, [("a", "b", 1), ("a", "c", 9), ("a", "d", 2), ("d", "e", 2), ("a", "a", 3)])
    assert report.covered == 4
    assert report.spearman == pytest.approx(1)


@pytest.mark.parametrize("shape", [(3, 0), (3, 2)])
def test_vectors_without_a_direction_are_all_alike(shape):
    table = Table.from_arrays("abc", np.zeros(shape, np.float32))
    report = similarity(table, [("a", "b", 1), ("b", "c", 2)])
    assert (report.covered, report.spearman) == (2, None)
    assert "the cosines of all covered pairs are equal" in report.note


def test_an_empty_table():
    report = similarity(Table.from_arrays([], np.zeros((0, 3), np.float32)), [("a", "b", 1), ("c", "d", 2)])
    assert (report.covered, report.spearman) == (0, None)


def test_reports_print_and_become_json(table, tmp_path):
    path = tmp_path / "SET-3.txt"
    path.write_text("k1 k2 3\nk3 k4 2\nk5 k6 1\nk5 zzz 1\n")
    report = similarity(table, path, seed=1)
    assert str(report).startswith("SET-3: 3 of 4 pairs covered")
    assert json.loads(json.dumps(report.to_dict(), allow_nan=False))["covered"] == 3
    assert similarity(table, str(path), seed=1) == report
    assert similarity(table, read_pairs(path), seed=1) == report


def test_wrong_arguments(table):
    with pytest.raises(RecipeError, match="bootstrap"):
        similarity(table, [("k1", "k2", 1.0)], bootstrap=-1)
    with pytest.raises(EvaluationError, match="at least one pair"):
        similarity(table, [])


@pytest.mark.upstream
@pytest.mark.parametrize("zeros", [True, False])
def test_scores_as_gensim_does(table, tmp_path, zeros):
    models = pytest.importorskip("gensim.models")
    peer = models.KeyedVectors(table.dim)
    peer.add_vectors(list(table.keys), table.vectors)
    path = tmp_path / "pairs.txt"
    path.write_text("".join(f"{a}\t{b}\t{score}\n" for a, b, score in random_pairs(table)))
    pearson, spearman, unknown = peer.evaluate_word_pairs(str(path), dummy4unknown=zeros)
    report = similarity(table, path)
    ours = (
        (report.pearson_with_zeros, report.spearman_with_zeros)
        if zeros
        else (report.pearson, report.spearman)
    )
    assert ours == pytest.approx((pearson[0], spearman[0]), abs=1e-6)
    assert 100 * (1 - report.covered / report.pairs) == pytest.approx(unknown)
