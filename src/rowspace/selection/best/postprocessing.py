"""Linear maps that make cosines say more: centering, all-but-the-top, whitening, powers of the spectrum."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float32, Float64

from rowspace.arrays import Counts, Vectors

Square = Float32[np.ndarray, "dim dim"]
SMALLEST = 1e-6  # of the largest eigenvalue: what is below is rounding, and not to be blown up
ROWS_AT_A_TIME = 1 << 14


@dataclass(frozen=True, eq=False)
class LinearMap:
    """vector -> (vector - mean) @ matrix."""

    name: str
    mean: Float32[np.ndarray, "dim"]
    matrix: Square

    def __call__(self, vectors: Vectors) -> Vectors:
        """The mapped vectors, float32."""
        mapped: Vectors = (vectors - self.mean) @ self.matrix
        return mapped


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Mean and principal axes of rows, each row weighed.

    >>> spectrum = Spectrum.of(np.array([[3, 0], [-3, 0], [0, 1], [0, -1]], np.float32), np.ones(4))
    >>> spectrum.values.round(2).tolist()
    [4.5, 0.5]
    """

    mean: Float64[np.ndarray, "dim"]
    values: Float64[np.ndarray, "dim"]  # eigenvalues of the covariance, falling
    axes: Float64[np.ndarray, "dim dim"]  # columns, in the same order

    @classmethod
    def of(cls, vectors: Vectors, weights: Float64[np.ndarray, "rows"]) -> Spectrum:
        """Decompose the weighted covariance: dim x dim, so memory does not grow with the rows."""
        weights = weights / weights.sum()
        mean = _mean(vectors, weights)
        covariance = np.zeros((vectors.shape[1],) * 2)
        for start in range(0, len(vectors), ROWS_AT_A_TIME):
            rows = vectors[start : start + ROWS_AT_A_TIME] - mean
            covariance += (rows * weights[start : start + ROWS_AT_A_TIME, None]).T @ rows
        values, axes = np.linalg.eigh(covariance)
        return cls(mean, values[::-1].clip(0), np.ascontiguousarray(axes[:, ::-1]))

    def without_top(self, axes: int) -> LinearMap:
        """Center, and remove the first axes: all but the top (Mu & Viswanath 2018)."""
        kept = np.eye(len(self.values)) - self.axes[:, :axes] @ self.axes[:, :axes].T
        name = f"all but the top {axes}" if axes else "centered"
        return LinearMap(name, self.mean.astype(np.float32), kept.astype(np.float32))

    def to_power(self, power: float) -> LinearMap:
        """Center, and bring every axis' spread to its power of 1 - `power`: 1 whitens, 0 only centers."""
        safe = np.maximum(self.values, max(self.values[0], np.finfo(np.float32).tiny) * SMALLEST)
        matrix = (self.axes * safe ** (-power / 2)) @ self.axes.T
        return LinearMap(f"whitened {power:g}", self.mean.astype(np.float32), matrix.astype(np.float32))


def candidates(vectors: Vectors, counts: Counts) -> Iterator[LinearMap]:
    """The maps that a model is tried with; those of weighted axes are Zipfian (Yokoi et al. 2024)."""
    dim = vectors.shape[1]
    yield unchanged(dim)
    uniform = Spectrum.of(vectors, np.ones(len(vectors)))
    for axes in sorted({0, 1, 2, dim // 100}):
        if axes < dim:
            yield uniform.without_top(axes)
    for power in (0.25, 0.5, 1.0):
        yield uniform.to_power(power)
    zipfian = Spectrum.of(vectors, counts.astype(np.float64)).to_power(1.0)
    yield replace(zipfian, name=f"Zipfian {zipfian.name}")


def unchanged(dim: int) -> LinearMap:
    """The map that changes nothing."""
    return LinearMap("unchanged", np.zeros(dim, np.float32), np.eye(dim, dtype=np.float32))


def units(vectors: Vectors) -> Vectors:
    """Each vector at length one; zero stays zero.

    >>> units(np.array([[3, 4], [0, 0]], np.float32)).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    lengths = np.sqrt(np.einsum("rd,rd->r", vectors, vectors))[:, None]
    unit: Vectors = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    return unit


def _mean(vectors: Vectors, weights: Float64[np.ndarray, "rows"]) -> Float64[np.ndarray, "dim"]:
    mean = np.zeros(vectors.shape[1])
    for start in range(0, len(vectors), ROWS_AT_A_TIME):
        rows = vectors[start : start + ROWS_AT_A_TIME]
        mean += weights[start : start + ROWS_AT_A_TIME] @ rows
    return mean
