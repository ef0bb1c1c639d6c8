"""The two kernels of naive Bayes start rows alike, and as the definition says."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace import kernels

reference, cpu = kernels.load("naive_bayes", "reference"), kernels.load("naive_bayes", "cpu")

TEXTS, ROWS, LABELS, DIM = 50, 20, 5, 16


def task(seed: int, most_labels: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    has_row = rng.random((TEXTS, ROWS)) < 0.3
    has_row[:, 3] = False
    labels = [rng.choice(LABELS, rng.integers(1, most_labels + 1), replace=False) for _ in range(TEXTS)]
    label_ids = np.concatenate(labels).astype(np.int32)
    return {
        "vectors": rng.normal(0, 1, (ROWS, DIM)).astype(np.float32),
        "rows": np.nonzero(has_row)[1].astype(np.int32),
        "offsets": np.cumsum([0, *has_row.sum(axis=1)]),
        "label_ids": label_ids,
        "label_offsets": np.cumsum([0, *map(len, labels)]),
        "directions": np.linalg.qr(rng.normal(0, 1, (DIM, LABELS)))[0].T.astype(np.float32),
        "shares": (np.bincount(label_ids, minlength=LABELS) / TEXTS).astype(np.float32),
    }


@pytest.mark.parametrize("most_labels", [1, 3])
def test_kernels_agree(most_labels):
    for seed in range(4):
        arrays = task(seed, most_labels)
        left, right = arrays["vectors"].copy(), arrays["vectors"].copy()
        bounds = {"first_row": seed, "last_row": ROWS - seed}
        reference.add_evidence_(**arrays | {"vectors": left}, **bounds, evidence=2.0)
        cpu.add_evidence_(**arrays | {"vectors": right}, **bounds, evidence=2.0)
        np.testing.assert_allclose(left, right, rtol=0, atol=1e-4)
        moved = (left != arrays["vectors"]).any(axis=1)
        assert moved.tolist() == [seed <= row < ROWS - seed and row != 3 for row in range(ROWS)]


@pytest.mark.parametrize("module", [reference, cpu], ids=["reference", "cpu"])
def test_a_row_says_how_much_more_frequent_a_label_is_where_it_occurs(module):
    """Directions at right angles give the evidence back: log((N_c + p_c) / (n p_c + p_c))."""
    arrays = task(7, 1)
    before = arrays["vectors"].copy()
    module.add_evidence_(**arrays, first_row=0, last_row=ROWS, evidence=1.0)
    found = (arrays["vectors"] - before) @ arrays["directions"].T
    text_of = np.repeat(np.arange(TEXTS), np.diff(arrays["offsets"]))
    for row in range(ROWS):
        met = text_of[arrays["rows"] == row]
        counts = np.bincount(arrays["label_ids"][met], minlength=LABELS)
        shares = arrays["shares"]
        expected = np.log((counts + shares) / (len(met) * shares + shares))
        np.testing.assert_allclose(found[row], expected, atol=1e-4)
