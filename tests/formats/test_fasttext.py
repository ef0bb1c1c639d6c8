"""fastText's models: what fastText, gensim and we find in each other's files."""

from __future__ import annotations

import gzip
import resource
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rowspace import formats
from rowspace.errors import FormatError, RowspaceError, ShapeError
from rowspace.formats.fasttext_head import FASTTEXT_ARGS
from rowspace.stores import DenseStore
from rowspace.table import Table
from rowspace.training.fasttext import FastText
from rowspace.vocabulary import Words
from rowspace.vocabulary.floret import Floret
from rowspace.vocabulary.ngrams import NGrams
from rowspace.vocabulary.subwords import Subwords

UNKNOWN = ["unseen", "the_end", "日本", "zzz", "x" * 300]
BUCKET, MAX_N, PRUNED = 8 + 4 * 8, 8 + 4 * 10, 84  # places of numbers in the head


def vectors_of(table: Table, keys: list[str]) -> np.ndarray:
    return table.lookup(keys, missing="zero")


def write_model(table: Table, folder: Path) -> Path:
    return formats.write(table, folder / "model.bin")


def quantised(folder: Path, *, norms: bool = True, pruned: bool = True) -> Path:
    """A small quantised model of three words, by hand: two runs of values, the second shorter."""
    args = dict.fromkeys(FASTTEXT_ARGS, 1) | {
        "dim": 3,
        "loss": 3,
        "model": 3,
        "bucket": 9,
        "minn": 2,
        "maxn": 3,
    }
    kept = [(2, 1), (5, 0)] if pruned else []
    words = b"".join(word + b"\0" + struct.pack("<qb", 4, 0) for word in (b"ab", b"cd", b"</s>"))
    words += b"__label__x\0" + struct.pack("<qb", 2, 1)
    rows = 3 + (len(kept) if pruned else 9)
    rng = np.random.default_rng(5)
    codes = rng.integers(0, 256, (rows, 2), dtype=np.uint8)
    runs = rng.standard_normal(768).astype("<f4")
    body = struct.pack("<?qqi", norms, rows, 3, 2 * rows) + codes.tobytes()
    body += struct.pack("<4i", 3, 2, 2, 1) + runs.tobytes()
    if norms:
        body += bytes(range(rows)) + struct.pack("<4i", 1, 1, 1, 1) + np.arange(256, dtype="<f4").tobytes()
    head = struct.pack("<2i12id", 793712314, 12, *(int(args[name]) for name in FASTTEXT_ARGS[:-1]), 0.5)
    head += struct.pack("<3iqq", 4, 3, 1, 8, len(kept) if pruned else -1)
    index = b"".join(struct.pack("<2i", *pair) for pair in kept)
    output = struct.pack("<?qq", False, 1, 3) + np.ones(3, "<f4").tobytes()
    path = folder / "model.ftz"
    path.write_bytes(head + words + index + b"\1" + body + output)
    return path


# --- agreement with fastText and gensim


@pytest.mark.upstream
@pytest.mark.parametrize(
    ("splitter", "compact"),
    [
        (NGrams(2, 4, 300), True),
        (NGrams(3, 6, 50), False),
        (NGrams(1, 3, 1000), True),
        (NGrams(0, 0, 0), False),
    ],
)
def test_fasttext_finds_our_vectors(tmp_path, table_of, splitter, compact):
    fasttext = pytest.importorskip("fasttext")
    table = table_of(splitter, compact=compact)
    model = fasttext.load_model(str(write_model(table, tmp_path)))
    assert model.words == list(table.keys)
    for key in [*table.keys, *UNKNOWN]:
        ours = vectors_of(table, [key])[0]
        np.testing.assert_allclose(model.get_word_vector(key), ours, atol=1e-6)
    np.testing.assert_array_equal(model.get_output_matrix(), table.context.gather(np.arange(len(table))))
    args = model.f.getArgs()
    assert (args.ws, args.epoch, args.neg, args.t) == (7, 3, 4, 0.5)
    assert (str(args.model), str(args.loss)) == ("model_name.cbow", "loss_name.ns")


