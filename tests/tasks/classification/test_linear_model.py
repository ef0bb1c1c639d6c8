"""What a fitted model answers."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.errors import CorpusError, RecipeError
from rowspace.tasks.classification import LinearTextModel, TextClassifier


@pytest.fixture(scope="module", params=["softmax", "one-vs-all", "hierarchical"])
def model(request, pairs):
    return TextClassifier(dim=12, epochs=10, loss=request.param, max_n=3).fit(pairs, threads=1)


TEXTS = ["the dog is red", "", "nothing known", "white\ncow", "caf\udce9 cat"]


def test_top_labels_and_thresholds(model):
    chances = model.chances(TEXTS)
    assert chances.shape == (5, 2)
    for row, best in zip(chances, model.predict_top(TEXTS, 1), strict=True):
        assert best == [(model.labels[row.argmax()], float(row.max()))]
    assert [len(best) for best in model.predict_top(TEXTS)] == [2] * 5
    kept = model.predict_top(TEXTS, threshold=0.6)
    assert [len(best) for best in kept] == (chances >= 0.6).sum(axis=1).tolist()
    assert model.predict(TEXTS) == [model.labels[place] for place in chances.argmax(axis=1)]
    with pytest.raises(RecipeError, match="k must be at least 1"):
        model.predict_top(TEXTS, 0)


def test_no_texts_and_long_ones(model):
    assert model.chances([]).shape == (0, 2)
    assert model.predict([]) == []
    assert np.isfinite(model.chances(["dog " * 250_000])).all()


def test_texts_in_parts_get_the_same_chances(model, monkeypatch):
    whole = model.chances(TEXTS)
    monkeypatch.setattr("rowspace.tasks.classification.linear_model.TEXTS_A_STEP", 2)
    np.testing.assert_allclose(model.chances(TEXTS), whole, atol=1e-6)


@pytest.mark.unchecked
def test_a_string_is_no_list_of_texts(model):
    with pytest.raises(CorpusError, match=r"write \[text\]"):
        model.predict("the dog")
    with pytest.raises(CorpusError, match="text 1 is int"):
        model.predict(["a", 3])


@pytest.mark.parametrize("text", TEXTS)
def test_the_parts_of_an_explanation_add_up_to_the_logit(model, text):
    for label in model.labels:
        told = model.explain(text, label)
        assert sum(part for _, part in told.parts) == pytest.approx(told.logit, abs=1e-4)
        means = model._means(model._entries([text]))
        logit = float(means[0] @ model.parts.outputs.direction(model.labels.index(label)))
        assert told.logit == pytest.approx(logit, rel=1e-4, abs=1e-4)
        assert told.chance == float(model.chances([text])[0, model.labels.index(label)])
        assert [word for word, _ in told.parts] == [*text.split(), "</s>"]


def test_an_explanation_names_the_word_that_decides(model):
    told = model.explain("the dog is")
    assert told.label == "animal"
    assert told.strongest(1)[0][0] == "dog"
    assert "dog" in str(told)
    assert told.to_dict()["parts"][1][0] == "dog"
    with pytest.raises(RecipeError, match="label must be one of animal, color, but is 'plant'"):
        model.explain("the dog", "plant")


def test_the_table_holds_the_words(model):
    table = model.to_table()
    assert table.dim == 12
    assert "dog" in table
    assert table.metadata["task"] == "classification"
    assert table["dog"] @ table["cat"] > table["dog"] @ table["red"]


def test_evaluation_of_labels_never_seen(model):
    found = model.evaluate([("animal", "a dog"), ("plant", "a tree")])
    assert (found.texts, found.accuracy, found.unseen_texts) == (2, 0.5, 1)
    assert "plant (1)" in found.note


def test_a_saved_model_predicts_the_same_bytes(model, tmp_path):
    path = model.save(tmp_path / "model")
    again = LinearTextModel.load(path)
    assert again.chances(TEXTS).tobytes() == model.chances(TEXTS).tobytes()
    assert (again.labels, again.facts) == (model.labels, model.facts)
    assert again.explain("the dog") == model.explain("the dog")
    again.save(tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == path.read_bytes()
