"""The growing table: nothing is lost while it grows, and two of them join."""

from __future__ import annotations

import numpy as np

from rowspace.arrays import END
from rowspace.corpus.block import Block
from rowspace.corpus.token_table import TokenTable


def test_grows_and_keeps_the_order_of_first_sight() -> None:
    words = [f"word{i}" for i in range(20_000)] + ["x" * 300_000, "last"]
    table = TokenTable()
    ids = table.count(Block.from_text(" ".join([*words, *words[:3]]).encode() + b"\n")).copy()
    assert list(table.keys) == words
    assert ids.tolist() == [*range(len(words)), 0, 1, 2, END]
    assert table.counts[:4].tolist() == [2, 2, 2, 1]
    assert table.count(Block.from_text(b"last word7")).tolist() == [len(words) - 1, 7]


def test_add_takes_over_keys_and_counts() -> None:
    left, right = TokenTable(), TokenTable()
    left.count(Block.from_text(b"a b a"))
    right.count(Block.from_text(b"c b b"))
    np.testing.assert_array_equal(left.add(right), [2, 1])
    assert dict(zip(left.keys, left.counts.tolist(), strict=True)) == {"a": 2, "b": 3, "c": 1}
    assert left.add(TokenTable()).tolist() == []
