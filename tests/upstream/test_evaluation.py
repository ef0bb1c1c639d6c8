"""Correlations, analogies, odd words and clusters score as SciPy, gensim and scikit-learn score them."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pytest

from rowspace import read
from rowspace.evaluation import analogies, categories, odd_one_out, read_pairs, similarity
from rowspace.evaluation.categories import category_ids, cluster_words
from rowspace.evaluation.clusters import cluster
from rowspace.evaluation.purity import contingency, in_majority, mutual_information
from rowspace.evaluation.similarity import pair_cosines
from rowspace.evaluation.word_categories import as_categories
from rowspace.evaluation.words import word_units
from rowspace.table import Table

pytestmark = [pytest.mark.upstream, pytest.mark.filterwarnings("ignore:Call to deprecated")]

SETS = ["WS-353-ALL", "WS-353-REL", "WS-353-SIM", "SIMLEX-999", "MTurk-287", "RG-65", "MC-30"]


@pytest.fixture(scope="module")
def glove(data_dir: Path) -> Table:
    """The five thousand most frequent rows of a published table."""
    return read(data_dir / "vectors" / "glove" / "glove.6B.50d.5050.txt")


@pytest.fixture
def small() -> Table:
    """Forty words in five groups, each with a plural."""
    rng = np.random.default_rng(0)
    stems = 2 * np.eye(5, 8).repeat(8, axis=0) + rng.standard_normal((40, 8))
    vectors = np.concatenate([stems, stems + rng.standard_normal(8)]) + 0.3 * rng.standard_normal((80, 8))
    return Table.from_arrays(
        [f"w{row % 40}{'s' * (row // 40)}" for row in range(80)], vectors.astype(np.float32)
    )


def keyed_vectors(table: Table):
    """The same keys and vectors in gensim's class."""
    peer = pytest.importorskip("gensim.models").KeyedVectors(table.dim)
    peer.add_vectors(list(table.keys), table.vectors)
    return peer


def check_similarity(table: Table, path: Path) -> None:
    stats = pytest.importorskip("scipy.stats")
    report = similarity(table, path, bootstrap=0)
    test = read_pairs(path)
    cosines, covered = pair_cosines(table, test, fold=True, limit=None)
    assert 2 < report.covered == covered.sum()
    ours = (report.spearman, report.pearson, report.spearman_with_zeros, report.pearson_with_zeros)
    assert ours == pytest.approx(
        (
            stats.spearmanr(cosines[covered], test.scores[covered]).statistic,
            stats.pearsonr(cosines[covered], test.scores[covered]).statistic,
            stats.spearmanr(cosines, test.scores).statistic,
            stats.pearsonr(cosines, test.scores).statistic,
        ),
        abs=1e-12,
    )
    tabbed = path.parent / "tabbed.txt"
    tabbed.write_text(
        "".join(
            f"{a}\t{b}\t{s!r}\n"
            for a, b, s in zip(test.first, test.second, test.scores.tolist(), strict=True)
        )
    )
    for zeros, (mine, linear) in ((False, ours[:2]), (True, ours[2:])):
        pearson, spearman, unknown = keyed_vectors(table).evaluate_word_pairs(
            str(tabbed), dummy4unknown=zeros, restrict_vocab=len(table)
        )
        assert (mine, linear) == pytest.approx((spearman[0], pearson[0]), abs=2e-6)
        assert 100 * (1 - report.covered / report.pairs) == pytest.approx(unknown)


def check_analogies(table: Table, path: Path, limit: int) -> None:
    ours = analogies(table, path, limit=limit, bootstrap=0)
    accuracy, theirs = keyed_vectors(table).evaluate_word_analogies(str(path), restrict_vocab=limit)
    known = [section for section in [*ours.sections, ours.total] if section.asked]
    for section, peer in zip(known, theirs, strict=True):
        assert section.correct == len(peer["correct"])
        assert section.covered == len(peer["correct"]) + len(peer["incorrect"])
    assert ours.total.accuracy == pytest.approx(accuracy)
    assert 0 < ours.total.correct < ours.total.covered


