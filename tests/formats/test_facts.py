"""What `inspect` tells."""

from __future__ import annotations

import gzip

import numpy as np

from rowspace import formats
from rowspace.stores import DenseStore
from rowspace.table import Table
from rowspace.vocabulary import Words


def test_facts_of_a_native_file(tmp_path):
    words = Words.from_keys(["<unk>", "b"], counts=np.array([3, 1]), unknown_key="<unk>")
    store = DenseStore(np.eye(2, dtype=np.float32))
    path = formats.write(Table(words, store, {"recipe": "x"}, store), tmp_path / "table.rows")
    facts = formats.inspect(path)
    assert (facts.format, facts.num_rows, facts.dim, facts.packing) == ("rows", 2, 2, None)
    assert (facts.has_counts, facts.has_context, facts.unknown_key) == (True, True, "<unk>")
    assert facts.metadata == {"recipe": "x"}
    assert facts.size_bytes == path.stat().st_size
    assert set(facts.checksums) == {
        "header", "vectors", "context", "counts", "keys.bytes", "keys.offsets", "keys.hash"
    }  # fmt: skip
    assert facts.failed_checksums == ()
    assert formats.inspect(path, verify=False).checksums == {}


def test_a_failed_checksum_is_told_not_raised(tmp_path):
    path = formats.write(Table.from_arrays(["a"], np.ones((1, 2), np.float32)), tmp_path / "table.rows")
    data = bytearray(path.read_bytes())
    place = data.rindex(np.ones(2, np.float32).tobytes())
    data[place] ^= 1
    path.write_bytes(data)
    assert formats.inspect(path).failed_checksums == ("vectors",)


def test_facts_of_foreign_files(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"99 3\na 1 2 3\n")
    facts = formats.inspect(path)
    assert (facts.format, facts.num_rows, facts.dim) == ("word2vec-text", 99, 3)
    path.write_bytes(gzip.compress(b"a 1 2 3\n"))
    facts = formats.inspect(path)
    assert (facts.format, facts.num_rows, facts.dim, facts.packing) == ("glove-text", None, 3, "gzip")


def test_facts_of_subwords(tmp_path, ngram_table):
    facts = formats.inspect(formats.write(ngram_table, tmp_path / "table.rows"))
    assert (facts.vocabulary, facts.num_keys, facts.num_rows) == ("ngrams", 7, ngram_table.shape[0])
    assert facts.parameters == ngram_table.vocabulary.splitter.to_json()
    assert facts.checksums["ngrams.kept"]
    plain = formats.inspect(formats.write(ngram_table, tmp_path / "table.vec"))
    assert (plain.vocabulary, plain.num_rows) == ("words", 7)
