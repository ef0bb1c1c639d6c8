"""From what users call keys to bags of row ids."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import torch

import rowspace as rs
from rowspace.arrays import PackedKeys
from rowspace.errors import ShapeError, UnknownKeyError
from rowspace.nn.embedding import Embedding
from rowspace.nn.keys import flatten, flatten_bags, rows_of_keys
from rowspace.nn.tables import with_unknown
from rowspace.nn.unknown import Unknown, UnknownReport
from rowspace.vocabulary import Floret, NGrams, Subwords, Words

WORDS = Words.from_keys(["a", "b", "c", "d"], counts=np.array([9, 5, 2, 1]))


def subwords(**options) -> Subwords:
    words = Words.from_keys(["the", "king", "</s>", "a"], counts=np.array([9, 5, 4, 1]), **options)
    return Subwords(words, NGrams(3, 4, 50))


def bags(found) -> list[list[int]]:
    return [part.tolist() for part in found.ids.tensor_split(found.offsets[1:-1])]


@pytest.mark.parametrize(
    ("keys", "shape"),
    [
        ("b", ()),
        (["b", "d"], (2,)),
        (("b", "d"), (2,)),
        ([["b", "d"], ["a", "b"], ["c", "c"]], (3, 2)),
        ([(("b",), ("d",)), [["a"], ["b"]]], (2, 2, 1)),
        (np.array(["b", "d"]), (2,)),
        (np.array([["b", "d"], ["a", "c"]], dtype=object), (2, 2)),
        (np.array("b"), ()),
        (np.array([["b"], ["d"]])[:, 0], (2,)),
        ([np.array(["b", "d"]), np.array(["a", "c"])], (2, 2)),
        ([np.str_("b"), "d"], (2,)),
        (pd.Series(["b", "d"], index=[7, 3]), (2,)),
        (pd.Series(["b", "d"], dtype="string"), (2,)),
        (pd.Series(["b", "d"], dtype="category"), (2,)),
        (pd.Index(["b", "d"]), (2,)),
        (pl.Series(["b", "d"]), (2,)),
        (pl.Series([["b", "d"], ["a", "c"]]), (2, 2)),
        (pa.array(["b", "d"]), (2,)),
        (pa.chunked_array([["b"], ["d"]]), (2,)),
        (pa.array(["b", "d", "b"]).dictionary_encode(), (3,)),
        (PackedKeys.from_strings(["b", "d"]), (2,)),
        ([], (0,)),
        ([[], []], (2, 0)),
        (np.empty((0, 3), dtype="U1"), (0, 3)),
    ],
)
def test_keys_keep_their_order_and_shape(keys, shape):
    packed, found_shape = flatten(keys)
    assert found_shape == shape
    found = rows_of_keys(WORDS, keys, "raise")
    assert (found.shape, found.single, found.ids.dtype) == (shape, True, torch.int64)
    assert found.ids.tolist() == ["abcd".index(key) for key in packed]
    assert found.offsets.tolist() == list(range(len(packed) + 1))


def test_numpy_strings_of_variable_width():
    keys = np.array([["b", "long key"], ["d", ""]], dtype=np.dtypes.StringDType())
    assert (list(flatten(keys)[0]), flatten(keys)[1]) == (["b", "long key", "d", ""], (2, 2))


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        (
            ["a", 3],
            r"every key must be a str, but keys\[1\] is 3 \(int\); row ids go in as an integer tensor",
        ),
        (
            [["a", "b"], ["c", None]],
            r"keys\[1, 1\] is None \(NoneType\); name missing values, as with fillna",
        ),
        (pd.Series(["a", None], dtype="string"), r"keys\[1\] is <NA> .*name missing values"),
        (pd.Series(["a", float("nan")], dtype=object), r"keys\[1\] is nan \(float\)"),
        (np.array([1, 2]), r"keys\[0\] is 1 \(int\); row ids go in as an integer tensor"),
        ([b"a"], r"\(bytes\); decode bytes first"),
        (7, r"but are a int; row ids go in as an integer tensor"),
        (None, r"but are a NoneType"),
        ((key for key in "ab"), r"but are a generator"),
        ({"a": 1}, r"but are a dict"),
        (
            [["a", "b"], ["c"]],
            r"must form a block, but place 0 holds a list of 2 and place 1 a list of 1; .*padding key.*Bag",
        ),
        ([["a", "b"], "c"], r"must form a block, but place 0 holds a list of 2 and place 1 a single key"),
        (["c", ["a", "b"]], r"must form a block, but place 0 holds a single key and place 1 a list of 2"),
        (
            [[["a"], ["b"]], [["c"], ["d", "e"]]],
            r"must form a block, but place 0 holds a list of 1 and place 3 a list of 2",
        ),
    ],
)
def test_what_is_no_block_of_keys_is_refused(keys, told):
    with pytest.raises(ShapeError, match=f"^colors: .*{told}"):
        rows_of_keys(WORDS, keys, "raise", name="colors")


def test_bags_may_differ_in_size():
    for given in (
        [["a", "rose"], [], ["is"]],
        pd.Series([["a", "rose"], [], ["is"]]),
        pl.Series([["a", "rose"], [], ["is"]]),
        pa.array([["a", "rose"], [], ["is"]]),
        [np.array(["a", "rose"]), (), ["is"]],
    ):
        packed, offsets = flatten_bags(given)
        assert (list(packed), offsets.tolist()) == (["a", "rose", "is"], [0, 2, 2, 3])
    packed, offsets = flatten_bags([])
    assert (len(packed), offsets.tolist()) == (0, [0])


@pytest.mark.parametrize("given", ["a", ["a", "b"], [["a"], "b"], 7, [["a"], [3]], [[["a"]]]])
def test_what_is_no_list_of_bags_is_refused(given):
    with pytest.raises(ShapeError, match=r"^colors: (bags must be lists|every key must be a str)"):
        flatten_bags(given, "colors")


def test_unknown_keys_raise_become_the_unknown_row_or_nothing():
    keys = [["a", "x"], ["y", "d"]]
    with pytest.raises(
        UnknownKeyError,
        match=r"^colors: .*'x' at keys\[0, 1\] is not \(1 more of 4 are not either\); make the layer",
    ):
        rows_of_keys(WORDS, keys, "raise", name="colors")
    found = rows_of_keys(WORDS, keys, "zero")
    assert (bags(found), found.shape, found.single) == ([[0], [], [], [3]], (2, 2), False)
    vocabulary, unknown = with_unknown(WORDS, Unknown())
    found = rows_of_keys(vocabulary, keys, "unknown", unknown)
    assert (found.ids.tolist(), found.single) == ([0, 4, 4, 3], True)
    with pytest.raises(UnknownKeyError, match=r"'x' at it is not"):
        rows_of_keys(vocabulary, "x", "raise", unknown)


def test_the_bags_of_subwords_are_those_of_the_vocabulary():
    keys = ["the", "kings", "</s>", "a", "king"]
    found = rows_of_keys(subwords(), keys, "raise")
    wanted = subwords().rows_of(keys)
    assert (found.ids.tolist(), found.offsets.tolist()) == (wanted.ids.tolist(), wanted.offsets.tolist())
    assert not found.single


@pytest.mark.parametrize("policy", ["unknown", "zero", "skip"])
def test_unknown_keys_of_subwords_are_looked_up_as_the_table_does(policy):
    vocabulary = subwords(unknown_key="the")
    keys = ["", "king", ""]
    wanted = vocabulary.rows_of(keys, "zero" if policy == "skip" else policy)
    unknown = with_unknown(vocabulary, None)[1]
    found = rows_of_keys(vocabulary, keys, "zero" if policy == "skip" else policy, unknown)
    assert (found.ids.tolist(), found.offsets.tolist()) == (wanted.ids.tolist(), wanted.offsets.tolist())


def test_a_replaced_key_keeps_its_parts():
    vocabulary = subwords(unknown_key="a")
    _, unknown = with_unknown(vocabulary, Unknown(rate=1.0))
    found = rows_of_keys(vocabulary, ["king", "</s>", "kingx"], "raise", unknown, training=True)
    whole = bags(rows_of_keys(vocabulary, ["king", "a", "kingx"], "raise"))
    assert bags(found) == [whole[0][1:], whole[1], whole[2]]
    calm = rows_of_keys(vocabulary, ["king", "</s>"], "raise", unknown)
    assert calm.ids.tolist() == vocabulary.rows_of(["king", "</s>"]).ids.tolist()


def test_rare_keys_of_subwords_lose_their_own_row_for_good():
    vocabulary = subwords()
    _, unknown = with_unknown(vocabulary, Unknown(row=0, min_count=5))
    report = UnknownReport()
    found = rows_of_keys(vocabulary, ["the", "king", "a"], "raise", unknown, report)
    the, king, a = bags(found)
    assert ((the[0], king[0], a[0] >= 4)) == (0, 1, True)
    assert report.replaced == 1


def test_words_are_replaced_at_their_rate_in_training_only():
    vocabulary, unknown = with_unknown(WORDS, Unknown(rate=0.25))
    keys, report = ["a", "b", "c", "d"] * 2_000, UnknownReport()
    torch.manual_seed(3)
    found = rows_of_keys(vocabulary, keys, "raise", unknown, report, training=True)
    share = (found.ids == 4).double().mean().item()
    assert abs(share - 0.25) < 0.02
    assert (report.replaced, report.lookups, report.unknown) == (round(share * 8_000), 8_000, 0)
    assert (found.ids[found.ids != 4] == torch.arange(4).repeat(2_000)[found.ids != 4]).all()
    assert not (rows_of_keys(vocabulary, keys, "raise", unknown).ids == 4).any()


def test_unknown_keys_go_to_the_bucket_of_their_hash():
    vocabulary, unknown = with_unknown(WORDS, Unknown(buckets=5, rate=1.0))
    keys = [f"unseen {place}" for place in range(200)]
    found = rows_of_keys(vocabulary, keys, "unknown", unknown)
    assert found.single
    assert set(found.ids.tolist()) == set(range(4, 9))
    again = rows_of_keys(vocabulary, keys[::-1], "unknown", unknown)
    assert again.ids.flip(0).tolist() == found.ids.tolist()
    known = rows_of_keys(vocabulary, ["a", "b"], "unknown", unknown, training=True).ids
    assert known.tolist() == unknown.stand_ins(torch.tensor([0, 1])).tolist()
    assert known.min() >= 4


def test_the_report_knows_the_unknown_keys():
    report = UnknownReport()
    vocabulary, unknown = with_unknown(WORDS, Unknown())
    rows_of_keys(vocabulary, ["x", "a", "y", "x"], "unknown", unknown, report)
    rows_of_keys(vocabulary, "x", "zero", None, report)
    assert (report.lookups, report.unknown, report.rate) == (5, 4, 0.8)
    assert report.most_frequent() == [("x", 3), ("y", 1)]


def test_many_keys_take_the_kernel_and_agree():
    words = Words.from_keys([f"k{row}" for row in range(3_000)])
    keys = [f"k{row}" for row in np.random.default_rng(1).integers(0, 4_000, 6_000)]
    found = rows_of_keys(words, keys, "zero")
    assert bags(found) == [[int(key[1:])] if int(key[1:]) < 3_000 else [] for key in keys]


def test_surrogates_and_empty_keys_are_keys():
    words = Words.from_keys(["", "\udcff", "ö"])
    assert rows_of_keys(words, ["ö", "", "\udcff"], "raise").ids.tolist() == [2, 0, 1]


# Inside the layer.


@pytest.fixture(scope="module")
def fasttext() -> rs.Table:
    text = [["the", "king", "and", "the", "queen"], ["a", "kind", "king", "rules", "the", "kingdom"]] * 30
    return rs.FastText(dim=6, min_count=1, buckets=300, epochs=1, subsample=0, seed=1).fit(text, threads=1)


def test_subwords_are_composed_inside_the_network_with_gradient(fasttext):
    layer = Embedding.from_table(fasttext)
    keys = [["king", "kingship"], ["queen", "thekin"]]
    vectors = layer(keys)
    wanted = fasttext.lookup([key for row in keys for key in row]).reshape(2, 2, 6)
    np.testing.assert_allclose(vectors.detach().numpy(), wanted, atol=1e-6)
    vectors[0, 1].sum().backward()
    bag = fasttext.vocabulary.rows_of(["kingship"]).ids
    assert bag.min() >= len(fasttext), "an unseen word has rows of parts alone"
    expected = np.zeros(fasttext.shape, np.float32)
    np.add.at(expected, bag, 1 / len(bag))
    np.testing.assert_allclose(layer.weight.grad.numpy(), expected, atol=1e-6)


def test_a_floret_table_has_shared_rows_alone():
    table = rs.Table(
        Subwords(Words.from_keys(["the", "king"]), Floret(3, 4, 40, 2)),
        rs.stores.DenseStore(np.random.default_rng(0).standard_normal((40, 5)).astype(np.float32)),
    )
    layer = Embedding.from_table(table)
    keys = ["the", "kings", "unheard"]
    np.testing.assert_allclose(layer(keys).detach().numpy(), table.lookup(keys), atol=1e-6)


def test_one_key_is_one_vector(table):
    layer = Embedding.from_table(table)
    assert layer("k3").shape == (8,)
    np.testing.assert_array_equal(layer("k3").detach().numpy(), table["k3"])
    np.testing.assert_array_equal(layer(pd.Series(["k3", "k9"])).detach().numpy(), table.lookup(["k3", "k9"]))


def test_zero_gives_zeros_and_no_gradient_for_unknown_keys(table):
    layer = Embedding.from_table(table, out_of_range="zero")
    vectors = layer(["k3", "zzz"])
    assert (vectors[1] == 0).all()
    vectors.sum().backward()
    assert layer.weight.grad[3].tolist() == [1] * 8
    assert layer.weight.grad.sum().item() == 8
