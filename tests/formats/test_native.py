"""The native file: what it keeps, and what it says of files that are not its own."""

from __future__ import annotations

import json

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from rowspace import formats
from rowspace.arrays import PackedKeys
from rowspace.corpus import open_corpus
from rowspace.errors import FormatError, ShapeError, UnknownKeyError
from rowspace.formats import native
from rowspace.formats.tensor_file import map_tensors
from rowspace.stores import DenseStore
from rowspace.table import Table
from rowspace.vocabulary import Words
from rowspace.vocabulary.floret import Floret
from rowspace.vocabulary.ngrams import NGrams
from rowspace.vocabulary.pieces import learn_pieces


def full_table() -> Table:
    keys = ["<unk>", "king", "new york", "a\nb\0c", ""]
    words = Words.from_keys(keys, counts=np.array([9, 5, 4, 1, 1]), unknown_key="<unk>", missing="unknown")
    rng = np.random.default_rng(0)
    vectors, context = rng.standard_normal((2, 5, 7)).astype(np.float32)
    metadata = {"recipe": {"dim": 7, "note": 'quotes " and \\ and ü'}, "loss": [2.5, 1.5], "none": None}
    return Table(words, DenseStore(vectors), metadata, DenseStore(context))


def test_everything_comes_back(tmp_path):
    table = full_table()
    path = native.write(table, tmp_path / "table.rows")
    for found in (native.open(path), native.open(path, verify=True), formats.read(path)):
        assert list(found.keys) == list(table.keys)
        assert found.vectors.tobytes() == table.vectors.tobytes()
        assert found.counts.tolist() == [9, 5, 4, 1, 1]
        assert found.metadata == table.metadata
        assert found.context.gather(np.arange(5)).tobytes() == table.context.gather(np.arange(5)).tobytes()
        assert found["nobody"].tolist() == table["<unk>"].tolist()
        assert found["new york"].tolist() == table["new york"].tolist()


def test_any_safetensors_reader_opens_it(tmp_path):
    table = full_table()
    tensors = load_file(native.write(table, tmp_path / "table.rows"))
    np.testing.assert_array_equal(tensors["vectors"], table.vectors)
    keys = PackedKeys(tensors["keys.bytes"], tensors["keys.offsets"])
    assert list(keys) == list(table.keys)
    assert {name: array.dtype.str for name, array in tensors.items()} == {
        "vectors": "<f4", "context": "<f4", "counts": "<i8",
        "keys.bytes": "|u1", "keys.offsets": "<i8", "keys.hash": "<i4",
    }  # fmt: skip


def test_the_mapped_rows_are_read_only_and_aligned(tmp_path):
    table = native.open(native.write(full_table(), tmp_path / "table.rows"))
    assert table.vectors.ctypes.data % 64 == 0
    with pytest.raises(ValueError, match="read-only"):
        table.vectors[0] = 0
    assert formats.read(tmp_path / "table.rows").vectors.flags.writeable


def test_part_of_a_file(tmp_path):
    path = native.write(full_table(), tmp_path / "table.rows")
    two = formats.read(path, limit=2)
    assert (list(two.keys), two.counts.tolist(), two.context.shape) == (["<unk>", "king"], [9, 5], (2, 7))
    none = formats.read(path, limit=0)
    with pytest.raises(UnknownKeyError):  # the unknown row is gone, so its policy is, too
        none.lookup(["x"])


def same_table(left: Table, right: Table) -> None:
    asked = [*left.keys, "unseen", "日"]
    assert list(left.keys) == list(right.keys)
    assert (
        left.store.gather(np.arange(left.shape[0])).tobytes()
        == right.store.gather(np.arange(right.shape[0])).tobytes()
    )
    assert left.lookup(asked, "zero").tobytes() == right.lookup(asked, "zero").tobytes()
    assert left.vectors.tobytes() == right.vectors.tobytes()
    assert left.counts.tolist() == right.counts.tolist()


