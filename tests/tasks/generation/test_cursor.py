"""A cursor says what the network says of each text by itself."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rowspace.tasks.generation import cursor as module
from rowspace.tasks.generation.cursor import Cursor


def alone(network, ids):
    """What the network expects behind a text that it reads at once."""
    with torch.no_grad():
        hidden, _ = network(torch.from_numpy(ids)[:, None], network.blank(1))
        return network.log_probabilities(hidden[-1])[0].double().numpy()


@pytest.mark.parametrize("name", ["model", "attending"])
def test_texts_of_different_lengths_side_by_side(name, request, monkeypatch):
    monkeypatch.setattr(module, "READ_AT_ONCE", 3)
    model = request.getfixturevalue(name)
    rng = np.random.default_rng(0)
    texts = [rng.integers(len(model.words), size=size) for size in (1, 5, 3, 7)]
    found = Cursor(model.network, texts).log_chances()
    for own, text in zip(found, texts, strict=True):
        np.testing.assert_allclose(own, alone(model.network, text), atol=1e-5)


@pytest.mark.parametrize("name", ["model", "attending"])
def test_it_goes_on_where_texts_go_on(name, request):
    model = request.getfixturevalue(name)
    length = model.sizes.length
    first, more = np.array([0, 3, 4]), np.arange(length) % 5
    cursor = Cursor(model.network, [first, first])
    cursor.read([more[:0], more])
    whole = np.concatenate([first, more])
    seen = whole[-length:] if name == "attending" else whole  # a Transformer forgets
    found = cursor.log_chances()
    np.testing.assert_allclose(found[0], alone(model.network, first), atol=1e-5)
    np.testing.assert_allclose(found[1], alone(model.network, seen), atol=1e-5)
