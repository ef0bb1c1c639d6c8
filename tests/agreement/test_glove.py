"""GloVe: the Numba kernel computes what the reference says, and the reference what GloVe's program does."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace import kernels
from rowspace.arrays import aligned_zeros

REFERENCE = kernels.load("glove", "reference")
CPU = kernels.load("glove", "cpu")
NAMES = (
    "center", "context", "center_rates", "context_rates", "center_bias", "context_bias",
    "center_bias_rates", "context_bias_rates",
)  # fmt: skip


def aligned(values):
    array = aligned_zeros(*values.shape)
    array[:] = values
    return array


def make_job(rows, stride, cells, *, seed=0, scale=0.3):
    """Rows with sizeable values, and cells of weights from e**-4 to e**8."""
    rng = np.random.default_rng(seed)
    job = {}
    for name in NAMES:
        shape = (rows, 1) if "bias" in name else (rows, stride)
        drawn = rng.uniform(0.1, 1, shape) if "rates" in name else rng.normal(0, scale, shape)
        job[name] = aligned(drawn.astype(np.float32))
    job["rows"] = rng.integers(0, rows, cells).astype(np.int32)
    job["columns"] = rng.integers(0, rows, cells).astype(np.int32)
    job["log_weights"] = rng.uniform(-4, 8, cells).astype(np.float32)
    return job


def run(module, job, **settings):
    arrays = {name: aligned(value) if value.ndim == 2 else value for name, value in job.items()}
    options = {"x_max": 10.0, "alpha": 0.75, "learning_rate": 0.05} | settings
    result = module.glove_(**arrays, **options)
    return {name: arrays[name] for name in NAMES}, result


@pytest.mark.parametrize(
    ("rows", "stride", "cells", "scale"),
    [
        (1, 16, 1, 0.3),
        (1, 16, 40, 0.3),  # center and context meet again and again
        (5, 32, 0, 0.3),
        (5, 16, 17, 0.3),  # one lane in the second block
        (50, 112, 600, 0.3),
        (50, 112, 300, 3.0),  # steps so large that the rates need their root
        (30, 320, 200, 0.1),
    ],
)
def test_the_kernel_agrees_with_the_reference(rows, stride, cells, scale):
    job = make_job(rows, stride, cells, scale=scale)
    (ours, (cost, count)), (specified, (cost_, count_)) = (run(each, job) for each in (CPU, REFERENCE))
    for name in NAMES:
        largest = max(1.0, float(np.abs(specified[name]).max()))
        np.testing.assert_allclose(ours[name], specified[name], atol=2e-5 * largest, err_msg=name)
    assert cost == pytest.approx(cost_, rel=2e-6)
    assert count == count_ == cells


@pytest.mark.parametrize("module", [REFERENCE, CPU])
def test_learning_rate_0_changes_nothing_and_gives_the_cost(module):
    job = make_job(20, 32, 200)
    arrays, (cost, count) = run(module, job, learning_rate=0.0)
    for name in NAMES:
        np.testing.assert_array_equal(arrays[name], job[name])
    assert cost > 0 and count == 200


@pytest.mark.parametrize("module", [REFERENCE, CPU])
def test_one_cell_is_trained_as_in_gloves_program(module):
    """The update of glove.c, with the sums G that it keeps."""
    job = make_job(2, 16, 1)
    job["rows"][0], job["columns"][0], weight = 0, 1, 3.0
    job["log_weights"][0] = np.log(weight)
    w, c = job["center"][0].astype(float), job["context"][1].astype(float)
    sum_w, sum_c = (
        job[name][row].astype(float) ** -2 for name, row in (("center_rates", 0), ("context_rates", 1))
    )
    b, b_ = float(job["center_bias"][0, 0]), float(job["context_bias"][1, 0])
    sum_b, sum_b_ = (
        float(job[f"{name}_bias_rates"][row, 0]) ** -2 for name, row in (("center", 0), ("context", 1))
    )
    diff = w @ c + b + b_ - np.log(weight)
    fdiff = (weight / 10) ** 0.75 * diff
    arrays, (cost, _) = run(module, job)
    step_w, step_c, step_b = 0.05 * fdiff * c, 0.05 * fdiff * w, 0.05 * fdiff
    near = {"rtol": 1e-4, "atol": 1e-6}
    np.testing.assert_allclose(arrays["center"][0], w - step_w / np.sqrt(sum_w), **near)
    np.testing.assert_allclose(arrays["context"][1], c - step_c / np.sqrt(sum_c), **near)
    np.testing.assert_allclose(arrays["center_rates"][0] ** -2.0, sum_w + step_w**2, **near)
    np.testing.assert_allclose(arrays["context_rates"][1] ** -2.0, sum_c + step_c**2, **near)
    np.testing.assert_allclose(arrays["center_bias"][0, 0], b - step_b / np.sqrt(sum_b), **near)
    np.testing.assert_allclose(arrays["context_bias"][1, 0], b_ - step_b / np.sqrt(sum_b_), **near)
    np.testing.assert_allclose(arrays["center_bias_rates"][0, 0] ** -2.0, sum_b + step_b**2, **near)
    np.testing.assert_allclose(arrays["context_bias_rates"][1, 0] ** -2.0, sum_b_ + step_b**2, **near)
    assert cost == pytest.approx(0.5 * fdiff * diff, rel=1e-5)


@pytest.mark.parametrize("module", [REFERENCE, CPU])
def test_padding_columns_stay_zero(module):
    job = make_job(10, 32, 300)
    job["center"][:, 20:] = job["context"][:, 20:] = 0
    arrays, _ = run(module, job)
    assert not arrays["center"][:, 20:].any() and not arrays["context"][:, 20:].any()
    np.testing.assert_array_equal(arrays["center_rates"][:, 20:], job["center_rates"][:, 20:])


@pytest.mark.parametrize("module", [REFERENCE, CPU])
def test_a_gradient_is_clipped_and_weights_of_any_size_do_no_harm(module):
    job = make_job(4, 16, 60, scale=50.0)
    job["log_weights"][::3], job["log_weights"][1::3] = -80.0, 80.0
    arrays, (cost, _) = run(module, job, learning_rate=1e-3)
    moved = np.abs(arrays["center"] - job["center"]).max()
    assert np.isfinite(cost) and 0 < moved < 60 * 100 * 1e-3
