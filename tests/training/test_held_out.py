"""The held-out loss: measured without moving a row, the same for any number of threads."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.errors import CorpusError
from rowspace.training import Word2Vec
from rowspace.training.held_out import HeldOut
from rowspace.training.spans import TokenSpans
from rowspace.vocabulary import Words

RECIPE = Word2Vec(dim=10, window=3, epochs=3, min_count=1, subsample=0)


def test_the_loss_is_the_mean_over_all_pairs_of_all_spans():
    text = [["a"] * 700] * 4

    def step(span, learning_rate, seed, position):
        assert learning_rate == 0
        return float(position), float(len(span))

    with HeldOut.encode(text, Words.from_keys(["a"]), threads=2) as held_out:
        bounds = TokenSpans(held_out.stream).boundaries()
        assert len(bounds) > 3
        assert held_out.loss(step) == bounds[:-1].sum() / held_out.stream.num_ids


def test_unknown_keys_are_left_out_and_nothing_known_is_an_error():
    words = Words.from_keys(["a"])
    with HeldOut.encode(["a b a"], words, threads=1) as held_out:
        assert held_out.stream.num_tokens == 2
    with pytest.raises(CorpusError, match="none of its 2 tokens is one of the 1 keys"):
        HeldOut.encode(["b c"], words, threads=1)


def test_measuring_moves_no_row_and_does_not_disturb_the_training(topics):
    plain = RECIPE.fit(topics, threads=1)
    measured = RECIPE.fit(topics, threads=1, validation=topics[:60])
    np.testing.assert_array_equal(plain.vectors, measured.vectors)
    assert len(measured.metadata["held_out_losses"]) == 3 and plain.metadata["held_out_losses"] == []


def test_it_falls_on_text_of_the_same_kind_and_not_on_noise(topics):
    rng = np.random.default_rng(1)
    noise = [list(rng.choice(["cat", "dog", "gold", "iron"], 12)) for _ in range(60)]
    same = RECIPE.fit(topics[60:], threads=1, validation=topics[:60]).metadata["held_out_losses"]
    other = RECIPE.fit(topics[60:], threads=1, validation=noise).metadata["held_out_losses"]
    assert same[-1] < same[0] and same[-1] < other[-1]


def test_threads_do_not_change_it(topics):
    losses = [
        RECIPE.fit(topics, threads=threads, deterministic=True, validation=topics).metadata["held_out_losses"]
        for threads in (1, 2)
    ]
    assert losses[0] == losses[1]


def test_the_fingerprint_tells_texts_apart():
    words = Words.from_keys(["a", "b"])
    prints = []
    for text in (["a b"], ["a b"], ["b a"]):
        with HeldOut.encode(text, words, threads=1) as held_out:
            prints.append(held_out.fingerprint())
    assert prints[0] == prints[1] != prints[2]
