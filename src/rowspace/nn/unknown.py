"""Unknown values: the rows that stand for them, and how these rows come to be trained."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from jaxtyping import Bool, Float32, Int64, UInt64
from torch import Tensor

from rowspace.arrays import PackedKeys, RowIds
from rowspace.errors import RecipeError
from rowspace.kernels.reference.hash_index import FNV_PRIME, FNV_START
from rowspace.nn.tracing import has_values
from rowspace.vocabulary import Subwords, Vocabulary, Words

KEYS_REMEMBERED = 10_000
BELOW_ONE = np.nextafter(np.float32(1), np.float32(0))  # a chance that is not a certainty


@dataclass(frozen=True, eq=False)
class Unknown:
    """What stands for values that a layer does not know, and how it learns to.

    * `row`: The row of unknown values. None: that of the vocabulary's unknown key, and where there is none,
      `from_table` and `from_vocabulary` append a key ``<unk>`` with a row of its own.
    * `rate`: In training, the random share of all lookups in which this row stands for a known value, so that
      it learns. Each value counts as often as it occurs: the row becomes a typical value, not a rare one.
    * `rarity`: In training, a value counted c times is replaced with the chance ``rarity / (rarity + c)``, so
      that the row learns from values as rare as those it will stand for; 0.25 is a good choice
      (Kiperwasser & Goldberg 2016). Needs counts, as min_count does.
    * `min_count`: Keys counted fewer times are unknown for good, in training and after it.
    * `buckets`: Instead of one row for all, this many: a hash of the key's bytes chooses among them, the same
      in every process. They follow the vocabulary's rows, and `to_table` leaves them out.

    A key with subwords that is replaced keeps the rows of its parts and loses its own, as a key never
    seen has them alone.

    >>> unknown = Unknown(row=0, rate=1.0)
    >>> unknown.replace(torch.tensor([3, 0, 4]), training=True)
    tensor([0, 0, 0])
    >>> unknown.replace(torch.tensor([3, 0, 4]), training=False)
    tensor([3, 0, 4])
    """

    row: int | None = None
    rate: float = 0.0
    rarity: float = 0.0
    min_count: int = 1
    buckets: int = 0
    _placed: _Placed | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not 0 <= self.rate <= 1:
            raise RecipeError(f"rate is a share of values and must lie in [0, 1], but is {self.rate}")
        if not 0 <= self.rarity < math.inf:
            raise RecipeError(f"rarity is a count and must not be negative, but is {self.rarity}")
        if self.min_count < 1:
            raise RecipeError(f"min_count must be at least 1, but is {self.min_count}")
        if self.buckets < 0:
            raise RecipeError(f"buckets must not be negative, but is {self.buckets}")
        if self.row is not None and self.row < 0:
            raise RecipeError(f"the unknown row must not be negative, but is {self.row}")
        if self.row is not None and self.buckets and self._placed is None:
            raise RecipeError(
                f"either a row stands for all unknown values or buckets do, but row={self.row} and "
                f"buckets={self.buckets}; leave one of them out"
            )

    def placed(self, vocabulary: Vocabulary | None, padding_row: int | None = None) -> Unknown:
        """The same for one layer, knowing what stands for each of its rows. Nothing does for the padding row.

        With buckets `row` becomes the first of them. Raises RecipeError where the vocabulary cannot give
        what is asked: a row, counts, keys to hash.
        """
        if vocabulary is None:
            if self.row is None or self.rarity or self.min_count > 1 or self.buckets:
                raise RecipeError(
                    "without a vocabulary an unknown row is all there can be: pass "
                    "unknown=rnn.Unknown(row=...), or make the layer with from_table or from_vocabulary"
                )
            return replace(self, _placed=_Placed(padding_row=padding_row))
        row = self._row_in(vocabulary)
        placed = _Placed(padding_row, num_own_rows(vocabulary))
        if self.buckets:
            placed.buckets = _bucket_of_each_row(vocabulary, self.buckets)
        if self.rarity or self.min_count > 1:
            placed.chances = self._chances(vocabulary, row, padding_row)
        return replace(self, row=row, _placed=placed)

    def replace(
        self,
        ids: Int64[Tensor, "*batch"],
        training: bool,
        report: UnknownReport | None = None,
        generator: torch.Generator | None = None,
    ) -> Int64[Tensor, "*batch"]:
        """Ids with rare values, and in training a random share of all, replaced by what stands for them.

        `report` counts them. Randomness comes from `generator`, or PyTorch's own on the ids' device.
        """
        chosen = self.choose(ids, training, generator)
        if chosen is None:
            return ids
        if report is not None:
            report.add_replaced(chosen)
        return torch.where(chosen, self.stand_ins(ids), ids)

    def choose(
        self, ids: Int64[Tensor, "*batch"], training: bool, generator: torch.Generator | None = None
    ) -> Bool[Tensor, "*batch"] | None:
        """Which ids are to be replaced; None: none."""
        placed = self._placed or _Placed()
        if placed.chances is not None:
            chances = placed.chances_on(ids.device)[ids]
            if not training:
                return None if self.min_count == 1 else chances >= 1
            return _uniform(ids, generator) < chances
        if not training or self.rate == 0:
            return None
        chosen = _uniform(ids, generator) < self.rate
        if placed.own_rows is not None:
            chosen = chosen & (ids < placed.own_rows)
        return chosen if placed.padding_row is None else chosen & (ids != placed.padding_row)

    def stand_ins(self, ids: Int64[Tensor, "*batch"]) -> Int64[Tensor, "*batch"]:
        """The row that stands for each id: the unknown row, or the bucket of the id's key."""
        if self._placed is not None and self._placed.buckets is not None:
            return self._placed.buckets_on(ids.device)[ids]
        assert self.row is not None
        return torch.full_like(ids, self.row)

    def buckets_of(self, keys: PackedKeys) -> RowIds:
        """The rows of the buckets of keys that nobody knows."""
        assert self.row is not None
        return self.row + (hash_keys(keys) % np.uint64(self.buckets)).astype(np.int64)

    def _chances(self, vocabulary: Vocabulary, row: int, padding_row: int | None) -> Float32[Tensor, "rows"]:
        """The chance of each row to be replaced in training; 1 where it always is, in training or not."""
        counts = vocabulary.counts
        if counts is None:
            raise RecipeError(
                "rarity and min_count need a vocabulary that knows how often each key occurred, but this one "
                "has no counts; give counts, or use rate"
            )
        own = num_own_rows(vocabulary)
        chances = np.zeros(vocabulary.num_rows + self.buckets, np.float32)
        if self.rarity:
            chances[:own] = self.rarity / (self.rarity + counts[:own])
        chances[:own] = np.minimum(self.rate + (1 - self.rate) * chances[:own], BELOW_ONE)
        chances[:own][counts[:own] < self.min_count] = 1
        chances[[each for each in (row, padding_row) if each is not None]] = 0
        return torch.from_numpy(chances)

    def _row_in(self, vocabulary: Vocabulary) -> int:
        if self.buckets:
            return vocabulary.num_rows
        row = self.row if self.row is not None else unknown_row_of(vocabulary)
        if row < 0:
            raise RecipeError(
                "the vocabulary has no unknown key; pass unknown=rnn.Unknown(row=...), or make the layer "
                "with from_table or from_vocabulary, which append one"
            )
        return row