@pytest.mark.parametrize(
    ("splitter", "compact"),
    [
        (NGrams(2, 4, 300), False),
        (NGrams(2, 4, 300), True),
        (NGrams(2, 3, 6, np.array([0, -1, 1, 1, -1, 2], np.int32)), False),
        (NGrams(0, 0, 0), False),
        (Floret(2, 4, 40, 3, seed=7), False),
    ],
)
def test_subwords_come_back(tmp_path, table_of, splitter, compact):
    table = table_of(splitter, compact=compact)
    path = native.write(table, tmp_path / "table.rows")
    for found in (native.open(path), native.open(path, verify=True), formats.read(path)):
        same_table(found, table)
        assert type(found.vocabulary.splitter) is type(splitter)
        assert found.vocabulary.splitter.to_json() == table.vocabulary.splitter.to_json()
    assert map_tensors(path).metadata["version"] == "2"
    assert native.write(native.open(path), tmp_path / "again.rows").read_bytes() == path.read_bytes()


def test_learned_pieces_come_back(tmp_path, table_of):
    pytest.importorskip("tokenizers", reason="the extra subword is not installed")
    with open_corpus(["the naive new york a known unknown"]).scan() as scan:
        table = table_of(learn_pieces(scan, num_pieces=22))
    path = native.write(table, tmp_path / "table.rows")
    for found in (native.open(path, verify=True), formats.read(path)):
        same_table(found, table)
    assert "pieces.tokenizer" in load_file(path)


def test_trainer_state_and_nodes_come_back(tmp_path):
    words, rows = Words.from_keys(["a", "b", "c"]), DenseStore(np.eye(3, dtype=np.float32))
    nodes = DenseStore(np.ones((2, 3), np.float32))  # of a tree: one fewer than words
    state = {"bias": np.ones((3, 1), np.float32), "squares": np.full((3, 3), 2, np.float32)}
    path = native.write(Table(words, rows, {}, nodes, state), tmp_path / "table.rows")
    for found in (native.open(path, verify=True), formats.read(path)):
        assert found.context.shape == (2, 3)
        assert {name: values.tolist() for name, values in found.state.items()} == {
            name: values.tolist() for name, values in state.items()
        }
    assert map_tensors(path).metadata["version"] == "2"
    part = formats.read(path, limit=2)
    assert (part.context, part.state, part.shape) == (None, {}, (2, 3))
    assert formats.inspect(path).state == ("bias", "squares")


def test_plain_tables_stay_readable_for_older_readers(tmp_path):
    path = native.write(full_table(), tmp_path / "table.rows")
    assert map_tensors(path).metadata["version"] == "1"


def test_part_of_a_file_with_subwords(tmp_path, ngram_table):
    path = native.write(ngram_table, tmp_path / "table.rows")
    part = formats.read(path, limit=2)
    assert list(part.keys) == list(ngram_table.keys)[:2]
    assert part.shape == (2 + ngram_table.vocabulary.splitter.num_rows, 5)
    asked = ["the", "unseen"]
    assert part.lookup(asked).tobytes() == ngram_table.lookup(asked).tobytes()


def rewritten(path, *, drop=(), metadata=(), **tensors):
    """The file at `path` once more through the safetensors library, changed and without our checksums."""
    file = map_tensors(path)
    kept = {name: np.array(array) for name, array in file.tensors.items() if name not in drop}
    new = {name.replace("_", "."): array for name, array in tensors.items()}
    save_file({**kept, **new}, path, {**file.metadata, **dict(metadata)})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"drop": ["vectors"]}, "'vectors' is missing"),
        ({"drop": ["keys.hash"]}, "'keys.hash' is missing"),
        ({"vectors": np.zeros((5, 7), np.float64)}, "2-d F32"),
        ({"vectors": np.zeros(5, np.float32)}, "2-d F32"),
        ({"vectors": np.zeros((4, 7), np.float32)}, "contradicts itself"),
        ({"context": np.zeros((5, 6), np.float32)}, "contradicts itself"),
        ({"counts": np.zeros(4, np.int64)}, "contradicts itself"),
        ({"keys_hash": np.zeros(0, np.int32)}, "power of two"),
        ({"keys_hash": np.zeros(12, np.int32)}, "power of two"),
        ({"keys_hash": np.zeros(8, np.int32)}, "power of two"),
        ({"keys_offsets": np.zeros(0, np.int64)}, "."),
        ({"keys_offsets": np.array([0, 1, 2, 3, 4, 99])}, "contradicts itself"),
        ({"metadata": {"version": "3"}}, "upgrade"),
        ({"metadata": {"version": "one"}}, "must be a number"),
        ({"metadata": {"format": "other"}}, "no rowspace table"),
        ({"metadata": {"vocabulary": "{"}}, "must be JSON"),
        ({"metadata": {"table": "[]"}}, "JSON object"),
        ({"metadata": {"vocabulary": json.dumps({"unknown_key": "nobody"})}}, "contradicts itself"),
        ({"metadata": {"vocabulary": json.dumps({"unknown_key": 5})}}, "contradicts itself"),
        ({"metadata": {"vocabulary": json.dumps({"missing": "hope"})}}, "contradicts itself"),
        ({"metadata": {"vocabulary": json.dumps({"missing": {}})}}, "contradicts itself"),
    ],
)  # fmt: skip
@pytest.mark.unchecked
def test_files_that_contradict_themselves(tmp_path, change, told):
    path = native.write(full_table(), tmp_path / "table.rows")
    rewritten(path, **change)
    with pytest.raises(FormatError, match=told):
        native.open(path)


