"""The PIP loss by dimension, estimated from a spectrum and its noise (Yin & Shen 2018).

PIP is the matrix of the pairwise inner products of all rows, E E^T: what of an embedding does not depend
on a turn. A dimension too small lacks signal, one too large adds noise; the loss |E E^T - F F^T| of the rows
F that are made from k noisy singular vectors, against E made from the true matrix, is least between.

The paper simulates that loss. Here it has a closed form, since the limits for large matrices of what a
singular value grows to, and of how far its vectors turn, are known (Benaych-Georges & Nadakuditi 2012): with
noise n, a true value s > n is seen as s + n^2 / s, and the squared cosine between true and seen vectors is
1 - n^2 / s^2; a value below n drowns. n is the standard deviation of a cell times the root of the side of
the matrix.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64

Spectrum = Float64[np.ndarray, "rank"]


def signal_and_noise(seen: Spectrum, shared: Spectrum) -> tuple[Spectrum, Spectrum]:
    """The true singular values, and the noise around each, by two halves of the data.

    `seen` are the values of one half and `shared` what their vectors u, v find in the other half, M: u^T M v.
    The noise of the halves is independent, so by the limits above `seen` is s + n^2 / s and `shared` is
    s - n^2 / s. The paper takes one noise for all cells, but frequent words have more of it. The noise
    returned is that of the whole data, whose variance is half that of a half.

    >>> signal_and_noise(np.array([5.0, 2.0]), np.array([3.0, 0.0]))
    (array([4., 0.]), array([1.41421356, 0.70710678]))
    """
    shared = np.clip(shared, 0, seen)
    signal: Spectrum = np.where(shared > 0, (seen + shared) / 2, 0)
    noise: Spectrum = np.sqrt((seen**2 - shared**2) / 8)
    return signal, noise


def pip_loss(signal: Spectrum, noise: Spectrum, energy: float) -> Spectrum:
    """The expected PIP loss of 1, 2, ... columns, relative to the norm of the true PIP matrix.

    For rows made of singular vectors times the root of their values, as PPMI makes them. `energy` is the sum
    of the squares of all true values, those beyond `signal` too. A column lowers the loss if its value is
    above sqrt(3) times its noise: the best hard threshold of Gavish & Donoho (2014).

    >>> pip_loss(np.array([10.0, 5.0, 1.5]), np.ones(3), energy=130.0).round(2)
    array([0.5 , 0.27, 0.28])
    """
    heard = signal > noise
    safe = np.where(heard, signal, 1)
    seen = np.where(heard, safe + noise**2 / safe, 2 * noise)
    found = np.where(heard, seen * (safe - noise**2 / safe), 0)
    whole = max(energy, float((signal[heard] ** 2).sum()))
    if whole == 0:
        return np.ones(len(signal))
    loss: Spectrum = np.sqrt(np.maximum(whole + np.cumsum(seen**2 - 2 * found), 0) / whole)
    return loss
