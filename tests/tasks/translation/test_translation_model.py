"""Translating, scoring, saving and loading."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.errors import CorpusError, FormatError, RecipeError, ShapeError
from rowspace.tasks.networks import tensor_files
from rowspace.tasks.translation import TranslationModel


def test_sentences_never_met_are_translated(model):
    assert model.predict(["the dog loves the cat.", "Ann hears the dog."]) == [
        "der Hund liebt die Katze.", "Ann hört der Hund.",
    ]  # fmt: skip


def test_lines_stay_lines_and_nothing_gives_nothing(model):
    assert model.predict(["", "Ann sees Ann.\n\nthe cat hears Ann.\n"]) == [
        "", "Ann sieht Ann.\n\ndie Katze hört Ann.",
    ]  # fmt: skip
    assert model.predict([]) == []


def test_unknown_words_are_taken_over(model):
    assert model.predict(["the dog sees Xyz77.", "the dog sees 世界."]) == [
        "der Hund sieht Xyz77.",
        "der Hund sieht 世界.",
    ]


def test_a_megabyte(model):
    text = "the dog sees Ann. " * 62_500
    assert len(text) > 1_000_000
    [found] = model.predict([text], beam=1)
    assert found.split()
    [word] = model.predict(["x" * 1_000_000])
    assert word


@pytest.mark.unchecked
def test_a_single_text_is_no_list(model):
    with pytest.raises(ShapeError, match="single str"):
        model.predict("Ann sees Ann.")


def test_settings_out_of_range(model):
    with pytest.raises(RecipeError, match="beam"):
        model.predict(["a"], beam=0)
    with pytest.raises(RecipeError, match="length_power"):
        model.predict(["a"], length_power=-1.0)


def test_evaluate(model, sentences, tmp_path):
    pytest.importorskip("sacrebleu")
    pairs = sentences(40, seed=5)
    path = tmp_path / "pairs.tsv"
    path.write_text("".join(f"{a}\t{b}\n" for a, b in pairs), encoding="utf-8")
    report = model.evaluate(path)
    assert report == model.evaluate(pairs)
    assert report.bleu > 90
    assert 0 < report.loss < 0.9
    assert report.pairs == 40
    with pytest.raises(CorpusError):
        model.evaluate([])


def test_a_saved_model_translates_the_same_and_saves_the_same_bytes(model, sentences, tmp_path):
    path = model.save(tmp_path / "model.rows")
    loaded = TranslationModel.load(path)
    texts = [source for source, _ in sentences(30, seed=9)] + ["Xyz sees Ann."]
    assert loaded.predict(texts) == model.predict(texts)
    assert loaded.save(tmp_path / "again").read_bytes() == path.read_bytes()


def test_files_that_are_no_model_are_refused(model, tmp_path):
    data = bytearray(model.save(tmp_path / "model").read_bytes())
    data[-9] ^= 4
    (tmp_path / "flipped").write_bytes(data)
    with pytest.raises(FormatError, match="checksum"):
        TranslationModel.load(tmp_path / "flipped")
    other = tensor_files.write(tmp_path / "other", "rowspace-tagger", {"a": np.zeros(3)}, {})
    with pytest.raises(FormatError, match="format"):
        TranslationModel.load(other)


def test_the_table_holds_the_rows_of_the_pieces(model):
    table = model.to_table()
    assert "▁the" in table
    assert table.dim == 32
    assert (table.vectors == model.network.source.weight.detach().numpy()).all()
