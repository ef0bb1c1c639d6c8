"""Hashes of row ids: the same numbers on every platform and device, in torch's int64 arithmetic."""

from __future__ import annotations

import torch
from jaxtyping import Int64
from torch import Tensor

_BITS = (1 << 64) - 1
# splitmix64: Steele, Lea & Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014; its
# multipliers are variant 13 of Stafford's finalisers.
_GOLDEN = 0x9E3779B97F4A7C15
_FIRST = 0xBF58476D1CE4E5B9
_SECOND = 0x94D049BB133111EB


def mix(values: Int64[Tensor, "*batch"]) -> Int64[Tensor, "*batch"]:
    """Scramble 64-bit values one to one by the finaliser of splitmix64, read as signed.

    >>> mix(torch.tensor([0, 1, 2]))
    tensor([                   0,  6238072747940578789, -2606959012126976886])
    """
    values = (values ^ _shifted(values, 30)) * _signed(_FIRST)
    values = (values ^ _shifted(values, 27)) * _signed(_SECOND)
    return values ^ _shifted(values, 31)


def salts(seed: int, num_hashes: int) -> Int64[Tensor, "num_hashes"]:
    """The first outputs of splitmix64 from `seed`: one for each hash function of `hashed_rows`.

    >>> salts(seed=0, num_hashes=2)
    tensor([-2152535657050944081,  7960286522194355700])
    """
    states = [_signed((seed + (step + 1) * _GOLDEN) & _BITS) for step in range(num_hashes)]
    return mix(torch.tensor(states, dtype=torch.int64, device="cpu"))


def hashed_rows(
    ids: Int64[Tensor, "*batch"], salts: Int64[Tensor, "num_hashes"], num_rows: int
) -> Int64[Tensor, "*batch num_hashes"]:
    """One row in [0, num_rows) for each id and salt: mix(id * golden + salt), its sign cleared, mod num_rows.

    >>> hashed_rows(torch.tensor([7, 8]), salts(seed=0, num_hashes=2), num_rows=100).shape
    torch.Size([2, 2])
    """
    hashes = mix(ids.unsqueeze(-1) * _signed(_GOLDEN) + salts)
    return (hashes & (_BITS >> 1)) % num_rows


def _shifted(values: Tensor, bits: int) -> Tensor:
    """Shift to the right and fill with zeros: torch's own shift repeats the sign."""
    return (values >> bits) & (_BITS >> bits)


def _signed(number: int) -> int:
    """The 64 bits of `number` as a signed integer, which is what int64 arithmetic takes."""
    return number - (1 << 64) if number >> 63 else number
