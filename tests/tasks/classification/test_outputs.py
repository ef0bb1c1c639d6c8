"""Chances of labels from means."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.tasks.classification.outputs import Outputs, num_outputs, tree_of

COUNTS = np.array([1, 9, 3, 3, 5])


def outputs(loss) -> Outputs:
    rng = np.random.default_rng(0)
    rows = rng.normal(0, 3, (num_outputs(loss, len(COUNTS)), 16)).astype(np.float32)
    return Outputs(loss, rows, tree_of(loss, COUNTS))


MEANS = np.random.default_rng(1).normal(0, 3, (2500, 16)).astype(np.float32)


@pytest.mark.parametrize("loss", ["softmax", "hierarchical"])
def test_chances_sum_to_one(loss):
    chances = outputs(loss).chances(MEANS)
    assert chances.shape == (2500, 5)
    assert chances.dtype == np.float32
    np.testing.assert_allclose(chances.sum(axis=1), 1, atol=1e-5)
    assert outputs(loss).chances(MEANS[:0]).shape == (0, 5)


def test_a_path_multiplies_its_turns():
    model, tree = outputs("hierarchical"), tree_of("hierarchical", COUNTS)
    right = 1 / (1 + np.exp(-(MEANS.astype(np.float64) @ model.rows.T)))
    for label in range(5):
        path = range(tree.offsets[label], tree.offsets[label + 1])
        turns = [right[:, tree.nodes[p]] if tree.codes[p] == 0 else 1 - right[:, tree.nodes[p]] for p in path]
        np.testing.assert_allclose(
            model.chances(MEANS)[:, label], np.prod(turns, axis=0), rtol=1e-3, atol=1e-6
        )


def test_one_vs_all_judges_each_label_alone_and_never_overflows():
    model = outputs("one-vs-all")
    with np.errstate(over="ignore"):
        expected = 1 / (1 + np.exp(-(MEANS @ model.rows.T)))
    np.testing.assert_allclose(model.chances(MEANS), expected, atol=1e-6)
    assert np.isfinite(model.chances(MEANS * 1000)).all()


def test_the_direction_of_a_label_is_its_row():
    model = outputs("one-vs-all")
    assert (model.direction(3) == model.rows[3]).all()


def test_softmax_asks_what_stands_out_from_the_mean_of_labels():
    model = outputs("softmax")
    np.testing.assert_allclose(model.direction(3), model.rows[3] - model.rows.mean(axis=0), rtol=1e-6)
    logits = np.stack([MEANS @ model.direction(label) for label in range(5)], axis=1)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    np.testing.assert_allclose(model.chances(MEANS), powers / powers.sum(axis=1, keepdims=True), atol=1e-4)


def test_the_direction_in_a_tree_sums_the_log_odds_of_its_path():
    model, tree = outputs("hierarchical"), tree_of("hierarchical", COUNTS)
    path = range(tree.offsets[0], tree.offsets[1])
    signs = [1 - 2 * tree.codes[p] for p in path]
    expected = sum(sign * model.rows[tree.nodes[p]] for sign, p in zip(signs, path, strict=True))
    np.testing.assert_allclose(model.direction(0), expected, rtol=1e-5)
