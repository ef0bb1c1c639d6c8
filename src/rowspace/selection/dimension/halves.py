"""What the halves of a text agree on: the spectrum of their PPMI matrices, parted into signal and noise."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from rowspace.arrays import aligned_zeros
from rowspace.corpus import Corpus
from rowspace.selection.dimension.counted import counted
from rowspace.selection.dimension.pip_loss import signal_and_noise
from rowspace.training.counting.factorising import Factors, factorise
from rowspace.training.counting.sparse_matrix import SparseMatrix
from rowspace.training.information import positive_information
from rowspace.training.matrices import padded
from rowspace.training.schedule import generator
from rowspace.vocabulary import Words

MOST_KEYS = 10_000  # the most frequent ones, as in Yin & Shen's measurements
SMOOTHING, SHIFT = 0.75, 1.0  # PPMI's defaults
OVERSAMPLING, POWER_ITERATIONS = 28, 4
PROBES = 64  # random vectors that measure a product of matrices


@dataclass(frozen=True, eq=False)
class Signal:
    """The singular values of the PPMI matrix of a text, cleared of noise, and the noise of each."""

    values: Float64[np.ndarray, "rank"]
    noise: Float64[np.ndarray, "rank"]
    energy: float  # the sum of the squares of all true values, beyond `values` too


def measure_signal(
    halves: tuple[Corpus, Corpus], keys: Words, *, rank: int, window: int, threads: int, seed: int
) -> Signal:
    """Find the `rank` largest values over the most frequent of `keys`.

    Cost: a count and a factorisation of each half.
    """
    keys = Words.from_keys(keys.keys[:MOST_KEYS])
    rank = min(rank, len(keys))
    with ExitStack() as files:
        first, second = (files.enter_context(_information(half, keys, window, threads)) for half in halves)
        made = [_factors(each, rank, threads, seed) for each in (first, second)]
        seen = (made[0].values + made[1].values).astype(np.float64) / 2
        shared = (_found(made[0], second, threads) + _found(made[1], first, threads)) / 2
        energy = _product(first, second, threads, seed)
    return Signal(*signal_and_noise(seen, shared), max(0.0, energy))


def _information(text: Corpus, keys: Words, window: int, threads: int) -> SparseMatrix:
    """The PPMI matrix of `keys` in a text; the caller closes it."""
    with counted(text, keys, window=window, threads=threads) as (_, pairs):
        information = positive_information(pairs, smoothing=SMOOTHING, shift=SHIFT)
        return SparseMatrix.from_cells(information, rows=len(keys), columns=len(keys))


def _factors(matrix: SparseMatrix, rank: int, threads: int, seed: int) -> Factors:
    return factorise(
        matrix,
        rank,
        oversampling=OVERSAMPLING,
        power_iterations=POWER_ITERATIONS,
        rng=generator(seed),
        threads=threads,
        advance=_tell_nobody,
    )


def _found(factors: Factors, other: SparseMatrix, threads: int) -> Float64[np.ndarray, "rank"]:
    """u^T M v for each pair of singular vectors, M being the other half."""
    right = padded(*factors.right.shape)
    right[:, : factors.right.shape[1]] = factors.right
    products = other.times(right, threads=threads)[:, : factors.left.shape[1]]
    found: Float64[np.ndarray, "rank"] = np.einsum("rk,rk->k", factors.left, products, dtype=np.float64)
    return found


def _product(first: SparseMatrix, second: SparseMatrix, threads: int, seed: int) -> float:
    """The sum over all cells of the product of two matrices, up to a few per cent.

    Noise that the two do not share averages out: what is left is the sum of squares of what they share.
    """
    probes = aligned_zeros(first.shape[1], PROBES)
    probes[:] = generator(seed).standard_normal(probes.shape, np.float32)
    products = [half.times(probes, threads=threads).astype(np.float64) for half in (first, second)]
    return float((products[0] * products[1]).sum()) / PROBES


def _tell_nobody(cells: int) -> None:
    """Take no notice of progress."""