@pytest.mark.upstream
@pytest.mark.parametrize("model", ["skipgram", "cbow"])
def test_fasttext_finds_the_vectors_of_a_trained_table(tmp_path, model):
    fasttext = pytest.importorskip("fasttext")
    text = ["the king and the queen rule the kingdom", "a kind king is a good king"] * 30
    recipe = FastText(dim=9, min_count=1, buckets=700, epochs=2, window=3, model=model, subsample=0)
    table = recipe.fit(text, threads=1, context=True)
    theirs = fasttext.load_model(str(formats.write(table, tmp_path / "model.bin")))
    for key in [*table.keys, "kingship", "queens", *UNKNOWN]:
        np.testing.assert_allclose(theirs.get_word_vector(key), vectors_of(table, [key])[0], atol=1e-6)
    np.testing.assert_array_equal(theirs.get_output_matrix(), table.context.gather(np.arange(len(table))))
    assert (theirs.f.getArgs().ws, theirs.f.getArgs().minCount) == (3, 1)
    native = formats.open(formats.write(table, tmp_path / "table.rows"), verify=True)
    np.testing.assert_array_equal(native["kingship"], table["kingship"])


@pytest.mark.upstream
def test_a_plain_table_is_a_model_without_ngrams(tmp_path, table):
    fasttext = pytest.importorskip("fasttext")
    model = fasttext.load_model(str(formats.write(table, tmp_path / "model.bin", format="fasttext")))
    assert model.words == list(table.keys)
    assert model.get_word_vector("k7").tolist() == table["k7"].tolist()
    assert not model.get_word_vector("unseen").any()


@pytest.mark.upstream
@pytest.mark.data
@pytest.mark.parametrize("name", ["fasttext.bin", "lid.176.ftz", "cooking.model.bin"])
def test_we_find_fasttext_s_vectors(data_dir, name):
    fasttext = pytest.importorskip("fasttext")
    path = data_dir / "vectors" / "fasttext" / name
    table, model = formats.read(path), fasttext.load_model(str(path))
    assert list(table.keys) == model.words
    assert formats.sniff(path) == "fasttext"
    some = [*list(table.keys)[:500], *UNKNOWN]
    for key, ours in zip(some, vectors_of(table, some), strict=True):
        np.testing.assert_allclose(ours, model.get_word_vector(key), atol=1e-6, rtol=1e-6)
    labels = table.metadata["source"].get("labels", [])
    assert labels == [label for label in model.labels if label in set(labels)]
    assert (len(labels) > 0) == (name != "fasttext.bin")


@pytest.mark.upstream
def test_a_model_of_theirs_comes_back_from_us(tmp_path, data_dir):
    fasttext = pytest.importorskip("fasttext")
    path = data_dir / "vectors" / "fasttext" / "fasttext.bin"
    again = formats.write(formats.read(path), tmp_path / "again.bin")
    assert again.read_bytes() == path.read_bytes()
    assert fasttext.load_model(str(again)).words == fasttext.load_model(str(path)).words


@pytest.mark.upstream
@pytest.mark.data
@pytest.mark.parametrize("how", [{"qnorm": True, "dsub": 3}, {"dsub": 4}, {"qnorm": True, "qout": True}])
def test_a_model_that_fasttext_quantised(tmp_path, data_dir, how):
    fasttext = pytest.importorskip("fasttext")
    model = fasttext.load_model(str(data_dir / "vectors" / "fasttext" / "cooking.model.bin"))
    model.quantize(**how)
    model.save_model(str(tmp_path / "model.ftz"))
    table = formats.read(tmp_path / "model.ftz")
    assert table.metadata["source"]["quantised"]
    for key in model.words[::50]:
        np.testing.assert_allclose(table[key], model.get_word_vector(key), atol=1e-6, rtol=1e-6)


