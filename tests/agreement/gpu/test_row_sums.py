"""Sums over segments in Triton against the reference, of whole numbers: every order gives the same."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.kernels.reference.row_sums import sum_rows_


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    ("lengths", "dim"),
    [
        ([1, 0, 3, 9], 5),
        ([2], 1),
        ([], 3),
        ([0, 0], 3),
        ([3, 1], 0),
        ([2, 1], 513),  # two blocks of dimensions
        ([127, 128, 1, 300], 2),  # chunks of 128: across segments, exactly one, the first and the last of one
        ([0, 0, 700, 0], 2),
    ],
)
def test_sums_agree(gpu, lengths, dim, weighted):
    rng = np.random.default_rng(len(lengths))
    starts = np.append(0, np.cumsum(lengths)).astype(np.int64)
    sources = rng.integers(0, 4, starts[-1])
    coefficients = rng.integers(-3, 4, starts[-1] if weighted else 0).astype(np.float32)
    outputs = rng.integers(-8, 9, (4, dim)).astype(np.float32)
    out = np.full((len(lengths), dim), 7, np.float32)
    gpu.assert_agree("row_sums", "sum_rows_", starts, sources, coefficients, outputs, out)


def test_a_slice_of_the_segments_gives_a_slice_of_the_sums(gpu):
    starts, sources = np.array([0, 50, 400, 640, 641]), np.arange(641) % 5
    coefficients, outputs = np.ones(0, np.float32), np.eye(5, 2, dtype=np.float32)
    whole = np.empty((4, 2), np.float32)
    sum_rows_(starts, sources, coefficients, outputs, whole)
    arguments = (starts[1:], sources, coefficients, outputs, np.empty((3, 2), np.float32))
    *_, part = gpu.assert_agree("row_sums", "sum_rows_", *arguments)
    np.testing.assert_array_equal(part, whole[1:])


def test_what_is_not_finite_stays_in_its_segment(gpu):
    outputs = np.array([[np.nan, 1], [np.inf, 2], [3, 4]], np.float32)
    arguments = (np.array([0, 1, 2, 4]), np.array([0, 1, 2, 2]), np.ones(0, np.float32), outputs)
    gpu.assert_agree("row_sums", "sum_rows_", *arguments, np.empty((3, 2), np.float32))
