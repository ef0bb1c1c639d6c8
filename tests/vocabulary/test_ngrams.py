"""NGrams: fastText's hashed n-grams."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.arrays import PackedKeys
from rowspace.errors import RecipeError, ShapeError
from rowspace.vocabulary.ngrams import KERNEL_FROM_BYTES, LONGEST_NGRAM, NGrams

STRANGE = [
    "unseen",
    "é",
    "日本語",
    "a",
    "",
    "</s>",
    "<",
    ">",
    "x" * 500,
    "bro\udcc3ken",
    "\udc80\udc80a",
    "a b",
]


def packed(*keys: str) -> PackedKeys:
    return PackedKeys.from_strings(keys)


@pytest.mark.upstream
def test_the_same_rows_as_fasttext(data_dir):
    fasttext = pytest.importorskip("fasttext")
    model = fasttext.load_model(str(data_dir / "vectors" / "fasttext" / "fasttext.bin"))
    args = model.f.getArgs()
    ngrams = NGrams(args.minn, args.maxn, args.bucket)
    unknown = [key for key in STRANGE if not any("\udc80" <= letter <= "\udcff" for letter in key)]
    for key in [*model.words, *unknown]:
        own = 1 if key in model.words else 0
        theirs = model.get_subwords(key)[1][own:] - len(model.words)
        assert ngrams.bags(packed(key)).ids.tolist() == theirs.tolist()


@pytest.mark.upstream
@pytest.mark.parametrize("bounds", [(1, 1), (1, 3), (2, 5), (3, 6)])
def test_the_same_rows_as_gensim(bounds):
    hashes = pytest.importorskip("gensim.models.fasttext_inner")
    for key in ["unseen", "é", "日本語", "ab", "x" * 50]:
        theirs = [hashes.ft_hash_bytes(ngram) % 1000 for ngram in hashes.compute_ngrams_bytes(key, *bounds)]
        assert NGrams(*bounds, 1000).bags(packed(key)).ids.tolist() == theirs


def test_one_key_and_many_go_different_ways_to_the_same_rows():
    ngrams, keys = NGrams(3, 6, 1000), packed(*STRANGE)
    many = packed(*STRANGE, *[f"key{i}" for i in range(KERNEL_FROM_BYTES // 4)])
    few = ngrams.bags(keys)
    assert ngrams.bags(many).ids[: len(few.ids)].tolist() == few.ids.tolist()
    assert ngrams.bags(many).offsets[: len(keys) + 1].tolist() == few.offsets.tolist()


@pytest.mark.parametrize(
    ("min_n", "max_n", "buckets", "message"),
    [
        (6, 3, 10, "min_n must not be above max_n, but 6 is above 3"),
        (-1, 3, 10, "min_n=-1"),
        (3, -1, 10, "max_n=-1"),
        (3, LONGEST_NGRAM + 1, 10, f"0 to {LONGEST_NGRAM} characters"),
        (3, 6, 0, "need 1 to .* buckets, but buckets=0"),
        (3, 6, -5, "buckets=-5"),
        (3, 6, 2**31, "buckets=2147483648"),
    ],
)
def test_bounds_the_wrong_way_round(min_n, max_n, buckets, message):
    with pytest.raises(RecipeError, match=message):
        NGrams(min_n, max_n, buckets)


def test_no_ngrams_need_no_buckets():
    none = NGrams(0, 0, 0)
    assert (none.num_rows, none.bags(packed("king", "a")).offsets.tolist()) == (0, [0, 0, 0])
    assert NGrams(3, 0, 1000).num_rows == 0


def test_short_and_empty_keys():
    ngrams = NGrams(3, 6, 100)
    assert np.diff(ngrams.bags(packed("a", "", "</s>")).offsets).tolist() == [1, 0, 0]
    assert np.diff(NGrams(1, 2, 100).bags(packed("a", "")).offsets).tolist() == [3, 1]


def test_a_word_longer_than_a_megabyte():
    keys = packed("é" * 600_000)
    assert np.diff(NGrams(3, 6, 1000).bags(keys).offsets).tolist() == [4 * 600_002 - (2 + 3 + 4 + 5)]


def test_compacting_keeps_the_mean_of_every_key():
    full, keys = NGrams(2, 4, 500), packed("king", "queen")
    compact = full.compacted(keys)
    needed = full.bags(keys).ids
    used = needed[np.sort(np.unique(needed, return_index=True)[1])]  # in the order of the first need
    assert compact.bags(keys).ids.max() == len(used) - 1 and compact.bags(keys).ids[0] == 0
    assert (compact.num_rows, compact.shared_row) == (len(used) + 1, len(used))
    wide = np.zeros((500, 3), np.float32)
    wide[used] = np.random.default_rng(1).standard_normal((len(used), 3)).astype(np.float32)
    narrow = np.concatenate([wide[used], np.zeros((1, 3), np.float32)])
    for key in ["king", "queen", "kin", "unseen", "zz"]:
        ours, theirs = compact.bags(packed(key)).ids, full.bags(packed(key)).ids
        assert len(ours) == len(theirs)
        np.testing.assert_array_equal(narrow[ours], wide[theirs])
    assert compact.compacted(packed("other")).num_rows == len(np.unique(full.bags(packed("other")).ids)) + 1


def test_compacting_where_every_bucket_is_used():
    compact = NGrams(1, 3, 2).compacted(packed("king", "queen"))
    assert (compact.num_rows, compact.shared_row) == (3, 2)
    assert NGrams(1, 3, 2).compacted(packed("")).num_rows == 2  # <> alone, and the shared row


def test_dropped_buckets_are_no_part_of_a_bag():
    full, key = NGrams(3, 3, 50), packed("abc", "abd")
    ids = full.bags(key).ids
    kept = np.full(50, -1, np.int32)
    kept[ids[1]] = 0
    pruned = NGrams(3, 3, 50, kept)
    assert pruned.num_rows == 1
    assert pruned.bags(key).ids.tolist() == [0] * int((ids == ids[1]).sum())
    assert pruned.bags(key).offsets.tolist()[-1] == int((ids == ids[1]).sum())
    assert pruned.compacted(key) is pruned
    everything_gone = NGrams(3, 3, 50, np.full(50, -1, np.int32))
    assert (everything_gone.num_rows, len(everything_gone.bags(key).ids)) == (0, 0)


def test_wrong_kept_rows():
    with pytest.raises(ShapeError, match=r"50 buckets, but has shape \(3,\)"):
        NGrams(3, 3, 50, np.zeros(3, np.int32))
    with pytest.raises(RecipeError, match="or -1, but holds -2"):
        NGrams(3, 3, 2, np.array([0, -2], np.int32))
    with pytest.raises(RecipeError, match=r"shared_row must lie in \[0, 1\], but is 4"):
        NGrams(3, 3, 2, np.array([0, 0], np.int32), 4)
    with pytest.raises(RecipeError, match="needs kept"):
        NGrams(3, 3, 2, None, 0)


def test_parameters_go_to_json_and_back():
    for ngrams in (NGrams(2, 5, 77), NGrams(2, 3, 9).compacted(packed("ab"))):
        copy = NGrams.from_json(ngrams.to_json(), ngrams.arrays())
        assert copy.to_json() == ngrams.to_json()
        assert copy.bags(packed("abc")).ids.tolist() == ngrams.bags(packed("abc")).ids.tolist()
    with pytest.raises(RecipeError, match="min_n must be a whole number, but is '2'"):
        NGrams.from_json({"min_n": "2", "max_n": 3, "buckets": 5}, {})
    with pytest.raises(RecipeError, match="buckets must be a whole number, but is None"):
        NGrams.from_json({"min_n": 2, "max_n": 3}, {})