@pytest.mark.upstream
@pytest.mark.parametrize(
    "name",
    [
        "lee_fasttext",
        "lee_fasttext_new",
        "non_ascii_fasttext",
        "cp852_fasttext",
        "crime-and-punishment",
        "toy-model",
    ],
)
def test_gensim_s_own_samples(name):
    models = pytest.importorskip("gensim.models.fasttext")
    datapath = pytest.importorskip("gensim.test.utils").datapath
    table = formats.read(datapath(f"{name}.bin"), errors="surrogateescape")
    encoding = "cp852" if name == "cp852_fasttext" else "utf-8"
    theirs = models.load_facebook_vectors(datapath(f"{name}.bin"), encoding=encoding)
    assert table.shape == (len(theirs.vectors_vocab) + len(theirs.vectors_ngrams), theirs.vector_size)
    for row, key in enumerate(theirs.index_to_key):
        # gensim gives </s> n-grams, fastText does not; and takes them from UTF-8, not from the file's bytes
        if key == "</s>" or (encoding == "cp852" and not key.isascii()):
            continue
        np.testing.assert_allclose(table.vectors[row], theirs[key], atol=1e-6)
    np.testing.assert_allclose(table["unseen"], theirs["unseen"], atol=1e-6)
    assert table.counts.tolist() == [theirs.get_vecattr(key, "count") for key in theirs.index_to_key]


@pytest.mark.upstream
def test_gensim_finds_our_vectors(tmp_path, ngram_table):
    models = pytest.importorskip("gensim.models.fasttext")
    theirs = models.load_facebook_vectors(str(write_model(ngram_table, tmp_path)))
    for key in [*list(ngram_table.keys)[1:], *UNKNOWN]:  # not </s>, as above
        np.testing.assert_allclose(vectors_of(ngram_table, [key])[0], theirs[key], atol=1e-6)


# --- what comes back


@pytest.mark.parametrize("compact", [False, True])
def test_ngrams_come_back(tmp_path, table_of, compact):
    table = table_of(NGrams(2, 4, 300), compact=compact)
    path = write_model(table, tmp_path)
    back = formats.read(path)
    assert list(back.keys) == list(table.keys)
    assert back.counts.tolist() == table.counts.tolist()
    assert back.shape == (len(table) + 300, 5)
    keys = [*table.keys, *UNKNOWN]
    np.testing.assert_allclose(vectors_of(back, keys), vectors_of(table, keys), atol=1e-7)
    assert back.context.gather(np.arange(7)).tolist() == table.context.gather(np.arange(7)).tolist()
    again = formats.write(back, tmp_path / "again.bin")
    assert again.read_bytes() == path.read_bytes()
    packed = tmp_path / "packed"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert formats.read(packed).vectors.tolist() == back.vectors.tolist()


any_key = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=6)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(any_key, min_size=1, max_size=6, unique=True),
    st.integers(0, 3), st.integers(0, 5), st.integers(1, 40), st.booleans(),
)  # fmt: skip
def test_any_table_with_ngrams_comes_back(tmp_path, keys, min_n, more, buckets, compact):
    vocabulary = Subwords(Words.from_keys(keys), NGrams(min_n, min_n + more, buckets))
    vocabulary = vocabulary.compacted() if compact else vocabulary
    rows = np.random.default_rng(0).standard_normal((vocabulary.num_rows, 3)).astype(np.float32)
    table = Table(vocabulary, DenseStore(rows))
    back = formats.read(formats.write(table, tmp_path / "model", format="fasttext"))
    assert list(back.keys) == keys
    asked = [*keys, "unseen", "é"]
    np.testing.assert_array_equal(vectors_of(back, asked), vectors_of(table, asked))


def test_some_words_only(tmp_path, ngram_table):
    path = write_model(ngram_table, tmp_path)
    some = formats.read(path, limit=3)
    assert list(some.keys) == list(ngram_table.keys)[:3]
    assert some.counts.tolist() == [90, 50, 7]
    assert some.context.shape == (3, 5)
    keys = [*some.keys, *UNKNOWN]
    np.testing.assert_allclose(vectors_of(some, keys), vectors_of(ngram_table, keys), atol=1e-7)
    assert formats.read(path, limit=0).shape == (300, 5)


