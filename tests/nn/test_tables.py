"""From a table to the rows of a layer, and back."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import rowspace as rs
from rowspace.errors import RecipeError, ShapeError
from rowspace.nn.embedding import Embedding
from rowspace.nn.embedding_bag import EmbeddingBag
from rowspace.nn.tables import layer_arrays, table_of, with_unknown
from rowspace.nn.unknown import Unknown
from rowspace.stores import DenseStore
from rowspace.table import Table
from rowspace.vocabulary import Floret, NGrams, Subwords, Words

RNG = np.random.default_rng(5)


def words_table(**options) -> Table:
    words = Words.from_keys(["a", "b", "c"], counts=np.array([9, 5, 2]), **options)
    vectors = RNG.standard_normal((3, 4)).astype(np.float32)
    return Table(words, DenseStore(vectors), {"recipe": {"dim": 4}, "loss": 0.5})


def subwords_table(splitter=None, **options) -> Table:
    words = Words.from_keys(["the", "king"], counts=np.array([9, 5]), **options)
    vocabulary = Subwords(words, splitter or NGrams(3, 4, 20))
    return Table(vocabulary, DenseStore(RNG.standard_normal((vocabulary.num_rows, 4)).astype(np.float32)))


def assert_same(table: Table, other: Table) -> None:
    """Equal bit for bit, in everything that a user can see of it."""
    np.testing.assert_array_equal(table.store.vectors, other.store.vectors)
    assert list(table.keys) == list(other.keys)
    assert np.array_equal(table.counts, other.counts)
    assert dict(table.metadata) == dict(other.metadata)
    assert table.vocabulary.missing == other.vocabulary.missing
    for vocabulary in (table.vocabulary, other.vocabulary):
        assert type(vocabulary) is type(table.vocabulary)
    words, others = (getattr(each.vocabulary, "words", each.vocabulary) for each in (table, other))
    assert (words.unknown_key, words.unknown_row) == (others.unknown_key, others.unknown_row)


@pytest.mark.parametrize("layer", [Embedding, EmbeddingBag])
@pytest.mark.parametrize(
    "make",
    [
        words_table,
        lambda: words_table(unknown_key="b", missing="unknown"),
        lambda: words_table(missing="zero"),
        subwords_table,
        lambda: subwords_table(unknown_key="king"),
        lambda: subwords_table(Floret(3, 4, 30, 2)),
        lambda: Table.from_arrays([], np.empty((0, 4), np.float32)),
        lambda: Table.from_arrays(["a"], np.empty((1, 0), np.float32)),
    ],
)
def test_a_table_comes_back_bit_for_bit(layer, make):
    table = make()
    back = layer.from_table(table).to_table()
    assert_same(table, back)
    assert not np.shares_memory(table.store.vectors, back.store.vectors)
    if len(table):
        keys = [*table.keys, *table.keys]
        np.testing.assert_array_equal(back.lookup(keys), table.lookup(keys))


def test_a_mapped_table_becomes_writable(tmp_path):
    rs.write(words_table(), tmp_path / "table.rows")
    table = rs.open(tmp_path / "table.rows")
    assert not table.store.vectors.flags.writeable
    layer = Embedding.from_table(table)
    with torch.no_grad():
        layer.weight += 1
    np.testing.assert_allclose(layer.to_table().vectors, table.vectors + 1, rtol=1e-6)
    assert_same(table, Embedding.from_table(table).to_table())


def test_the_rows_do_not_follow_the_table_nor_the_table_the_layer():
    table = words_table()
    layer = Embedding.from_table(table)
    table.store.vectors[:] = 0
    assert layer.weight.any()
    back = layer.to_table()
    with torch.no_grad():
        layer.weight.zero_()
    assert back.vectors.any()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_floats_become_float32(dtype):
    table = words_table()
    layer = Embedding.from_table(table).to(dtype)
    back = layer.to_table()
    assert back.vectors.dtype == np.float32
    np.testing.assert_array_equal(back.vectors, torch.from_numpy(table.vectors).to(dtype).float().numpy())


def test_without_a_vocabulary_row_ids_are_the_keys():
    weight = torch.randn(11, 3)
    table = table_of(None, weight, {})
    assert list(table.keys) == [str(row) for row in range(11)]
    np.testing.assert_array_equal(table["10"], weight[10].numpy())
    assert Embedding(4, 2).to_table().shape == (4, 2)


def test_too_few_rows_are_refused():
    with pytest.raises(ShapeError, match="a vocabulary of 3 rows needs as many in the layer, but it has 2"):
        table_of(words_table().vocabulary, torch.zeros(2, 4), {})


# Rows for unknown values.


def test_without_unknown_a_vocabularys_own_unknown_key_stands():
    vectors, vocabulary, unknown = layer_arrays(words_table())
    assert (len(vectors), vocabulary.num_rows, unknown) == (3, 3, None)
    _, vocabulary, unknown = layer_arrays(words_table(unknown_key="b"))
    assert (vocabulary.unknown_row, unknown.row, unknown.rate) == (1, 1, 0.0)


def test_an_unknown_key_is_appended_as_the_mean_of_all():
    table = words_table()
    vectors, vocabulary, unknown = layer_arrays(table, Unknown())
    assert (list(vocabulary.keys), vocabulary.unknown_key, unknown.row) == (
        ["a", "b", "c", "<unk>"],
        "<unk>",
        3,
    )
    assert vocabulary.counts.tolist() == [9, 5, 2, 0]
    np.testing.assert_array_equal(vectors[:3].numpy(), table.vectors)
    np.testing.assert_allclose(vectors[3].numpy(), table.vectors.mean(0), rtol=1e-5)


def test_the_unknown_row_is_part_of_the_table_that_comes_back():
    layer = Embedding.from_table(words_table(), unknown=Unknown(rate=0.1))
    with torch.no_grad():
        layer.weight[3] = 7
    back = layer.to_table()
    assert back.lookup(["zzz"], missing="unknown").tolist() == [[7.0] * 4]


def test_a_named_row_becomes_the_unknown_key():
    vocabulary, unknown = with_unknown(words_table().vocabulary, Unknown(row=2))
    assert (vocabulary.unknown_key, vocabulary.num_rows, unknown.row) == ("c", 3, 2)
    with pytest.raises(RecipeError, match=r"must be that of a key, in \[0, 3\), but is 3"):
        with_unknown(words_table().vocabulary, Unknown(row=3))


def test_a_key_that_is_called_unknown_already_is_it():
    words = Words.from_keys(["a", "<unk>"])
    vocabulary, unknown = with_unknown(words, Unknown())
    assert (vocabulary.num_rows, unknown.row) == (2, 1)


def test_an_appended_key_stands_between_own_rows_and_those_of_parts():
    table = subwords_table()
    vectors, vocabulary, unknown = layer_arrays(table, Unknown())
    assert (vocabulary.num_own_rows, vocabulary.num_rows, unknown.row) == (3, 23, 2)
    np.testing.assert_allclose(vectors[2].numpy(), table.store.vectors[:2].mean(0), rtol=1e-5)
    layer = Embedding.from_table(table, unknown=Unknown())
    keys = ["the", "king", "kingdom"]
    np.testing.assert_allclose(layer(keys).detach().numpy(), table.lookup(keys), atol=1e-6)
    back = layer.to_table()
    np.testing.assert_array_equal(back.lookup(keys), table.lookup(keys))
    np.testing.assert_allclose(layer("").detach().numpy(), back.lookup([""], missing="unknown")[0], atol=1e-6)


def test_buckets_follow_all_rows_and_stay_behind():
    for table in (words_table(), subwords_table(), subwords_table(Floret(3, 4, 30, 2))):
        vectors, vocabulary, unknown = layer_arrays(table, Unknown(buckets=5))
        assert len(vectors) == table.shape[0] + 5
        assert (unknown.row, vocabulary) == (table.shape[0], table.vocabulary)
        assert_same(table, table_of(vocabulary, vectors, table.metadata))
        own = table.store.vectors[: 3 if vocabulary.num_rows == 3 else len(table)]
        if vocabulary.num_rows != 30:
            np.testing.assert_allclose(vectors[-5:].numpy(), np.tile(own.mean(0), (5, 1)), rtol=1e-5)


def test_rows_that_all_keys_share_have_none_for_unknown_ones():
    with pytest.raises(RecipeError, match="no rows of their own, so no row can stand for a key"):
        layer_arrays(subwords_table(Floret(3, 4, 30, 2)), Unknown())


def test_a_vocabulary_of_another_kind_is_taken_without_an_unknown_key():
    class Elsewhere:
        """Keys of a user's own making: the protocol and no more."""

        num_rows, missing = 3, "raise"
        keys, counts = Words.from_keys(["a", "b", "c"]).keys, None
        inner = Words.from_keys(["a", "b", "c"])

        def __contains__(self, key):
            return key in self.inner

        def bags(self):
            return self.inner.bags()

        def rows_of(self, keys, missing=None):
            return self.inner.rows_of(keys, missing)

    vocabulary = Elsewhere()
    assert with_unknown(vocabulary, None) == (vocabulary, None)
    with pytest.raises(
        RecipeError, match="can be given to Words and Subwords, but the vocabulary is a Elsewhere"
    ):
        with_unknown(vocabulary, Unknown())
    layer = Embedding.from_vocabulary(vocabulary, 2, unknown=Unknown(buckets=2))
    assert layer(["a", "x"]).shape == (2, 2)


def test_sixty_four_byte_alignment_is_left_to_torch_and_rows_are_contiguous():
    vectors, _, _ = layer_arrays(words_table())
    assert vectors.is_contiguous()
    assert vectors.requires_grad is False
