"""The largest singular values of a sparse matrix by random projections (Halko, Martinsson & Tropp 2011)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64

from rowspace import kernels
from rowspace.arrays import Vectors
from rowspace.corpus.pipeline import map_in_order
from rowspace.kernels.reference.gram import Square
from rowspace.kernels.reference.sparse_product import OfColumns, OfRows
from rowspace.training.counting.sparse_matrix import Advance, SparseMatrix
from rowspace.training.matrices import LANES, padded

ROWS_A_STEP = 4_096
Spectrum = Float64[np.ndarray, "width"]


@dataclass(frozen=True, eq=False)
class Factors:
    """A = left @ diag(values) @ right.T, about. Columns are orthonormal, but zero where the value is."""

    left: Float32[np.ndarray, "rows rank"]
    values: Float32[np.ndarray, "rank"]  # falling
    right: Float32[np.ndarray, "columns rank"]


def num_products(power_iterations: int) -> int:
    """How many times `factorise` goes through the cells."""
    return 2 * (power_iterations + 1)


def factorise(
    matrix: SparseMatrix,
    rank: int,
    *,
    oversampling: int,
    power_iterations: int,
    rng: np.random.Generator,
    threads: int,
    advance: Advance,
) -> Factors:
    """Find the `rank` largest singular values and their vectors.

    A random subspace of rank + oversampling dimensions (rounded up to 16, and at most the side of the
    matrix) is turned towards the leading singular vectors by each power iteration (algorithm 4.4 of the
    paper); then the matrix as seen from that subspace is factorised exactly (5.1). Values past the rank
    of the matrix are zero, and so are their columns. Cost: 2 (power_iterations + 1) products, and memory
    for two dense matrices of the subspace.
    """
    width = min(-(-(rank + oversampling) // LANES) * LANES, *matrix.shape)
    start = padded(matrix.shape[1], width)
    for part in _parts(len(start)):
        start[part, :width] = rng.standard_normal(start[part, :width].shape, np.float32)
    basis = matrix.times(start, threads=threads, advance=advance)
    del start
    _orthonormalise_(basis, threads)
    for _ in range(power_iterations):
        for product in (matrix.transposed_times, matrix.times):
            basis = product(basis, threads=threads, advance=advance)
            _orthonormalise_(basis, threads)
    _orthonormalise_(basis, threads)  # once leaves float32's rounding times s_max / s_min, twice the rounding
    seen = matrix.transposed_times(basis, threads=threads, advance=advance)
    values, turn = _spectrum(seen, threads)
    _turn_(basis, turn, threads)
    _turn_(seen, _divided(turn, values), threads)
    return _oriented(basis, values, seen, rank)


def _orthonormalise_(vectors: Vectors, threads: int) -> None:
    """Replace the columns by an orthonormal basis of the space that they span, with zeros for what they lack.

    By the eigenvectors of their products, V: Y V / s is orthonormal where Y = U s V.T. That takes a tenth of
    the time of a QR decomposition of so tall a matrix, and no memory.
    """
    values, turn = _spectrum(vectors, threads)
    _turn_(vectors, _divided(turn, values), threads)


def _spectrum(vectors: Vectors, threads: int) -> tuple[Spectrum, Square]:
    """The singular values of a tall matrix, falling, and its right singular vectors as columns.

    A value that rounding alone could have made is zero.
    """
    kernel = kernels.load("gram").column_products
    parts = map_in_order(lambda part: kernel(vectors[part]), _parts(len(vectors)), threads=threads)
    squares, turn = np.linalg.eigh(sum(parts))  # added in order: the same for any number of threads
    values = np.sqrt(squares[::-1].clip(0))
    noise = values[0] * np.finfo(np.float32).eps * len(vectors) ** 0.5
    return np.where(values > noise, values, 0), np.ascontiguousarray(turn[:, ::-1])


def _divided(turn: Square, values: Spectrum) -> Square:
    """The columns of `turn` divided by `values`; zero where the value is."""
    return np.where(values > 0, turn / np.where(values > 0, values, 1), 0)


def _turn_(vectors: Vectors, turn: Square, threads: int) -> None:
    """Replace `vectors` by their product with `turn`."""
    kernel, factor = kernels.load("gram").turn_, turn.astype(np.float32)
    for _ in map_in_order(lambda part: kernel(vectors[part], factor), _parts(len(vectors)), threads=threads):
        pass


def _parts(rows: int) -> list[slice]:
    return [slice(first, first + ROWS_A_STEP) for first in range(0, rows, ROWS_A_STEP)]


def _oriented(left: OfRows, values: Spectrum, right: OfColumns, rank: int) -> Factors:
    """The first `rank` triples with fixed signs, and zeros for those that the matrix lacks.

    A singular vector is as good with the other sign, and linear algebra libraries differ in which they give:
    the largest number of each left vector is made positive.
    """
    peaks = left[np.abs(left).argmax(axis=0), np.arange(left.shape[1])]
    signs = (np.where(peaks < 0, -1, 1) * (values > 0)).astype(np.float32)
    lacking = max(0, rank - len(values))
    left, right = (
        np.pad(vectors[:, :rank] * signs[:rank], ((0, 0), (0, lacking))) for vectors in (left, right)
    )
    return Factors(left, np.pad(values[:rank], (0, lacking)).astype(np.float32), right)
