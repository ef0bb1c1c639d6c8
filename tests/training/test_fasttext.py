"""FastText learns what the eye can see, also for words it never saw, and keeps rows for what it needs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import rowspace as rs
from rowspace.errors import CorpusError, RecipeError
from rowspace.table import Table
from rowspace.training import FastText
from rowspace.training.size import usual_rate
from rowspace.vocabulary import Words
from rowspace.vocabulary.floret import Floret
from rowspace.vocabulary.ngrams import NGrams
from rowspace.vocabulary.subwords import Subwords

RECIPE = FastText(
    dim=16, window=4, epochs=6, min_count=1, subsample=0, learning_rate=0.05, buckets=5_000, min_n=2, max_n=4
)
KINDS = {
    "n-grams": RECIPE,
    "floret": replace(RECIPE, hashes=2, buckets=500),
    "whole words": replace(RECIPE, max_n=0, min_n=0),
    "cbow": replace(RECIPE, model="cbow", epochs=12),
    "hierarchical": replace(RECIPE, loss="hierarchical"),
    "cbow, hierarchical": replace(RECIPE, model="cbow", loss="hierarchical", epochs=12),
    "fixed window": replace(RECIPE, fixed_window=True),
}
STEMS = ["warm", "cold"]  # a family of words for each topic


@pytest.fixture(scope="session")
def families() -> list[list[str]]:
    """Documents with words of one family each: warma, warmb ... and colda, coldb ..."""
    rng = np.random.default_rng(5)
    words = {stem: [stem + letter for letter in "abcdefgh"] for stem in STEMS}
    return [list(rng.choice(words[STEMS[number % 2]], 12)) for number in range(400)]


def cosine(first: np.ndarray, second: np.ndarray) -> float:
    return float(first @ second / np.linalg.norm(first) / np.linalg.norm(second))


@pytest.mark.parametrize("kind", KINDS)
def test_neighbours_are_of_the_same_family(families, kind):
    table = KINDS[kind].fit(families, threads=1)
    unit = table.vectors / np.linalg.norm(table.vectors, axis=1, keepdims=True)
    is_warm = np.array([key.startswith("warm") for key in table.keys])
    same = is_warm[:, None] == is_warm
    cosines = unit @ unit.T
    assert cosines[same].min() > cosines[~same].max()


@pytest.mark.parametrize("kind", ["n-grams", "floret"])
def test_a_word_never_seen_is_like_its_family(families, kind):
    table = KINDS[kind].fit(families, threads=2)
    assert "warmish" not in list(table.keys) and "warmish" in table
    assert cosine(table["warmish"], table["warma"]) > 0.5 > cosine(table["warmish"], table["colda"])
    assert {key[:4] for key, _ in rs.nearest(table, "warmish", k=4)} == {"warm"}


def test_rows_are_those_of_keys_and_of_their_n_grams_and_one_of_zeros(families):
    table = RECIPE.fit(families, threads=1)
    used = np.unique(NGrams(2, 4, 5_000).bags(table.keys).ids)
    assert table.shape == (len(table) + len(used) + 1, 16)
    shared = table.vocabulary.num_own_rows + table.vocabulary.splitter.shared_row
    assert not table.store.gather(np.array([shared])).any()
    assert (table.vocabulary.rows_of(["xyzzy"]).ids == shared).any()  # an n-gram that no key has
    assert table.metadata["corpus"]["rows"] == table.shape[0]


def test_floret_has_its_buckets_and_no_row_a_key(families):
    table = KINDS["floret"].fit(families, threads=1)
    assert table.shape == (500, 16) and len(table) == 16
    assert isinstance(table.vocabulary.splitter, Floret) and table.vocabulary.num_own_rows == 0


def test_a_vector_is_the_mean_of_its_rows(families):
    table = RECIPE.fit(families, threads=1)
    bag = table.vocabulary.rows_of(["warma"]).ids
    assert len(bag) == 1 + (7 - 1) + (7 - 2) + (7 - 3)  # <warma>: itself, and its 2-, 3- and 4-grams
    np.testing.assert_allclose(table["warma"], table.store.gather(bag).mean(axis=0), atol=1e-6)


def test_one_worker_gives_the_same_rows_every_time(families):
    first = RECIPE.fit(families, threads=1)
    second = RECIPE.fit(families, threads=3, deterministic=True)
    np.testing.assert_array_equal(first.store.vectors, second.store.vectors)


def test_a_table_survives_its_file(families, tmp_path):
    table = RECIPE.fit(families, threads=1)
    rs.write(table, tmp_path / "t.rows")
    same = rs.open(tmp_path / "t.rows")
    np.testing.assert_array_equal(same.lookup(["warma", "warmish"]), table.lookup(["warma", "warmish"]))


def test_a_training_broken_off_resumes_to_the_same_rows(families, tmp_path):
    whole = RECIPE.fit(families, threads=1)
    checkpoint = tmp_path / "run.rows"
    part = RECIPE.fit(families, threads=1, checkpoint=checkpoint, hooks=[lambda moment: moment.epoch >= 2])
    assert not np.array_equal(part.store.vectors, whole.store.vectors)
    rest = RECIPE.fit(families, threads=1, checkpoint=checkpoint, resume=True)
    np.testing.assert_array_equal(rest.store.vectors, whole.store.vectors)


@pytest.mark.parametrize(
    "words", [["a b c a b c"], ["a a a a"], ["é ü 水 水 é ü"], ["x" * 1_100_000 + " y z y z"], ["ab"]]
)
@pytest.mark.filterwarnings("ignore::rowspace.training.NothingLearnedWarning")
@pytest.mark.parametrize("hashes", [0, 2])
def test_strange_words_train_without_error(words, hashes):
    recipe = FastText(dim=4, min_count=1, buckets=1_000, epochs=1, hashes=hashes, max_n=4)
    table = recipe.fit(words, threads=2)
    assert np.isfinite(table.vectors).all() and len(table) == len(set(words[0].split()))


def test_an_empty_corpus_is_refused():
    with pytest.raises(CorpusError):
        RECIPE.fit([""], threads=1)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"min_n": 5, "max_n": 4}, "min_n must not be above max_n"),
        ({"min_n": -1}, "min_n"),
        ({"max_n": 65}, "max_n"),
        ({"buckets": 0}, "buckets"),
        ({"hashes": 5}, "hashes"),
        ({"combine": "sum"}, "combine means nothing to subwords"),
        ({"learning_rate": 0}, "learning_rate"),
    ],
)
def test_settings_out_of_range_are_refused_by_name(settings, message):
    with pytest.raises(RecipeError, match=message):
        FastText(**settings)


def test_defaults_are_fasttext_s():
    recipe = FastText()
    assert (usual_rate(recipe), recipe.min_n, recipe.max_n, recipe.buckets) == (0.05, 3, 6, 2_000_000)
    assert recipe.splitter().to_json() == NGrams().to_json()


def test_a_given_vocabulary_keeps_its_own_parts(families):
    words = Words.from_keys(["warma", "warmb", "colda"])
    table = RECIPE.fit(families, threads=1, vocabulary=Subwords(words, NGrams(3, 3, 900)))
    assert list(table.keys) == ["warma", "warmb", "colda"]
    assert (table.vocabulary.splitter.max_n, table.vocabulary.splitter.buckets) == (3, 900)
    plain = RECIPE.fit(families, threads=1, vocabulary=words)
    assert plain.vocabulary.splitter.max_n == 4


def test_training_goes_on_where_a_table_left_off(families):
    first = replace(RECIPE, epochs=2).fit(families, threads=1, context=True)
    second = replace(RECIPE, epochs=1).fit(families, threads=1, initial=first)
    assert second.metadata["losses"][0] < first.metadata["losses"][0] - 0.05
    assert second.metadata["initial_rows"] == 16


@pytest.mark.upstream
def test_unknown_words_are_as_close_as_with_gensim(families):
    models = pytest.importorskip("gensim.models")
    theirs = models.FastText(
        families, sg=1, vector_size=16, window=4, epochs=6, min_count=1, sample=0, alpha=0.05, workers=1,
        seed=1, bucket=5_000, min_n=2, max_n=4,
    )  # fmt: skip
    ours = RECIPE.fit(families, threads=1)

    def gap(vectors: Table) -> float:
        same, other = (cosine(vectors["warmish"], vectors[key]) for key in ("warma", "colda"))
        return same - other

    assert gap(ours) > 0.9 * gap(theirs.wv)