def kind(**changed) -> str:
    splitter = {"min_n": 2, "max_n": 4, "buckets": 300, "shared_row": 0, **changed}
    return json.dumps({"kind": "ngrams", "splitter": splitter})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"metadata": {"vocabulary": json.dumps({"kind": "guess"})}}, "must be one of words, ngrams, floret"),
        ({"metadata": {"vocabulary": json.dumps({"kind": ["ngrams"]})}}, "contradicts itself"),
        ({"metadata": {"vocabulary": json.dumps({"kind": "ngrams"})}}, "min_n must be a whole number"),
        ({"metadata": {"vocabulary": json.dumps({"kind": "ngrams", "splitter": [1]})}}, "contradicts itself"),
        ({"metadata": {"vocabulary": json.dumps({"kind": "words"})}}, "a vocabulary of 7 rows"),
        ({"metadata": {"vocabulary": json.dumps({"kind": "pieces"})}}, "pieces need a tokenizer"),
        ({"metadata": {"vocabulary": kind(min_n=5)}}, "5 is above 4"),
        ({"metadata": {"vocabulary": kind(buckets=299)}}, "kept must hold 299 buckets"),
        ({"metadata": {"vocabulary": kind(buckets=2**40)}}, "buckets"),
        ({"metadata": {"vocabulary": kind(shared_row=2**40)}}, "shared_row must lie in"),
        ({"drop": ["ngrams.kept"]}, "shared row needs kept"),
        ({"ngrams_kept": np.full(300, -2, np.int32)}, "or -1, but holds -2"),
        ({"ngrams_kept": np.full(300, 5000, np.int32)}, "contradicts itself"),
        ({"ngrams_kept": np.zeros((300, 1), np.int32)}, "1-d I32"),
        ({"ngrams_kept": np.zeros(300, np.int64)}, "1-d I32"),
        ({"state_bias": np.zeros(3, np.float32)}, "2-d F32"),
    ],
)
def test_subwords_that_contradict_the_rows(tmp_path, ngram_table, change, told):
    path = native.write(ngram_table, tmp_path / "table.rows")
    rewritten(path, **change)
    with pytest.raises(FormatError, match=told):
        native.open(path)


def test_unknown_tensors_are_tolerated(tmp_path):
    path = native.write(full_table(), tmp_path / "table.rows")
    rewritten(path, later=np.ones(3, np.float16))
    assert native.open(path).shape == (5, 7)
    with pytest.raises(FormatError, match="checksum of header, later"):
        native.open(path, verify=True)


def test_damaged_offsets_never_crash(tmp_path):
    table = Table.from_arrays(["king", "queen", "new york", "paris", "a"], np.ones((5, 2), np.float32))
    path = native.write(table, tmp_path / "table.rows")
    length = len(map_tensors(path).tensors["keys.bytes"])
    rewritten(path, keys_offsets=np.array([0, 2**62, -(2**62), 3, -1, length]))
    table = native.open(path)
    assert len(list(table.keys)) == 5
    table.lookup(["king", *(table.keys[row] for row in range(5))], missing="zero")


def test_what_the_format_cannot_hold(tmp_path):
    table = full_table()
    with pytest.raises(ShapeError, match="JSON"):
        native.write(Table(table.vocabulary, table.store, {"made": object()}), tmp_path / "table.rows")
    assert list(tmp_path.iterdir()) == []


def test_a_plain_safetensors_file_is_named_as_such(tmp_path):
    path = tmp_path / "model.safetensors"
    save_file({"embedding.weight": np.ones((2, 2), np.float32)}, path)
    with pytest.raises(FormatError, match=r"no rowspace table.*embedding\.weight"):
        formats.read(path)