def test_what_fasttext_has_no_form_for(tmp_path, table_of, floret_table):
    pruned = table_of(NGrams(2, 3, 5, np.array([0, -1, 1, 2, -1], np.int32)))
    with pytest.raises(ShapeError, match="pruned n-grams from quantised models only"):
        write_model(pruned, tmp_path)
    with pytest.raises(ShapeError, match="floret's models hash with seed"):
        formats.write(table_of(Floret(2, 3, 9, 1, seed=5)), tmp_path / "model.bin")
    with pytest.raises(ShapeError, match="hashed as floret does"):
        formats.write(floret_table, tmp_path / "model.bin", format="fasttext")
    assert list(tmp_path.iterdir()) == []


def test_learned_pieces_have_no_form_either(tmp_path, table_of):
    pytest.importorskip("tokenizers", reason="the extra subword is not installed")
    from rowspace.corpus import open_corpus
    from rowspace.vocabulary.pieces import learn_pieces

    with open_corpus(["the naive new york a"]).scan() as scan:
        table = table_of(learn_pieces(scan, num_pieces=20))
    with pytest.raises(ShapeError, match="no subwords but hashed n-grams, and this table has pieces"):
        formats.write(table, tmp_path / "model.bin", format="fasttext")
    path = formats.write(table, tmp_path / "vectors.bin")  # plain word2vec binary: a vector a key
    assert formats.read(path).vectors.tolist() == table.vectors.tolist()


def test_text_holds_the_vectors_of_keys(tmp_path, ngram_table):
    text = formats.read(formats.write(ngram_table, tmp_path / "table.vec"))
    assert list(text.keys) == list(ngram_table.keys)
    np.testing.assert_array_equal(text.vectors, ngram_table.vectors)


# --- quantised models, by hand


@pytest.mark.parametrize("norms", [False, True])
@pytest.mark.parametrize("pruned", [False, True])
def test_quantised_rows_are_decoded(tmp_path, norms, pruned):
    path = quantised(tmp_path, norms=norms, pruned=pruned)
    table = formats.read(path)
    rng = np.random.default_rng(5)
    codes = rng.integers(0, 256, (table.shape[0], 2), dtype=np.uint8)
    runs = rng.standard_normal(768).astype(np.float32)
    wanted = np.concatenate([runs[:512].reshape(256, 2)[codes[:, 0]], runs[512:, None][codes[:, 1]]], axis=1)
    if norms:
        wanted *= np.arange(len(codes), dtype=np.float32)[:, None]
    np.testing.assert_allclose(table.store.gather(np.arange(len(codes))), wanted, rtol=1e-6)
    assert table.metadata["source"]["labels"] == ["__label__x"]
    assert table.context is None
    splitter = table.vocabulary.splitter
    assert splitter.num_rows == (2 if pruned else 9)
    if pruned:
        assert splitter.kept.tolist() == [-1, -1, 1, -1, -1, 0, -1, -1, -1]


def test_facts_of_a_model(tmp_path, ngram_table):
    facts = formats.inspect(write_model(ngram_table, tmp_path))
    assert (facts.format, facts.num_rows, facts.num_keys, facts.dim) == ("fasttext", 307, 7, 5)
    assert facts.vocabulary == "ngrams"
    assert facts.parameters["maxn"] == 4
    assert formats.inspect(quantised(tmp_path)).num_rows == 5


# --- damage


def samples(folder: Path) -> list[bytes]:
    floret = formats.write(small_floret(), folder / "floret.bin")
    return [path.read_bytes() for path in (small(folder), quantised(folder), floret)]


def small(folder: Path) -> Path:
    vocabulary = Subwords(Words.from_keys(["ab", "c"]), NGrams(2, 3, 4))
    return write_model(Table(vocabulary, DenseStore(np.ones((6, 2), np.float32))), folder)


def small_floret() -> Table:
    vocabulary = Subwords(Words.from_keys(["ab", "c"]), Floret(2, 3, 4, 2))
    return Table(vocabulary, DenseStore(np.ones((4, 2), np.float32)))


