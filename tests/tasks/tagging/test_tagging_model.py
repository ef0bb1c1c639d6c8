"""Tagging, scoring, saving and loading."""

from __future__ import annotations

import pytest

from rowspace.errors import FormatError
from rowspace.tasks.tagging import TaggingModel


def test_spans_of_raw_text_have_their_characters(model):
    text = "Ann flew to New York.\n\n  Bob went to Rome ."
    [spans, none, blank] = model.predict([text, "", " \n"])
    found = [(span.label, span.text, span.first, span.stop) for span in spans]
    assert found == [
        ("PER", "Ann", 0, 1),
        ("LOC", "New York", 3, 5),
        ("PER", "Bob", 6, 7),
        ("LOC", "Rome", 9, 10),
    ]
    assert all(text[span.start : span.end] == span.text for span in spans)
    assert none == blank == []


def test_a_megabyte_of_text_and_a_word_of_a_megabyte(model):
    text = "Ann went to Rome .\n" * 500 + "x" * 1_000_000
    [spans] = model.predict([text])
    assert sum(span.text == "Rome" for span in spans) == 500


def test_labels_never_met_are_missed_and_named(model, sentences):
    report = model.evaluate([*sentences(5), (["Ann", "!"], ["B-DOG", "O"])])
    assert report.unseen_labels == ("DOG",)
    assert report.labels["DOG"].recall == 0


def test_a_saved_model_tags_the_same_and_saves_the_same_bytes(model, sentences, tmp_path):
    path = model.save(tmp_path / "model.safetensors")
    loaded = TaggingModel.load(path)
    tokens = [tokens for tokens, _ in sentences(50, seed=9)]
    assert loaded.tag(tokens) == model.tag(tokens)
    assert loaded.save(tmp_path / "again").read_bytes() == path.read_bytes()


def test_files_that_are_no_model_are_refused(model, tmp_path):
    data = bytearray(model.save(tmp_path / "model").read_bytes())
    data[-9] ^= 4
    (tmp_path / "flipped").write_bytes(data)
    with pytest.raises(FormatError, match="checksum"):
        TaggingModel.load(tmp_path / "flipped")
