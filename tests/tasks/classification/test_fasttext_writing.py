"""Models written for fastText: it orders labels as the model does."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.errors import RecipeError, UnwritableKeyError
from rowspace.tasks.classification import LinearTextModel, TextClassifier

SMALL = {"dim": 12, "epochs": 6}


@pytest.mark.parametrize("loss", ["softmax", "one-vs-all"])
@pytest.mark.parametrize(
    "ngrams",
    [
        {"word_ngrams": 1},
        {"word_ngrams": 2, "buckets": 3000},
        {"word_ngrams": 1, "min_n": 2, "max_n": 3, "buckets": 500},
    ],
    ids=["words", "bigrams", "characters"],
)
def test_fasttext_predicts_the_same_labels(pairs, tmp_path, loss, ngrams):
    fasttext = pytest.importorskip("fasttext")
    fasttext.FastText.eprint = lambda text: None
    model = TextClassifier(**SMALL, loss=loss, **ngrams).fit(pairs, threads=1)
    path = model.to_fasttext(tmp_path / "model.bin")
    texts = [text for _, text in pairs[:30]] + ["the dog", "red new", ""]
    their = fasttext.load_model(str(path)).f
    best = [their.predict(f"{text}\n", 1, 0.0, "strict")[0] for text in texts]
    assert [label for _, label in best] == [f"__label__{label}" for label in model.predict(texts)]
    known = model.chances(texts[:30]).max(axis=1)
    np.testing.assert_allclose([chance for chance, _ in best][:30], known, atol=0.008)


def test_a_written_model_is_read_again(pairs, tmp_path):
    model = TextClassifier(**SMALL, word_ngrams=1).fit(pairs, threads=1)
    again = LinearTextModel.from_fasttext(model.to_fasttext(tmp_path / "model.bin"))
    texts = [text for _, text in pairs]
    np.testing.assert_allclose(again.chances(texts), model.chances(texts), atol=1e-6)
    assert again.labels == model.labels
    assert again.parts.label_counts.tolist() == [40, 40]


def test_a_tree_that_fasttext_would_build_too(pairs, tmp_path):
    two = TextClassifier(**SMALL, word_ngrams=1, loss="hierarchical").fit(pairs, threads=1)
    texts = [text for _, text in pairs]
    try:
        again = LinearTextModel.from_fasttext(two.to_fasttext(tmp_path / "model.bin"))
    except RecipeError as error:
        assert "builds the tree" in str(error)
    else:
        np.testing.assert_allclose(again.chances(texts), two.chances(texts), atol=1e-6)


def test_what_fasttext_has_no_form_for(pairs, tmp_path):
    path = tmp_path / "model.bin"
    with pytest.raises(RecipeError, match="learn it with buckets=2000000"):
        TextClassifier(**SMALL).fit(pairs, threads=1).to_fasttext(path)
    both = TextClassifier(**SMALL, max_n=3, buckets=50).fit(pairs, threads=1)
    with pytest.raises(RecipeError, match="learn it with word_ngrams=1 or with max_n=0"):
        both.to_fasttext(path)
    several = [(f"{label}{place % 5}", text) for place, (label, text) in enumerate(pairs)]
    tree = TextClassifier(**SMALL, word_ngrams=1, loss="hierarchical").fit(several, threads=1)
    with pytest.raises(RecipeError, match="fastText builds the tree"):
        tree.to_fasttext(path)
    zero = TextClassifier(**SMALL, word_ngrams=1).fit([("a", "x\0y"), ("b", "z")], threads=1)
    with pytest.raises(UnwritableKeyError, match="zero byte"):
        zero.to_fasttext(path)
    assert not path.exists()
