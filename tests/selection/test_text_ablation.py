"""The built-in text classification, on words whose neighbors in a table share their meaning."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.errors import EvaluationError
from rowspace.selection.labelled_text import LabelledText
from rowspace.selection.text_ablation import ablate_text
from rowspace.table import Table

GOOD, BAD = ([f"{side}{place}" for place in range(20)] for side in ("good", "bad"))
SEEN = 8  # of each side; the others occur in the test alone


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """Large steps and few: the words are easy to tell apart."""
    monkeypatch.setattr("rowspace.nn.mean_classifier.LEARNING_RATE", 0.1)
    monkeypatch.setattr("rowspace.nn.mean_classifier.MOST_EPOCHS", 3)


@pytest.fixture
def opinions() -> Table:
    """Good words lie on one side, bad ones on the other."""
    rng = np.random.default_rng(0)
    sides = np.repeat([[2.0, 0, 0, 0]], 40, axis=0) * np.repeat([1, -1], 20)[:, None]
    return Table.from_arrays([*GOOD, *BAD], (sides + rng.normal(0, 0.5, (40, 4))).astype(np.float32))


def reviews(num_words: int, num_texts: int, seed: int) -> LabelledText:
    rng = np.random.default_rng(seed)
    labels = rng.choice(["+", "-"], num_texts).tolist()
    sides = {"+": GOOD[:num_words], "-": BAD[:num_words]}
    return LabelledText(labels, [" ".join(["The", *rng.choice(sides[label], 3)]) for label in labels])


@pytest.fixture
def data() -> tuple[LabelledText, LabelledText]:
    return reviews(SEEN, 60, 1), reviews(20, 200, 2)


def test_pretrained_rows_help_where_the_test_has_other_words(opinions, data):
    train, test = data
    report = ablate_text(train, opinions, test=test, dims=[], seeds=1)
    assert list(report.results) == [
        "one-hot", "random frozen 4", "random trained 4", "pre-trained frozen 4", "pre-trained fine-tuned 4"
    ]  # fmt: skip
    assert report.baseline == "random trained 4"
    tuned = report.results["pre-trained fine-tuned 4"]
    assert tuned.mean > 0.95 > report.results["random trained 4"].mean
    assert tuned.difference.is_clear
    assert tuned.num_parameters == (2 * 20 + 1) * 4 + 2 * 4 + 2  # the test's words, and "The", have rows too
    assert report.results["random trained 4"].num_parameters == (2 * SEEN + 1) * 4 + 2 * 4 + 2
    assert report.results["one-hot"].num_parameters == (2 * SEEN + 1) * 2 + 2
    assert report.results["pre-trained frozen 4"].num_parameters == 2 * 4 + 2


def test_files_are_read_and_case_is_folded_if_asked(data, opinions, tmp_path):
    for name, part in zip(("train", "test"), data, strict=True):
        lines = [f"{label}\t{text.upper()}\n" for label, text in zip(*part, strict=True)]
        (tmp_path / f"{name}.tsv").write_text("".join(lines))
    arguments = {"table": opinions, "dims": [], "seeds": 1}
    from_files = ablate_text(tmp_path / "train.tsv", test=tmp_path / "test.tsv", lowercase=True, **arguments)
    in_memory = ablate_text(data[0], test=data[1], lowercase=True, **arguments)
    assert [each.scores for each in from_files.results.values()] == [
        each.scores for each in in_memory.results.values()
    ]
    upper = ablate_text(tmp_path / "train.tsv", test=tmp_path / "test.tsv", **arguments)
    assert {each.variant.kind for each in upper.failures} == {"pre-trained frozen", "pre-trained fine-tuned"}
    assert "of 17 it knows none" in str(upper)


def test_without_a_test_a_fifth_is_split_off(data):
    report = ablate_text(data[1], dims=[4], seeds=1)
    assert all(round(score * 40, 9).is_integer() for each in report.results.values() for score in each.scores)


def test_one_label_is_nothing_to_learn(data):
    one = LabelledText(["+"] * 9, ["good"] * 9)
    with pytest.raises(EvaluationError, match="got 1 labels"):
        ablate_text(one)
    with pytest.raises(EvaluationError, match="and 0 test texts"):
        ablate_text(data[0], test=LabelledText([], []))
