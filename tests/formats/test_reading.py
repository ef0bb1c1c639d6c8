"""Real files, and agreement with gensim's reader and writer."""

from __future__ import annotations

import re

import numpy as np
import pytest

from rowspace import formats
from rowspace.errors import FormatError
from rowspace.table import Table


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "shape", "second"),
    [
        ("glove/glove.6B.50d.5050.txt", (5050, 50), ","),
        ("glove/glove.twitter.27B.25d.11925.txt", (11925, 25), "of"),
        ("archives/fake_embeddings.5d.txt", (15, 5), "you"),
        ("archives/fake_embeddings.5d.txt.bz2", (15, 5), "you"),
        ("archives/fake_embeddings.5d.txt.gz", (15, 5), "you"),
        ("archives/fake_embeddings.5d.txt.tar.gz", (15, 5), "you"),
        ("archives/fake_embeddings.5d.txt.xz", (15, 5), "you"),
        ("archives/fake_embeddings.5d.txt.zip", (15, 5), "you"),
        ("archives/glove.6B.100d.sample.txt.gz", (100, 100), ","),
        ("archives/glove.6B.300d.sample.txt.gz", (100, 300), ","),
        ("torchtext/glove.840B.300d.zip", (100, 300), "."),
        ("finalfusion/similarity.txt", (41, 100), "Potsdam"),
        ("finalfusion/similarity.nodims", (41, 100), "Potsdam"),
        ("finalfusion/similarity.bin", (41, 100), "Potsdam"),
        ("finalfusion/analogy.bin", (43, 100), "Frankreich"),
    ],
)
def test_real_files(data_dir, name, shape, second):
    table = formats.read(data_dir / "vectors" / name)
    assert table.shape == shape
    assert table.keys[1] == second


@pytest.mark.data
def test_the_same_rows_in_three_forms(data_dir):
    forms = [
        formats.read(data_dir / "vectors/finalfusion" / f"similarity.{end}")
        for end in ("txt", "nodims", "bin")
    ]
    for form in forms[1:]:
        assert list(form.keys) == list(forms[0].keys)
        np.testing.assert_allclose(form.vectors, forms[0].vectors, rtol=1e-6)


@pytest.mark.data
def test_a_real_header_that_lies(data_dir):
    path = data_dir / "vectors/torchtext/wiki.en.vec"
    with pytest.raises(
        FormatError, match=r"promises 2,519,370 rows, but the file holds 99; .*header=.ignore"
    ):
        formats.read(path)
    assert formats.read(path, header="ignore").shape == (99, 300)
    assert formats.read(path, limit=50).shape == (50, 300)


@pytest.mark.data
@pytest.mark.parametrize("end", ["txt", "dims", "bin"])
def test_real_keys_that_are_not_utf8(data_dir, end):
    path = data_dir / "vectors/finalfusion" / f"utf8-incomplete.{end}"
    with pytest.raises(FormatError, match="not UTF-8"):
        formats.read(path)
    assert formats.read(path, errors="replace").keys[1] == "zee\ufffdn"
    with pytest.warns(formats.DroppedRowsWarning):
        assert list(formats.read(path, errors="skip").keys) == ["meren", "rivieren"]


@pytest.mark.data
@pytest.mark.parametrize(
    "name",
    [
        "finalfusion/similarity.fifu",
        "finalfusion/quantized_storage.bin",
        "archives/multi-file-archive.zip",
        "archives/multi-file-archive.tar.gz",
    ],
)
def test_real_files_of_other_kinds(data_dir, name):
    with pytest.raises(FormatError, match=re.escape(name)):
        formats.read(data_dir / "vectors" / name)


@pytest.mark.upstream
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # gensim leaves a file open
@pytest.mark.parametrize("binary", [False, True])
def test_gensim_and_we_read_each_other(tmp_path, binary):
    models = pytest.importorskip("gensim.models")
    vectors = np.random.default_rng(0).standard_normal((3000, 20)).astype(np.float32)
    keys = ["</s>", "l\u2019été", "\u4e2d", *(f"k{row}" for row in range(2997))]
    theirs = models.KeyedVectors(20)
    theirs.add_vectors(keys, vectors)
    path = tmp_path / "table.bin"
    theirs.save_word2vec_format(str(path), binary=binary)
    ours = formats.read(path)
    assert list(ours.keys) == keys
    assert ours.vectors.tobytes() == vectors.tobytes()
    formats.write(ours, path, format="word2vec-binary" if binary else "word2vec-text")
    back = models.KeyedVectors.load_word2vec_format(str(path), binary=binary)
    assert back.index_to_key == keys
    assert back.vectors.tobytes() == vectors.tobytes()
    formats.write(ours, path, format="glove-text")
    back = models.KeyedVectors.load_word2vec_format(str(path), no_header=True)
    assert back.vectors.tobytes() == vectors.tobytes()


def test_memory_of_a_loaded_table_is_its_own(tmp_path):
    path = formats.write(Table.from_arrays(["a"], np.ones((1, 2), np.float32)), tmp_path / "table.rows")
    table = formats.read(path)
    path.unlink()
    table.vectors[0] = 5
    assert table["a"].tolist() == [5, 5]
