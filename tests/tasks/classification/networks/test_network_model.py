"""What a fitted network answers."""

from __future__ import annotations

import json

import numpy as np
import pytest

from rowspace.errors import CorpusError, FormatError, RecipeError
from rowspace.tasks.classification import TextClassifier
from rowspace.tasks.classification.networks import NetworkTextModel, network_model

TEXTS = ["the dog is red", "", "nothing known", "white\ncow", "caf\udce9 Cat!"]


def test_chances_top_labels_and_thresholds(model):
    chances = model.chances(TEXTS)
    assert chances.shape == (5, 2)
    np.testing.assert_allclose(chances.sum(axis=1), 1, rtol=1e-6)
    for row, best in zip(chances, model.predict_top(TEXTS, 1), strict=True):
        assert best == [(model.labels[row.argmax()], float(row.max()))]
    kept = model.predict_top(TEXTS, threshold=0.6)
    assert [len(best) for best in kept] == (chances >= 0.6).sum(axis=1).tolist()
    assert model.predict(TEXTS) == [model.labels[place] for place in chances.argmax(axis=1)]
    with pytest.raises(RecipeError, match="k must be at least 1"):
        model.predict_top(TEXTS, 0)


def test_no_texts_and_long_ones(model):
    assert model.chances([]).shape == (0, 2)
    assert model.predict([]) == []
    long = "dog " * 250_000
    assert model.predict([long, "x" * 1_000_000, long])[0] == "animal"
    np.testing.assert_array_equal(model.chances([long]), model.chances(["dog " * model.lexicon.length]))


def test_texts_in_parts_get_the_same_chances(model, monkeypatch):
    whole = model.chances(TEXTS)
    monkeypatch.setattr("rowspace.tasks.classification.networks.batches.TOKENS_AT_ONCE", 4)
    np.testing.assert_allclose(model.chances(TEXTS), whole, atol=1e-6)


@pytest.mark.unchecked
def test_a_string_is_no_list_of_texts(model):
    with pytest.raises(CorpusError, match=r"write \[text\]"):
        model.predict("the dog")
    with pytest.raises(CorpusError, match="text 1 is int"):
        model.predict(["a", 3])


def test_a_label_never_seen_counts_as_wrong(model, pairs):
    told = model.evaluate([*pairs[:9], ("plant", "a rose")])
    assert told.accuracy == pytest.approx(0.9)
    assert told.unseen_texts == 1
    assert "plant (1)" in told.note
    assert told.log_loss is not None


@pytest.mark.parametrize("text", ["the dog is red", "cat", ""])
def test_a_part_of_an_explanation_is_what_the_logit_loses(model, text):
    tokens = text.split()
    without = [" ".join(tokens[:place] + tokens[place + 1 :]) for place in range(len(tokens))]
    for column, label in enumerate(model.labels):
        told = model.explain(text, label)
        chances = model.chances([text, *without])[:, column].astype(np.float64)
        logits = np.log(chances / (1 - chances))
        assert told.label == label
        assert told.chance == pytest.approx(chances[0], rel=1e-5)
        assert told.logit == pytest.approx(logits[0], abs=1e-4)
        assert [word for word, _ in told.parts] == tokens
        np.testing.assert_allclose([part for _, part in told.parts], logits[0] - logits[1:], atol=1e-4)


def test_an_explanation_is_of_the_most_likely_label_or_of_one_that_is_known(model):
    told = model.explain("the dog the dog of")
    assert told.label == "animal"
    assert told.strongest(1)[0][0] == "dog"
    with pytest.raises(RecipeError, match="label must be one of animal, color, but is 'plant'"):
        model.explain("the dog", "plant")


def test_one_vs_all_explains_its_own_logit(small, pairs):
    from dataclasses import replace

    model = replace(small, loss="one-vs-all").fit(pairs, threads=1)
    told = model.explain("the dog", "color")
    chance = float(model.chances(["the dog"])[0, 1])
    assert told.logit == pytest.approx(np.log(chance / (1 - chance)), abs=1e-4)


def test_a_table_has_the_words_that_were_learned(model):
    table = model.to_table()
    assert table.dim == 8
    assert {"dog", "red", "<unk>"} <= set(table.keys)
    assert "<pad>" not in table
    row = model.network.own.weight[model.lexicon.own.find("dog")].detach().numpy()
    np.testing.assert_array_equal(table["dog"], row)
    assert table.metadata["recipe"]["dim"] == 8


def test_a_saved_model_predicts_the_same_and_saves_the_same_bytes(model, tmp_path):
    path = model.save(tmp_path / "model.safetensors")
    loaded = NetworkTextModel.load(path)
    np.testing.assert_array_equal(loaded.chances(TEXTS), model.chances(TEXTS))
    assert loaded.facts == model.facts
    assert loaded.save(tmp_path / "again").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("pretrained", ["both", "frozen", "tuned"])
def test_given_rows_are_saved_too(small, pairs, rows, pretrained, tmp_path):
    from dataclasses import replace

    model = replace(small, pretrained=pretrained, epochs=1).fit(pairs, table=rows, threads=1)
    loaded = NetworkTextModel.load(model.save(tmp_path / "model"))
    texts = [*TEXTS, "a heron"]
    np.testing.assert_array_equal(loaded.chances(texts), model.chances(texts))


def test_files_that_are_no_model_are_refused(model, pairs, tmp_path, monkeypatch):
    path = model.save(tmp_path / "model")
    data = bytearray(path.read_bytes())
    data[-9] ^= 4
    (tmp_path / "flipped").write_bytes(data)
    with pytest.raises(FormatError, match="checksum"):
        NetworkTextModel.load(tmp_path / "flipped")
    (tmp_path / "cut").write_bytes(data[: len(data) // 2])
    with pytest.raises(FormatError):
        NetworkTextModel.load(tmp_path / "cut")
    other = TextClassifier(dim=4, epochs=1).fit(pairs, threads=1).save(tmp_path / "other")
    with pytest.raises(FormatError, match="the format must be"):
        NetworkTextModel.load(other)
    monkeypatch.setattr(network_model, "state_arrays", lambda network: {"x": np.zeros(3, np.float32)})
    with pytest.raises(FormatError, match="contradicts itself"):
        NetworkTextModel.load(model.save(tmp_path / "empty"))
    assert json.dumps(model.facts)
