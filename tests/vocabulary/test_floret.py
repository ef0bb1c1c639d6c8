"""Floret: words and n-grams hashed into one small table."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.arrays import PackedKeys
from rowspace.errors import RecipeError
from rowspace.vocabulary.floret import Floret

TEXT = "the quick brown fox jumps over the lazy dog of étude naïve 日本語 antidisestablishmentarianism"


def packed(*keys: str) -> PackedKeys:
    return PackedKeys.from_strings(keys)


@pytest.mark.upstream
@pytest.mark.parametrize(
    ("min_n", "max_n", "hashes"), [(1, 3, 1), (2, 5, 2), (4, 5, 3), (3, 6, 4), (0, 0, 2)]
)
def test_the_same_rows_as_floret(tmp_path, min_n, max_n, hashes):
    floret = pytest.importorskip("floret")
    corpus = tmp_path / "corpus.txt"
    corpus.write_text(f"{TEXT}\n" * 20)
    model = floret.train_unsupervised(
        str(corpus), mode="floret", hashCount=hashes, bucket=100, minn=min_n, maxn=max_n, dim=4,
        minCount=1, epoch=1, thread=1, verbose=0,
    )  # fmt: skip
    ours = Floret(min_n, max_n, 100, hashes)
    for key in [*TEXT.split(), "unseen", "a", "", "x" * 300]:
        theirs = model.get_subwords(key)[1].astype(np.int64) - len(model.words)
        assert ours.bags(packed(key)).ids.tolist() == theirs.tolist()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"min_n": 6, "max_n": 3}, "6 is above 3"),
        ({"buckets": 0}, "buckets=0"),
        ({"min_n": 0, "max_n": 0, "buckets": 0}, "a bucket at least for its words"),
        ({"hashes": 0}, "hashes must be 1 to 4, but is 0"),
        ({"hashes": 5}, "hashes must be 1 to 4, but is 5"),
        ({"seed": 2**32}, "seed must lie in"),
    ],
)
def test_wrong_parameters(changed, message):
    with pytest.raises(RecipeError, match=message):
        Floret(**changed)


def test_every_key_is_known_by_its_whole_word():
    floret = Floret(4, 5, 1000, 2)
    assert np.diff(floret.bags(packed("", "a", "</s>", "word")).offsets).tolist() == [2, 2, 2, 12]
    assert (floret.num_rows, floret.compacted(packed("a"))) == (1000, floret)


def test_parameters_go_to_json_and_back():
    floret = Floret(2, 3, 99, 4, 5)
    copy = Floret.from_json(floret.to_json(), floret.arrays())
    assert copy.to_json() == {"min_n": 2, "max_n": 3, "buckets": 99, "hashes": 4, "seed": 5}
    assert copy.bags(packed("abc")).ids.tolist() == floret.bags(packed("abc")).ids.tolist()
    with pytest.raises(RecipeError, match="hashes must be a whole number"):
        Floret.from_json({"min_n": 2, "max_n": 3, "buckets": 99, "seed": 5}, {})
