"""The logistic loss and its gradient, sixteen logits at a time."""

from __future__ import annotations

import numpy as np
from numba import njit

from rowspace.kernels.cpu.simd import (
    Pointer,
    Vector16,
    add,
    clamp,
    divide,
    exponent,
    fma,
    load,
    mantissa,
    multiply,
    power_of_two,
    round_even,
    splat,
    store,
    subtract,
)
from rowspace.kernels.reference.skipgram import LARGEST_LOGIT


@njit(nogil=True, cache=True)
def gradient_(
    logits: Pointer, times: Pointer, place: int, sign: np.float32, learning_rate: np.float32
) -> Vector16:
    """Turn logits[place:place + 16] into steps in place; return their losses, times * log(1 + exp(-q)).

    q = sign * logit: sign is 1 for what should be likely, -1 for what should not. With t = exp(-q) the
    step is sign * learning_rate * times * t / (1 + t).
    """
    often = load(times, place)
    steps, odds = steps_and_odds(load(logits, place), often, splat(sign), learning_rate)
    store(logits, place, steps)
    return multiply(often, log(add(splat(np.float32(1)), odds)))


@njit(nogil=True, cache=True)
def steps_and_odds(
    logits: Vector16, times: Vector16, signs: Vector16, learning_rate: np.float32
) -> tuple[Vector16, Vector16]:
    """The steps of sixteen logits, each with a sign of its own, and their t; see `gradient_`."""
    minus_q = multiply(clamp(logits, np.float32(LARGEST_LOGIT)), multiply(signs, splat(np.float32(-1))))
    odds = exp(minus_q)
    scale = multiply(times, multiply(signs, splat(learning_rate)))
    return multiply(scale, divide(odds, add(splat(np.float32(1)), odds))), odds


@njit(nogil=True, cache=True)
def exp(x: Vector16) -> Vector16:
    """Raise e to each lane, |x| <= 80, as 2**whole times a Taylor polynomial on |rest| <= log(2) / 2.

    log(2) is taken off in two parts, the first with few digits, so that `rest` keeps its own (Cody and
    Waite 1980). The relative error stays below 3e-7.
    """
    whole = round_even(multiply(x, splat(np.float32(1.4426950408889634))))
    rest = fma(whole, splat(np.float32(-0.693359375)), x)
    rest = fma(whole, splat(np.float32(2.12194440e-4)), rest)
    y = splat(np.float32(1 / 720))
    y = fma(y, rest, splat(np.float32(1 / 120)))
    y = fma(y, rest, splat(np.float32(1 / 24)))
    y = fma(y, rest, splat(np.float32(1 / 6)))
    y = fma(y, rest, splat(np.float32(1 / 2)))
    y = fma(y, rest, splat(np.float32(1)))
    y = fma(y, rest, splat(np.float32(1)))
    return multiply(y, power_of_two(whole))


@njit(nogil=True, cache=True)
def log(x: Vector16) -> Vector16:
    """Take the natural logarithm of each lane, x >= 1, from its power of two and its mantissa m.

    With s = (m - 1) / (m + 1), log m = 2 (s + s**3 / 3 + s**5 / 5 + ...); s stays below 1/3.
    """
    power = exponent(x)
    m = mantissa(x)
    one = splat(np.float32(1))
    s = divide(subtract(m, one), add(m, one))
    square = multiply(s, s)
    y = splat(np.float32(2 / 11))
    y = fma(y, square, splat(np.float32(2 / 9)))
    y = fma(y, square, splat(np.float32(2 / 7)))
    y = fma(y, square, splat(np.float32(2 / 5)))
    y = fma(y, square, splat(np.float32(2 / 3)))
    y = fma(y, square, splat(np.float32(2)))
    return fma(power, splat(np.float32(0.6931471805599453)), multiply(y, s))