def test_truncated_at_every_byte(tmp_path):
    path = tmp_path / "cut"
    for whole in samples(tmp_path):
        step = max(1, len(whole) // 700)  # every byte of all but the quantised one's centroids
        for length in [*range(0, min(len(whole), 400)), *range(400, len(whole), step), len(whole) - 1]:
            path.write_bytes(whole[:length])
            with pytest.raises(FormatError) as caught:
                formats.read(path, format="fasttext")
            assert 0 <= caught.value.offset <= length
        path.write_bytes(whole + b"\0")
        with pytest.raises(FormatError, match="goes on"):
            formats.read(path, format="fasttext")


@pytest.mark.filterwarnings("ignore::rowspace.formats.DroppedRowsWarning")
def test_every_bit_flipped(tmp_path):
    path = tmp_path / "flipped"
    for whole in samples(tmp_path):
        for place in range(0, 8 * min(len(whole), 230), 3):  # all but the rows, some bits of each byte
            damaged = bytearray(whole)
            damaged[place // 8] ^= 1 << place % 8
            path.write_bytes(damaged)
            try:
                found = formats.read(
                    path, format="fasttext", errors="skip", duplicates="last", nonfinite="zero"
                )
            except RowspaceError:
                continue
            assert np.isfinite(found.lookup(["ab", "unseen", *found.keys], missing="zero")).all()


@pytest.mark.parametrize(
    ("place", "number", "told"),
    [
        (4, 13, "up to version 12, but this has 13"),
        (8, 0, "fastText's arguments"),
        (8, -3, "fastText's arguments"),
        (8, 2**31 - 1, "fastText's arguments"),
        (BUCKET, 2**31 - 1, "input matrix must have"),
        (BUCKET, 5, "input matrix must have"),
        (BUCKET, -1, "fastText's arguments"),
        (MAX_N, 1000, "0 to 64 characters"),
        (64, 3, "fastText's arguments"),
        (64 + 4, 2**31 - 1, "fastText's arguments"),
        (PRUNED, 0, "input matrix must have"),
        (PRUNED, 2**31 - 1, "prune index"),
    ],
)
def test_a_head_that_lies(tmp_path, place, number, told):
    path = small(tmp_path)
    data = bytearray(path.read_bytes())
    data[place : place + 4] = struct.pack("<i", number)
    if place == PRUNED:
        data[place + 4 : place + 8] = bytes(4)
    path.write_bytes(data)
    with pytest.raises(FormatError, match=told):
        formats.read(path)


def test_a_billion_words_are_not_believed(tmp_path):
    path = small(tmp_path)
    data = bytearray(path.read_bytes())
    data[64:72] = struct.pack("<2i", 2**31 - 1, 2**31 - 1)
    path.write_bytes(data)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(FormatError, match="ends inside the dictionary"):
        formats.read(path)
    path.write_bytes(gzip.compress(data))
    with pytest.raises(FormatError, match="must hold 2,147,483,647 entries"):
        formats.read(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kilobytes


def test_a_small_file_does_not_fill_the_memory(tmp_path):
    path = quantised(tmp_path, pruned=False)
    data = path.read_bytes()
    wide = data.replace(struct.pack("<qqi", 12, 3, 24), struct.pack("<qqi", 12, 3, 2**31 - 1))
    path.write_bytes(wide)
    with pytest.raises(FormatError, match="ends inside the input matrix"):
        formats.read(path)


def test_words_and_labels_out_of_order(tmp_path):
    path = quantised(tmp_path)
    data = path.read_bytes()
    path.write_bytes(data.replace(b"ab\0" + struct.pack("<qb", 4, 0), b"ab\0" + struct.pack("<qb", 4, 1)))
    with pytest.raises(FormatError, match="entry 0 is of type 1"):
        formats.read(path)
    path.write_bytes(data.replace(b"ab\0" + struct.pack("<qb", 4, 0), b"ab\0" + struct.pack("<qb", -4, 0)))
    with pytest.raises(FormatError, match="with count -4"):
        formats.read(path)


def test_ngram_rows_that_are_not_finite(tmp_path, table_of):
    table = table_of(NGrams(2, 3, 20))
    table.store.vectors[9, 2] = np.nan
    path = write_model(table, tmp_path)
    with pytest.raises(FormatError, match="rows of subword 2 hold NaN"):
        formats.read(path)
    with pytest.warns(formats.DroppedRowsWarning, match="1 rows set to zero"):
        assert not formats.read(path, nonfinite="zero").store.gather(np.array([9])).any()
