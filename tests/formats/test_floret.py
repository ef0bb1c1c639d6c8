"""floret's binary and text forms: what floret and we find in each other's files."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace import formats
from rowspace.errors import FormatError, ShapeError
from rowspace.formats.fasttext_head import find_head
from rowspace.formats.sources import open_source
from rowspace.vocabulary.floret import Floret

TEXT = "the quick brown fox jumps over the lazy dog of étude naïve 日本語 antidisestablishmentarianism"
UNKNOWN = ["unseen", "the_end", "日", "zzz"]


@pytest.fixture
def model(tmp_path):
    floret = pytest.importorskip("floret")
    corpus = tmp_path / "corpus.txt"
    corpus.write_text(f"{TEXT}\n" * 30)
    return floret.train_unsupervised(
        str(corpus), mode="floret", hashCount=2, bucket=60, minn=2, maxn=4, dim=6, minCount=1, epoch=2,
        thread=1, verbose=0,
    )  # fmt: skip


@pytest.mark.upstream
def test_we_find_floret_s_vectors(tmp_path, model):
    model.save_model(str(tmp_path / "model.bin"))
    model.save_floret_vectors(str(tmp_path / "model.floret"))
    binary, text = (formats.read(tmp_path / f"model.{end}") for end in ("bin", "floret"))
    assert formats.sniff(tmp_path / "model.bin") == "floret-binary"
    assert formats.sniff(tmp_path / "model.floret") == "floret-text"
    assert list(binary.keys) == model.words
    assert (len(text), text.shape, binary.shape) == (0, (60, 6), (60, 6))
    asked = [key for key in [*model.words[1:], *UNKNOWN] if key != "</s>"]  # see floret_binary for the first
    for key in asked:
        np.testing.assert_allclose(binary[key], model.get_word_vector(key), atol=1e-6)
        np.testing.assert_allclose(text[key], model.get_word_vector(key), atol=1e-4)  # five digits
    np.testing.assert_array_equal(binary.context.gather(np.arange(len(binary))), model.get_output_matrix())


@pytest.mark.upstream
def test_floret_finds_our_vectors(tmp_path, floret_table):
    floret = pytest.importorskip("floret")
    model = floret.load_model(str(formats.write(floret_table, tmp_path / "model.bin")))
    assert model.words == list(floret_table.keys)
    for key in [*floret_table.keys, *UNKNOWN]:
        np.testing.assert_allclose(model.get_word_vector(key), floret_table[key], atol=1e-6)


@pytest.mark.upstream
def test_a_floret_model_of_plain_fasttext_kind(tmp_path):
    floret = pytest.importorskip("floret")
    corpus = tmp_path / "corpus.txt"
    corpus.write_text(f"{TEXT}\n" * 30)
    model = floret.train_unsupervised(
        str(corpus),
        mode="fasttext",
        bucket=60,
        minn=2,
        maxn=4,
        dim=6,
        minCount=1,
        epoch=1,
        thread=1,
        verbose=0,
    )
    model.save_model(str(tmp_path / "model.bin"))
    table = formats.read(tmp_path / "model.bin")
    assert formats.sniff(tmp_path / "model.bin") == "fasttext"
    for key in [*model.words, *UNKNOWN]:
        np.testing.assert_allclose(table[key], model.get_word_vector(key), atol=1e-6)


@pytest.mark.parametrize(("name", "suffix"), [("floret-binary", ".bin"), ("floret-text", ".floret")])
def test_rows_come_back(tmp_path, floret_table, name, suffix):
    path = formats.write(floret_table, tmp_path / f"model{suffix}")
    back = formats.read(path)
    assert formats.sniff(path) == name
    assert back.store.vectors.tobytes() == floret_table.store.vectors.tobytes()
    assert back.vocabulary.splitter.to_json() == floret_table.vocabulary.splitter.to_json()
    asked = [*floret_table.keys, *UNKNOWN]
    np.testing.assert_array_equal(back.lookup(asked), floret_table.lookup(asked))
    facts = formats.inspect(path)
    assert (facts.format, facts.vocabulary, facts.num_rows) == (name, "floret", 40)
    assert facts.num_keys == (7 if name == "floret-binary" else 0)
    assert list(formats.read(path, limit=2).keys) == list(floret_table.keys)[: len(back) and 2]


def test_the_head_tells_floret_from_fasttext(tmp_path, floret_table, ngram_table):
    for table, is_floret in ((floret_table, True), (ngram_table, False)):
        with open_source(formats.write(table, tmp_path / "model.bin")) as source:
            head = find_head(source)
        assert head is not None
        assert head.is_floret == is_floret


@pytest.mark.parametrize("name", ["floret-binary", "floret-text"])
def test_tables_that_are_no_floret_s(tmp_path, ngram_table, table, name):
    for other, kind in ((ngram_table, "ngrams"), (table, "words")):
        with pytest.raises(ShapeError, match=f"this table has {kind}"):
            formats.write(other, tmp_path / "model", format=name)


def test_a_seed_of_one_s_own_fits_the_text_only(tmp_path, table_of):
    table = table_of(Floret(2, 3, 9, 1, seed=5))
    assert formats.read(formats.write(table, tmp_path / "a.floret"))["x"].tolist() == table["x"].tolist()
    with pytest.raises(ShapeError, match="hash with seed 2166136261"):
        formats.write(table, tmp_path / "a.bin")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2 1 3 6 2 2166136261 < >\n0 0.5\n", "promises 2 rows, but the file holds 1"),
        ("2 1 3 6 2 2166136261 < >\n0 0.5\n1 0.5\n2 0.5\n", "promises 2 rows, but the file holds 3"),
        ("2 1 3 6 2 2166136261 < >\n1 0.5\n0 0.5\n", "row 0 is called '1'"),
        ("2 1 3 6 5 2166136261 < >\n0 0.5\n1 0.5\n", "hashes must be 1 to 4, but is 5"),
        ("0 1 3 6 2 2166136261 < >\n", "buckets=0"),
        ("2 0 3 6 2 2166136261 < >\n", "no table has 2 rows of 0 values"),
        ("2 1 3 6 2 2166136261 BOW EOW\n0 0.5\n", "marked by < and >"),
        ("2 1 3 6 2 <\n0 0.5\n", "first line must be"),
        ("2 2 3 6 2 2166136261 < >\n0 0.5\n1 0.5\n", "line 2 must be a key and 2 numbers"),
    ],
)
def test_text_that_contradicts_itself(tmp_path, text, told):
    path = tmp_path / "model.floret"
    path.write_text(text)
    with pytest.raises(FormatError, match=told):
        formats.read(path, format="floret-text")
