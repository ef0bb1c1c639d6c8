"""Networks and vocabularies come back from arrays, with rows that are shared stored once."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rowspace.nn.embedding import Embedding
from rowspace.nn.heads import TiedOutput
from rowspace.tasks.networks import load_state_, put_words, state_arrays, words_of
from rowspace.vocabulary import Words


class Tied(torch.nn.Module):
    """An embedding layer that is also the output."""

    def __init__(self):
        super().__init__()
        self.rows = Embedding(5, 3)
        self.output = TiedOutput(self.rows)


def test_shared_rows_come_once_and_all_comes_back():
    first, second = Tied(), Tied()
    arrays = state_arrays(first)
    assert sorted(arrays) == ["output.bias", "rows.weight"]
    load_state_(second, {**arrays, "other": np.zeros(1, np.float32)})
    assert torch.equal(second.output.layer.weight, first.rows.weight)
    with pytest.raises(KeyError, match=r"output\.bias"):
        load_state_(second, {"rows.weight": arrays["rows.weight"]})
    with pytest.raises(RuntimeError, match="size mismatch"):
        load_state_(second, {**arrays, "output.bias": np.zeros(4, np.float32)})


def test_words_come_back_with_their_counts():
    arrays: dict[str, np.ndarray] = {}
    put_words(arrays, "own", Words.from_keys(["a", "bé", "<unk>"], counts=np.array([3, 2, 1])))
    put_words(arrays, "bare", Words.from_keys(["x"]))
    found = words_of(arrays, "own", unknown_key="<unk>")
    assert list(found.keys) == ["a", "bé", "<unk>"]
    assert found.counts.tolist() == [3, 2, 1]
    assert found.unknown_key == "<unk>"
    assert words_of(arrays, "bare").counts is None
    assert words_of(arrays, "none") is None
