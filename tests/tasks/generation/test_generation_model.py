"""Continuing, suggesting, scoring, saving and loading."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rowspace.errors import CorpusError, FormatError, RecipeError, ShapeError
from rowspace.tasks.generation import GenerationModel
from rowspace.tasks.generation.encoding import END_KEY, UNKNOWN_KEY


@pytest.mark.parametrize("name", ["model", "attending"])
def test_it_has_learned_the_grammar(name, request):
    model = request.getfixturevalue(name)
    animals = {"cat": "sat", "dog": "lay", "hen": "stood"}
    for animal, verb in animals.items():
        assert model.suggest(f"the {animal}", 1)[0][0] == verb
        found = model.predict(f"the {animal}", temperature=0)
        assert found.startswith(f"{verb} on the ") and len(found.split()) == 4
    assert model.complete("the cat", temperature=0).startswith("the cat sat on the ")
    assert model.suggest("the cat sat on the mat", 1)[0][0] == END_KEY


@pytest.mark.parametrize("name", ["model", "attending"])
def test_draws_follow_the_seed_and_not_the_other_texts(name, request):
    model = request.getfixturevalue(name)
    texts = ["the", "", "the cat sat", "the hen"]
    found = model.predict(texts, seed=7)
    assert found == [model.predict(text, seed=7) for text in texts]
    assert len({*(model.predict("the", seed=seed) for seed in range(20))}) > 3


def test_the_unknown_word_is_never_written(model):
    found = model.predict(["zzz yyy"] * 30, temperature=5.0, length=20)
    assert all(UNKNOWN_KEY not in text and END_KEY not in text for text in found)
    assert UNKNOWN_KEY not in [word for word, _ in model.suggest("zzz", 99)]
    assert sum(chance for _, chance in model.suggest("the", 99)) < 1


def test_lengths_and_empty_prefixes(model):
    assert model.predict("the", length=0) == ""
    assert model.predict([]) == []
    assert len(model.predict("", temperature=0, length=2).split()) == 2
    assert model.predict(" \n") == model.predict("")


def test_a_megabyte_of_prefix_and_of_text(model, attending):
    text = "the cat sat on the mat " * 45_000
    assert model.suggest(f"{text} the cat", 1)[0][0] == "sat"
    assert attending.suggest(f"{text} the cat", 1)[0][0] in attending.words
    report = model.evaluate([text + "x" * 1_000_000])
    assert report.tokens == 45_000 * 6 + 2 and report.unknown == 1


def test_scores_count_ends_and_unknown_words(model, sentences):
    report = model.evaluate([*sentences(20), "the zzz"])
    assert (report.tokens, report.sentences, report.unknown) == (20 * 7 + 3, 21, 1)
    assert model.evaluate(sentences(20)).perplexity < report.perplexity


@pytest.mark.parametrize("name", ["model", "attending"])
def test_a_saved_model_says_the_same_and_saves_the_same_bytes(name, request, tmp_path, sentences):
    model = request.getfixturevalue(name)
    path = model.save(tmp_path / "model.rows")
    loaded = GenerationModel.load(path)
    texts = ["the", "the cat", ""]
    assert loaded.predict(texts, seed=3) == model.predict(texts, seed=3)
    assert loaded.suggest("the") == model.suggest("the")
    assert loaded.evaluate(sentences(9)) == model.evaluate(sentences(9))
    assert loaded.save(tmp_path / "again").read_bytes() == path.read_bytes()


def test_loading_leaves_the_generator_of_torch_alone(model, tmp_path):
    path = model.save(tmp_path / "model.rows")
    torch.manual_seed(3)
    wanted = torch.rand(1)
    torch.manual_seed(3)
    GenerationModel.load(path)
    assert torch.rand(1) == wanted


def test_the_table_has_the_rows_that_are_read(model):
    table = model.to_table()
    assert list(table.keys) == list(model.words.keys)
    assert np.array_equal(table.vectors, model.network.rows.weight.detach().numpy())


def test_files_that_are_no_model_are_refused(model, tmp_path):
    path = model.save(tmp_path / "model")
    data = bytearray(path.read_bytes())
    data[-9] ^= 4
    (tmp_path / "flipped").write_bytes(data)
    with pytest.raises(FormatError, match="checksum"):
        GenerationModel.load(tmp_path / "flipped")
    (tmp_path / "cut").write_bytes(path.read_bytes()[:-40])
    with pytest.raises(FormatError):
        GenerationModel.load(tmp_path / "cut")


@pytest.mark.unchecked
def test_what_cannot_be_asked_is_refused(model):
    with pytest.raises(ShapeError, match="prefix"):
        model.predict([3])
    with pytest.raises(RecipeError, match="temperature"):
        model.predict("the", temperature=-1)
    with pytest.raises(RecipeError, match="length"):
        model.predict("the", length=-1)
    with pytest.raises(RecipeError, match="k must"):
        model.suggest("the", 0)
    with pytest.raises(CorpusError):
        model.evaluate([""])
