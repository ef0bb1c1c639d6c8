"""Distinct: a sampler without replacement out of any sampler with."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float64, Int64, Integer
from torch import Tensor

from rowspace.errors import RecipeError
from rowspace.nn.heads.samplers import Device, Sampler

SLACK = 1.1  # more draws than expected to be needed, so that a second round is rare
MOST_STEPS = 100  # of Newton's method, which takes about ten


class Distinct:
    """Draws of a sampler until enough different rows have come; each row at most once.

    A batch of distinct rows tells more than one in which frequent rows recur. The expected count of a
    row, which is the chance that it is among them, has no closed form. It is taken as 1 - (1 - p) ** t,
    the chance to be among t draws (as TensorFlow's candidate samplers take it), with the t for which
    all rows' add up to n. The first call for an n finds t at the cost of a few passes over all rows.

    >>> from rowspace.nn.heads import LogUniform
    >>> sampler = Distinct(LogUniform(5))
    >>> sampler.sample(5, generator=torch.Generator().manual_seed(0)).sort().values
    tensor([0, 1, 2, 3, 4])
    >>> sampler.log_expected_count(torch.arange(5), 3).exp()
    tensor([0.8965, 0.6956, 0.5558, 0.4602, 0.3920], dtype=torch.float64)
    """

    distinct = True

    def __init__(self, sampler: Sampler) -> None:
        self.sampler = sampler
        self.num_rows = sampler.num_rows
        self._draws: dict[int, float] = {}

    def sample(
        self, n: int, *, generator: torch.Generator | None = None, device: Device = None
    ) -> Int64[Tensor, "n"]:
        """Draw n distinct row ids, in the order in which they first came.

        Raises RecipeError where there are not as many rows to draw.
        """
        draws = self.expected_draws(n)
        drawn = self.sampler.sample(0, generator=generator, device=device)
        # Throwing repeats away costs the draws, a race the rows. On a GPU the race alone needs no
        # synchronisation, and a million rows are nothing to it.
        if drawn.device.type != "cpu" or draws > self.num_rows:
            return self._by_race(n, generator, drawn.device)
        return self._by_rejection(n, math.ceil(SLACK * draws), generator, drawn)

    def log_probability(self, ids: Integer[Tensor, "*batch"]) -> Float64[Tensor, "*batch"]:
        """Give the log of the probability that the first drawn id is that row."""
        return self.sampler.log_probability(ids)

    def log_expected_count(self, ids: Integer[Tensor, "*batch"], n: int) -> Float64[Tensor, "*batch"]:
        """Give the log of the chance that each row is among n distinct ones; 0 where n takes all rows."""
        draws = self.expected_draws(n)
        log_probability = self.sampler.log_probability(ids)
        if math.isinf(draws):  # every row that can be drawn is
            return torch.where(log_probability > -math.inf, 0.0, -math.inf).double()
        return torch.log(-torch.expm1(draws * torch.log1p(-log_probability.exp())))

    def expected_draws(self, n: int) -> float:
        """About how many draws it takes to meet n different rows; infinite where n takes all rows."""
        if n not in self._draws:
            self._draws[n] = self._solve(n)
        return self._draws[n]

    def _solve(self, n: int) -> float:
        """Newton's method on a function that rises ever slower: from the left it never oversteps."""
        probabilities = self.sampler.log_probability(torch.arange(self.num_rows)).exp()
        possible = int((probabilities > 0).sum())
        if not 0 <= n <= possible:
            raise RecipeError(
                f"distinct rows must be at most the {possible} that the sampler can draw, but {n} were asked "
                "for; ask for fewer, or draw with replacement"
            )
        if n == possible:
            return math.inf
        logs, draws = torch.log1p(-probabilities[probabilities > 0]), float(n)
        for _ in range(MOST_STEPS):
            missed = torch.exp(draws * logs)
            lacking = n - float((1 - missed).sum())
            if lacking <= 1e-9 * n:
                break
            draws += lacking / float(-(missed * logs).sum())
        return draws

    def _by_rejection(
        self, n: int, draws: int, generator: torch.Generator | None, drawn: Int64[Tensor, "drawn"]
    ) -> Int64[Tensor, "n"]:
        rows = inverse = drawn
        while len(rows) < n:
            more = self.sampler.sample(draws, generator=generator, device=drawn.device)
            drawn = torch.cat([drawn, more])
            rows, inverse = torch.unique(drawn, return_inverse=True)
        # Only the order of first appearance is a fair sample: unique's goes by id.
        first = torch.full_like(rows, len(drawn))
        first.scatter_reduce_(0, inverse, torch.arange(len(drawn), device=drawn.device), "amin")
        return drawn[first.topk(n, largest=False).values]

    def _by_race(self, n: int, generator: torch.Generator | None, device: torch.device) -> Int64[Tensor, "n"]:
        """Draw by arrival: rows come at exponential times, at the rates of their probabilities.

        The first n have the very distribution of draws without replacement (Efraimidis & Spirakis 2006).
        """
        rates = self.sampler.log_probability(torch.arange(self.num_rows, device=device))
        times = torch.empty_like(rates).exponential_(generator=generator).log_() - rates
        return times.topk(n, largest=False).indices
