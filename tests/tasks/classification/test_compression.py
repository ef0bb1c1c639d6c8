"""Small files of models, and what they keep."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.errors import RecipeError
from rowspace.tasks.classification import LinearTextModel, TextClassifier
from rowspace.tasks.classification.compact_rows import CompactRows
from rowspace.tasks.classification.compression import bytes_of

LOSSES = ["softmax", "one-vs-all", "hierarchical"]


@pytest.fixture(scope="module")
def texts(pairs):
    return [(f"{label}{place % 3}", f"{text} w{place % 3}") for place, (label, text) in enumerate(pairs)]


@pytest.fixture(scope="module", params=LOSSES)
def model(request, texts):
    return TextClassifier(dim=24, epochs=10, loss=request.param, max_n=3).fit(texts, threads=1)


def least_bytes(model) -> int:
    with pytest.raises(RecipeError, match="needs at least") as told:
        model.compress(1)
    return int(str(told.value).split("at least ")[1].split(" bytes")[0].replace(",", ""))


TEXTS = ["the dog is red w1", "", "white cow w2", "nothing known", "green horse w0 of"]


def test_all_features_in_a_byte_a_value_say_nearly_the_same(model):
    small = model.compress("1MB")
    told = small.facts["compression"]["features"]
    assert told["before"] == told["after"]
    assert small.parts.dim <= 6 < model.parts.dim
    np.testing.assert_allclose(small.chances(TEXTS), model.chances(TEXTS), atol=0.05)


def test_the_file_fits_and_predicts_the_same_bytes(model, tmp_path):
    least = least_bytes(model)
    for size in (least, least + 300, 1_000_000):
        small = model.compress(size)
        path = small.save(tmp_path / "small.model")
        assert path.stat().st_size <= size
        again = LinearTextModel.load(path)
        assert again.chances(TEXTS).tobytes() == small.chances(TEXTS).tobytes()
        assert again.facts == small.facts
        assert again.explain("the dog is red").label == small.explain("the dog is red").label
    assert len(model.compress(least + 300).parts.features.codes) < len(model.parts.features.codes)


def test_what_it_costs_is_told(model, texts):
    small = model.compress(least_bytes(model) + 100, validation=texts)
    told = small.facts["compression"]
    for name, measured in (("before", model), ("after", small)):
        report = measured.evaluate(texts)
        assert told["accuracy"][name] == report.accuracy
        assert told["log_loss"][name] == report.log_loss
    assert told["accuracy"]["after"] < told["accuracy"]["before"]


def test_what_matters_is_kept(pairs):
    """Words of the labels before words that say nothing, and the end of the text in any case."""
    model = TextClassifier(dim=24, word_ngrams=1).fit(pairs, threads=1)
    small = model.compress(least_bytes(model) + 40)
    words = [*small.parts.features.words.keys]
    assert "</s>" in words
    assert len(words) < len(model.parts.features.words)
    assert not {"the", "a", "is", "of", "was"} & {*words}


def test_the_least_that_is_told_is_enough(model):
    least = least_bytes(model)
    assert [*model.compress(least).parts.features.words.keys] == ["</s>"]
    with pytest.raises(RecipeError):
        model.compress(least - 1)


@pytest.mark.parametrize("size", ["1 mb", "MB", "-1MB", 0, ""])
def test_sizes_that_are_none(size):
    with pytest.raises(RecipeError, match="a size must be"):
        bytes_of(size)


def test_codes_are_nearest(pairs):
    rows = np.random.default_rng(0).normal(0, 1, (500, 3)).astype(np.float32)
    compact = CompactRows.from_vectors(rows)
    found = compact.vectors()
    for step in (-1, 1):
        other = CompactRows(
            np.clip(compact.codes.astype(int) + step, -127, 127).astype(np.int8), compact.largest
        )
        roots = [
            np.sign(each) * np.sqrt(np.abs(each) / compact.largest) for each in (rows, found, other.vectors())
        ]
        assert (np.abs(roots[1] - roots[0]) <= np.abs(roots[2] - roots[0]) + 1e-6).all()
    again = CompactRows.from_vectors(found)
    assert (again.codes == compact.codes).all()
    assert not CompactRows.from_vectors(np.zeros((2, 3), np.float32)).vectors().any()