class UnknownReport:
    """How many lookups met an unknown value so far; cheap enough to leave running.

    `lookups` counts values looked up, `unknown` those that the layer does not know, `replaced` known ones
    that were replaced for being rare or, in training, at random. Counts on a GPU are added up there and
    waited for only when read. Of unknown keys the most frequent are remembered, in bounded memory.

    >>> report = UnknownReport()
    >>> report.add_lookups(8)
    >>> report.add_unknown_keys(["quark", "lepton", "quark"])
    >>> report, report.most_frequent(1)
    (UnknownReport(lookups=8, unknown=3, replaced=0, rate=0.375), [('quark', 2)])
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Start again from nothing."""
        self.lookups = 0
        self._keys: Counter[str] = Counter()
        self._counts = {"unknown": 0, "replaced": 0}
        self._on_devices: dict[tuple[str, torch.device], Int64[Tensor, ""]] = {}

    @property
    def unknown(self) -> int:
        """Lookups of values that the layer does not know."""
        return self._total("unknown")

    @property
    def replaced(self) -> int:
        """Lookups of known values for which an unknown row stood in."""
        return self._total("replaced")

    @property
    def rate(self) -> float:
        """The share of lookups that were unknown; 0 where there were none."""
        return self.unknown / self.lookups if self.lookups else 0.0

    def most_frequent(self, k: int = 10) -> list[tuple[str, int]]:
        """The k unknown keys met most often, with their counts; none where only ids were given.

        Beyond 10,000 distinct keys the rarer half is forgotten now and then, so counts are lower bounds.
        """
        return self._keys.most_common(k)

    def add_lookups(self, count: int) -> None:
        """Count values looked up."""
        self.lookups += count

    def add_unknown(self, unknown: Bool[Tensor, "*batch"]) -> None:
        """Count unknown values among some."""
        self._add("unknown", unknown)

    def add_replaced(self, replaced: Bool[Tensor, "*batch"]) -> None:
        """Count replaced values among some."""
        self._add("replaced", replaced)

    def add_unknown_keys(self, keys: Iterable[str]) -> None:
        """Count unknown keys, and remember them."""
        found = Counter(keys)
        self._counts["unknown"] += found.total()
        self._keys.update(found)
        if len(self._keys) > KEYS_REMEMBERED:
            self._keys = Counter(dict(self._keys.most_common(KEYS_REMEMBERED // 2)))

    def _add(self, name: str, chosen: Tensor) -> None:
        if not has_values(chosen):
            return  # a count is no part of what is recorded
        if chosen.device.type == "cpu":
            self._counts[name] += int(torch.count_nonzero(chosen))
            return
        key = (name, chosen.device)
        if key not in self._on_devices:
            with torch.inference_mode(False):  # else no later training step could add to it
                self._on_devices[key] = torch.zeros((), dtype=torch.int64, device=chosen.device)
        self._on_devices[key] += torch.count_nonzero(chosen)

    def _total(self, name: str) -> int:
        on_devices = [int(sums) for (each, _), sums in self._on_devices.items() if each == name]
        return self._counts[name] + sum(on_devices)

    def __repr__(self) -> str:
        return (
            f"UnknownReport(lookups={self.lookups}, unknown={self.unknown}, replaced={self.replaced}, "
            f"rate={self.rate:.3g})"
        )


@dataclass(eq=False)
class _Placed:
    """What an Unknown knows about the layer it belongs to."""

    padding_row: int | None = None
    own_rows: int | None = None  # rows from here on are parts of keys: nothing stands for them
    buckets: Int64[Tensor, "rows"] | None = None  # the row that stands for each
    chances: Float32[Tensor, "rows"] | None = None  # of each to be replaced in training; 1: always

    def buckets_on(self, device: torch.device) -> Tensor:
        """`buckets`, moved to where the ids are and kept there."""
        assert self.buckets is not None
        if self.buckets.device != device:
            self.buckets = self.buckets.to(device)
        return self.buckets

    def chances_on(self, device: torch.device) -> Tensor:
        """`chances`, moved to where the ids are and kept there."""
        assert self.chances is not None
        if self.chances.device != device:
            self.chances = self.chances.to(device)
        return self.chances


def _uniform(ids: Tensor, generator: torch.Generator | None) -> Tensor:
    """A random number in [0, 1) for each id, fine enough for small chances whatever the default dtype."""
    return torch.rand(ids.shape, generator=generator, device=ids.device, dtype=torch.float32)


def num_own_rows(vocabulary: Vocabulary) -> int:
    """How many rows belong to one key alone; they come first, row i for key i."""
    return vocabulary.num_own_rows if isinstance(vocabulary, Subwords) else vocabulary.num_rows


def unknown_row_of(vocabulary: Vocabulary) -> int:
    """The row of the vocabulary's unknown key, or -1."""
    words = vocabulary.words if isinstance(vocabulary, Subwords) else vocabulary
    row = words.unknown_row if isinstance(words, Words) else -1
    return row if row < num_own_rows(vocabulary) else -1


def hash_keys(keys: PackedKeys) -> UInt64[np.ndarray, "keys"]:
    """`hash_key` of each key: a pass over the bytes for as many positions as the longest key has."""
    starts, lengths = keys.offsets[:-1], np.diff(keys.offsets)
    values = np.full(len(keys), FNV_START, np.uint64)
    left = np.flatnonzero(lengths > 0)
    for i in range(int(lengths.max(initial=0))):
        values[left] = (values[left] ^ keys.data[starts[left] + i]) * np.uint64(FNV_PRIME)
        left = left[lengths[left] > i + 1]
    return values ^ (values >> np.uint64(32))


def _bucket_of_each_row(vocabulary: Vocabulary, buckets: int) -> Tensor:
    """The row of the bucket of each own row's key; every other row stands for itself."""
    rows = np.arange(vocabulary.num_rows + buckets)
    own = num_own_rows(vocabulary)
    rows[:own] = vocabulary.num_rows + (hash_keys(vocabulary.keys)[:own] % np.uint64(buckets)).astype(
        np.int64
    )
    return torch.from_numpy(rows)
