"""The narrower tables within one."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.selection.dimension.prefixes import prefixes, principal


@pytest.fixture(scope="module")
def vectors():
    rng = np.random.default_rng(0)
    return (rng.standard_normal((200, 6)) * [1, 5, 2, 4, 3, 6]).astype(np.float32)


def test_principal_columns_are_those_of_a_singular_value_decomposition(vectors):
    turned = principal(vectors)
    left, values, _ = np.linalg.svd(vectors.astype(np.float64), full_matrices=False)
    np.testing.assert_allclose(np.abs(turned), np.abs(left * values), rtol=1e-4, atol=1e-4)


def test_a_turn_changes_no_inner_product(vectors):
    turned = principal(vectors)
    np.testing.assert_allclose(turned @ turned.T, vectors @ vectors.T, rtol=1e-4, atol=1e-3)


def test_prefixes_are_the_first_columns(vectors):
    parts = list(prefixes(vectors, [1, 4, 6, 9]))
    assert [part.shape[1] for part in parts] == [1, 4, 6]
    assert (parts[1] == vectors[:, :4]).all()
