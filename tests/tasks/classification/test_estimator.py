"""The protocol of scikit-learn, without it and with it."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.errors import RecipeError
from rowspace.tasks.classification import TextClassifierEstimator

SMALL = {"dim": 8, "epochs": 10, "threads": 1}


def test_classes_of_any_type(pairs):
    texts = [text for _, text in pairs]
    for names in (["cat", "hue"], [7, 13], [True, False]):
        marks = [names[label == "color"] for label, _ in pairs]
        estimator = TextClassifierEstimator(**SMALL).fit(texts, marks)
        assert estimator.classes_.tolist() == sorted(names)
        assert estimator.score(texts, marks) == 1.0
        assert estimator.predict(texts).dtype == estimator.classes_.dtype
        np.testing.assert_array_equal(
            estimator.classes_[estimator.predict_proba(texts).argmax(axis=1)], estimator.predict(texts)
        )


def test_more_than_ten_classes_keep_their_columns():
    marks = [place % 12 for place in range(120)]
    estimator = TextClassifierEstimator(**SMALL).fit([f"w{mark}" for mark in marks], marks)
    assert estimator.predict([f"w{mark}" for mark in range(12)]).tolist() == [*range(12)]


def test_parameters():
    estimator = TextClassifierEstimator(dim=5)
    assert estimator.get_params()["dim"] == estimator.dim == 5
    assert estimator.set_params(dim=6, threads=2) is estimator
    assert (estimator.dim, estimator.threads) == (6, 2)
    with pytest.raises(RecipeError, match="a parameter must be one of dim"):
        TextClassifierEstimator(size=3)
    with pytest.raises(AttributeError, match="size"):
        _ = estimator.size


def test_clone_search_and_pipeline(pairs):
    sklearn = pytest.importorskip("sklearn")
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    labels, texts = zip(*pairs, strict=True)
    estimator = TextClassifierEstimator(**SMALL)
    assert sklearn.base.clone(estimator).get_params() == estimator.get_params()
    assert sklearn.base.is_classifier(estimator)
    search = GridSearchCV(estimator, {"word_ngrams": [1, 2]}, cv=2).fit([*texts], [*labels])
    assert search.best_score_ > 0.9
    steps = make_pipeline(FunctionTransformer(lambda texts: [text.upper() for text in texts]), estimator)
    assert steps.fit([*texts], [*labels]).score([*texts], [*labels]) == 1.0