def check_purity(table: Table, kinds: dict[str, str]) -> None:
    """Purity and mutual information of the same clusters."""
    pytest.importorskip("sklearn")
    metrics = importlib.import_module("sklearn.metrics")
    supervised = importlib.import_module("sklearn.metrics.cluster")
    report = categories(table, kinds, seed=3)
    test = as_categories(kinds)
    units, places = word_units(table, test.words, fold=True, limit=None)
    truth = category_ids(test, places >= 0)
    found = cluster_words(units[places[places >= 0]], truth, restarts=10, seed=3)
    theirs = supervised.contingency_matrix(truth, found)
    purity = theirs.max(axis=0).sum() / theirs.sum()
    assert 0 < purity < 1
    assert report.purity == pytest.approx(purity, rel=1e-12)
    assert in_majority(found, truth).mean() == pytest.approx(purity, rel=1e-12)
    np.testing.assert_array_equal(contingency(found, truth)[np.unique(found)], theirs.T)
    assert report.mutual_information == pytest.approx(metrics.normalized_mutual_info_score(truth, found))
    assert mutual_information(found, truth) == report.mutual_information


def test_similarity(small, tmp_path):
    rng = np.random.default_rng(1)
    rows = rng.integers(0, 45, (60, 2)).tolist()
    path = tmp_path / "pairs.txt"
    path.write_text("".join(f"w{a}\tW{b}\t{rng.integers(0, 9)}\n" for a, b in rows))
    check_similarity(small, path)


@pytest.mark.data
@pytest.mark.parametrize("name", SETS)
def test_similarity_on_real_sets(glove, data_dir, tmp_path, name):
    path = tmp_path / f"{name}.txt"
    path.write_bytes((data_dir / "similarity" / f"EN-{name}.txt").read_bytes())
    check_similarity(glove, path)


@pytest.mark.parametrize("limit", [80, 60])
def test_analogies(small, tmp_path, limit):
    rng = np.random.default_rng(2)
    lines = [f"w{a} w{a}s W{c} w{c}s" for a, c in rng.integers(0, 42, (120, 2)) if a != c]
    path = tmp_path / "questions.txt"
    path.write_text("\n".join([": gram1", *lines[:60], ": gram2", *lines[60:], ": nowhere", "a b c d"]))
    check_analogies(small, path, limit)


@pytest.mark.data
def test_analogies_on_real_questions(glove, data_dir):
    check_analogies(glove, data_dir / "analogies" / "questions-words.txt", 2000)


def test_odd_words(small):
    rng = np.random.default_rng(3)
    peer = keyed_vectors(small)
    questions = [[f"w{row}" for row in rng.permutation(40)[: 3 + number % 6]] for number in range(100)]
    expected = sum(peer.doesnt_match(question) == question[-1] for question in questions)
    report = odd_one_out(small, questions)
    assert (report.total.covered, report.total.correct) == (100, expected)
    assert 0 < expected < 100


def test_purity(small):
    check_purity(small, {f"w{row}": f"group {row // 8}" for row in range(43)})


@pytest.mark.data
def test_purity_on_real_words(glove):
    groups = {
        "animal": "dog cat horse cow bear bird fish mouse lion wolf snake tiger elephant monkey pig",
        "country": "france germany china japan india canada brazil spain italy egypt mexico poland iran",
        "month": "january march april june july august october november december february september",
        "science": "physics chemistry biology mathematics medicine psychology philosophy economics law",
        "vehicle": "car truck bus train ship boat plane aircraft helicopter bicycle van tank",
    }
    check_purity(glove, {word: kind for kind, words in groups.items() for word in words.split()})


@pytest.mark.data
def test_clusters_are_as_tight_as_those_of_scikit_learn(glove):
    """On unit rows scikit-learn's k-means has the same kind of optimum; ours is near the best of its runs."""
    cluster_module = pytest.importorskip("sklearn.cluster")
    units, places = word_units(glove, glove.keys[200:500], fold=True, limit=None)
    units = units[places]
    ours = cluster(units, 12, restarts=10, seed=0).objective
    labels = cluster_module.KMeans(12, n_init=5, random_state=0).fit(units).labels_
    theirs = sum(np.linalg.norm(units[labels == each].sum(axis=0)) for each in range(12))
    assert ours == pytest.approx(theirs, rel=0.01)
