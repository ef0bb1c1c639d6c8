"""Samplers: distributions over rows to draw negatives from, with the probability of every draw.

Each draws with replacement; rowspace.nn.heads.Distinct makes any of them draw without.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float64, Int64, Integer, Shaped
from torch import Tensor

from rowspace.errors import RecipeError, ShapeError

Device = torch.device | str | None
CountOfEachRow = Tensor | Shaped[np.ndarray, "..."] | Sequence[float]


@runtime_checkable
class Sampler(Protocol):
    """A distribution over the rows of a table.

    Row ids come on `device` (default: the generator's, else the CPU) and follow the generator alone
    (default: torch's own of that device).
    """

    num_rows: int
    distinct: bool  # whether no row comes twice in one sample

    def sample(
        self, n: int, *, generator: torch.Generator | None = None, device: Device = None
    ) -> Int64[Tensor, "n"]:
        """Draw n row ids."""
        ...

    def log_probability(self, ids: Integer[Tensor, "*batch"]) -> Float64[Tensor, "*batch"]:
        """Give the log of the probability that one draw is that row; -inf for a row never drawn."""
        ...

    def log_expected_count(self, ids: Integer[Tensor, "*batch"], n: int) -> Float64[Tensor, "*batch"]:
        """Give the log of how often each row is expected among n drawn ids."""
        ...


class Uniform:
    """Every row is as likely.

    >>> Uniform(4).log_probability(torch.tensor([0, 3])).exp()
    tensor([0.2500, 0.2500], dtype=torch.float64)
    """

    distinct = False

    def __init__(self, num_rows: int) -> None:
        self.num_rows = _at_least_one_row(num_rows)

    def sample(
        self, n: int, *, generator: torch.Generator | None = None, device: Device = None
    ) -> Int64[Tensor, "n"]:
        """Draw n row ids with replacement."""
        return torch.randint(self.num_rows, (n,), generator=generator, device=_place(device, generator))

    def log_probability(self, ids: Integer[Tensor, "*batch"]) -> Float64[Tensor, "*batch"]:
        """Give the log of the probability of each row."""
        return torch.full(ids.shape, -math.log(self.num_rows), dtype=torch.float64, device=ids.device)

    def log_expected_count(self, ids: Integer[Tensor, "*batch"], n: int) -> Float64[Tensor, "*batch"]:
        """Give the log of how often each row is expected among n draws."""
        return self.log_probability(ids) + math.log(n)


class LogUniform:
    """Zipf's law over ranks: row r has the probability log((r + 2) / (r + 1)) / log(num_rows + 1).

    For tables whose rows stand from most to least frequent, as vocabularies made from counts do. It
    needs no counts and no memory.

    >>> LogUniform(1000).log_probability(torch.tensor([0, 1, 9])).exp()
    tensor([0.1003, 0.0587, 0.0138], dtype=torch.float64)
    """

    distinct = False

    def __init__(self, num_rows: int) -> None:
        self.num_rows = _at_least_one_row(num_rows)
        self._log_total = math.log1p(num_rows)

    def sample(
        self, n: int, *, generator: torch.Generator | None = None, device: Device = None
    ) -> Int64[Tensor, "n"]:
        """Draw n row ids with replacement, by inverting the distribution function."""
        places = torch.rand(n, generator=generator, device=_place(device, generator), dtype=torch.float64)
        ids = torch.exp(places * self._log_total).long() - 1
        return ids.clamp_(max=self.num_rows - 1)  # exp may round the last place up

    def log_probability(self, ids: Integer[Tensor, "*batch"]) -> Float64[Tensor, "*batch"]:
        """Give the log of the probability of each row."""
        return torch.log(torch.log1p(1 / (ids.double() + 1)) / self._log_total)

    def log_expected_count(self, ids: Integer[Tensor, "*batch"], n: int) -> Float64[Tensor, "*batch"]:
        """Give the log of how often each row is expected among n draws."""
        return self.log_probability(ids) + math.log(n)


class Unigram:
    """Rows by their counts: the probability of a row goes as max(count, floor) ** power.

    The power 1 draws rows as often as data holds them (Bengio & Senecal 2008), 0.75 is word2vec's
    (Mikolov et al. 2013), 0 makes all alike. Counts below `floor` are raised to it: a row that is never
    drawn never learns to be unlikely. With a floor of 0, rows without counts are never drawn.
    Holds 8 bytes a row, and a draw is one binary search.

    >>> sampler = Unigram([16, 0, 1], floor=0)
    >>> sampler.log_probability(torch.tensor([0, 1, 2])).exp()
    tensor([0.8889, 0.0000, 0.1111], dtype=torch.float64)
    >>> sampler.sample(6, generator=torch.Generator().manual_seed(0))
    tensor([2, 0, 0, 2, 0, 0])
    """

    distinct = False

    def __init__(
        self,
        counts: CountOfEachRow,
        power: float = 0.75,
        *,
        floor: float = 1,
    ) -> None:
        """Take one count a row. Raises ShapeError or RecipeError where no distribution follows."""
        weights = torch.as_tensor(counts).to("cpu", torch.float64, copy=True)
        if weights.ndim != 1:
            raise ShapeError(f"counts must be one number a row, but have the shape {tuple(weights.shape)}")
        if not math.isfinite(power) or not (math.isfinite(floor) and floor >= 0):
            raise RecipeError(
                f"power must be finite and floor finite and not negative, but they are {power} and {floor}"
            )
        self.num_rows = _at_least_one_row(len(weights))
        if not bool((weights >= 0).all()):  # NaN fails here too
            row = int(torch.argmin((weights >= 0).int()))
            raise RecipeError(f"counts must not be negative, but row {row} has {weights[row].item()}")
        weights.clamp_(min=floor)
        drawn = weights > 0
        weights[drawn] **= power
        self._cumulative = torch.cumsum(weights, 0)
        total = float(self._cumulative[-1])
        if not 0 < total < math.inf:
            raise RecipeError(
                f"the counts to the power {power} must add up to a positive finite number, but add up to "
                f"{total}; give one row at least a count, or choose a power nearer to 0"
            )
        self._cumulative /= total  # ends at 1, which torch.rand never reaches

    def sample(
        self, n: int, *, generator: torch.Generator | None = None, device: Device = None
    ) -> Int64[Tensor, "n"]:
        """Draw n row ids with replacement, by inverting the distribution function."""
        where = _place(device, generator)
        places = torch.rand(n, generator=generator, device=where, dtype=torch.float64)
        return torch.searchsorted(self._on(where), places, right=True)

    def log_probability(self, ids: Integer[Tensor, "*batch"]) -> Float64[Tensor, "*batch"]:
        """Give the log of the probability of each row, exactly that of `sample`."""
        cumulative, ids = self._on(ids.device), ids.long()
        before = torch.where(ids > 0, cumulative[(ids - 1).clamp(min=0)], 0)
        return torch.log(cumulative[ids] - before)

    def log_expected_count(self, ids: Integer[Tensor, "*batch"], n: int) -> Float64[Tensor, "*batch"]:
        """Give the log of how often each row is expected among n draws."""
        return self.log_probability(ids) + math.log(n)

    def _on(self, device: torch.device) -> Float64[Tensor, "rows"]:
        """The table on the device that asks; it stays there, so each move is paid once."""
        self._cumulative = self._cumulative.to(device)
        return self._cumulative


def _at_least_one_row(num_rows: int) -> int:
    if num_rows < 1:
        raise RecipeError(f"a sampler needs at least 1 row, but num_rows is {num_rows}; give it the table's")
    return num_rows


def _place(device: Device, generator: torch.Generator | None) -> torch.device:
    """Where to draw: as asked, else where the generator is."""
    if device is not None:
        return torch.device(device)
    return torch.device("cpu") if generator is None else generator.device
