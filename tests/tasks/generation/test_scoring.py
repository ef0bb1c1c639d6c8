"""Scores of a text are those of reading it from its beginning to its end."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rowspace.tasks.generation import scoring
from rowspace.tasks.generation.scoring import log_likelihoods


def straight(network, ids, end):
    """Read at once, in one column."""
    inputs = torch.tensor([end, *ids[:-1].tolist()])[:, None]
    with torch.no_grad():
        hidden, _ = network(inputs, network.blank(1))
        every = network.log_probabilities(hidden[:, 0])
    return every.gather(1, torch.from_numpy(ids.astype(np.int64))[:, None])[:, 0].double().numpy()


def drawn(model, size):
    return np.random.default_rng(0).integers(len(model.words), size=size).astype(np.int32)


@pytest.mark.parametrize("size", [1, 63, 200])
def test_a_short_text_is_read_straight(model, size):
    ids = drawn(model, size)
    np.testing.assert_allclose(
        log_likelihoods(model.network, ids, model.end), straight(model.network, ids, model.end), atol=1e-5
    )


def test_columns_of_a_long_text_differ_little(model, monkeypatch):
    monkeypatch.setattr(scoring, "LEAST_OF_COLUMN", 100)
    ids = drawn(model, 1000)
    found = log_likelihoods(model.network, ids, model.end)
    wanted = straight(model.network, ids, model.end)
    np.testing.assert_allclose(found[:100], wanted[:100], atol=1e-5)
    np.testing.assert_allclose(found, wanted, atol=1e-3)


@pytest.mark.parametrize("size", [1, 8, 9, 37])
def test_windows_know_half_a_window_before_each_id(attending, size):
    ids = drawn(attending, size)
    found = log_likelihoods(attending.network, ids, attending.end)
    length = attending.sizes.length
    head = ids[:length]
    np.testing.assert_allclose(found[:length], straight(attending.network, head, attending.end), atol=1e-5)
    assert (found < 0).all()
    if size > length:  # the second window begins half a length in
        step = length // 2
        part = straight(attending.network, ids[step : step + length], int(ids[step - 1]))
        np.testing.assert_allclose(
            found[length : length + step], part[length - step :][: size - length], atol=1e-5
        )
