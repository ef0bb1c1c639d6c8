"""From what users call keys to bags of row ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Int64
from torch import Tensor

from rowspace.arrays import Offsets, PackedKeys, RowIds, Rows
from rowspace.errors import ShapeError, UnknownKeyError
from rowspace.nn.row_ids import OutOfRange
from rowspace.nn.unknown import Unknown, UnknownReport, num_own_rows
from rowspace.vocabulary import Subwords, Vocabulary

LISTING = ("to_pylist", "to_list", "tolist")  # how Arrow, pandas and Polars, and NumPy make a list


@dataclass(frozen=True, eq=False)
class KeyRows:
    """The bag of rows of each key: key k has ids[offsets[k]:offsets[k + 1]]; an empty bag means zeros."""

    ids: Int64[Tensor, "entries"]
    offsets: Int64[Tensor, "keys_plus_1"]
    shape: tuple[int, ...]  # of the keys as they were given; () for a single str
    single: bool  # each key has exactly one row

    def to(self, device: torch.device) -> KeyRows:
        """The same on another device."""
        ids, offsets = self.ids.to(device, non_blocking=True), self.offsets.to(device, non_blocking=True)
        return KeyRows(ids, offsets, self.shape, self.single)


def rows_of_keys(
    vocabulary: Vocabulary,
    keys: Any,
    policy: OutOfRange,
    unknown: Unknown | None = None,
    report: UnknownReport | None = None,
    *,
    training: bool = False,
    name: str = "the layer",
) -> KeyRows:
    """The rows of one key, or of keys in lists, arrays or columns.

    A key that the vocabulary does not know follows `policy`: UnknownKeyError, what stands for it in
    `unknown`, or an empty bag. `unknown` also replaces rare keys and, in training, a random share of all;
    with subwords a replaced key keeps the rows of its parts.

    Raises ShapeError for anything that is no str, and for nested lists of different lengths.

    >>> from rowspace.vocabulary import Words
    >>> found = rows_of_keys(Words.from_keys(["a", "b", "c"]), [["c", "a"], ["b", "b"]], "raise")
    >>> found.ids, found.shape, found.single
    (tensor([2, 0, 1, 1]), (2, 2), True)
    """
    packed, shape = flatten(keys, name)
    rows = vocabulary.rows_of(packed, "zero")
    unseen: Bool[np.ndarray, "keys"] = np.diff(rows.offsets) == 0
    if report is not None:
        report.add_lookups(len(packed))
        report.add_unknown_keys(packed.take(np.flatnonzero(unseen)))
    if policy == "raise" and unseen.any():
        raise _unknown_key(packed, shape, unseen, name)
    if unknown is not None:
        rows, lost = _own_rows_lost(vocabulary, rows, unknown, report, training)
        if policy == "unknown":
            lost = lost | unseen
        rows = _stood_in_for(vocabulary, packed, rows, np.flatnonzero(lost), unknown)
    ids, offsets = torch.from_numpy(rows.ids), torch.from_numpy(rows.offsets)
    return KeyRows(ids, offsets, shape, single=bool((np.diff(rows.offsets) == 1).all()))


def flatten(keys: Any, name: str = "the layer") -> tuple[PackedKeys, tuple[int, ...]]:
    """Keys end to end, and the shape in which they came: () for one str.

    Takes a str, lists nested to any depth, NumPy arrays, and columns of pandas, Polars and Arrow.
    Raises ShapeError for anything that is no str, and for nested lists of different lengths.

    >>> packed, shape = flatten([["new", "york"], ["la", "paz"]])
    >>> list(packed), shape
    (['new', 'york', 'la', 'paz'], (2, 2))
    """
    if isinstance(keys, PackedKeys):
        return keys, (len(keys),)
    if isinstance(keys, np.ndarray):
        return _packed(keys.ravel().tolist(), keys.shape, name), keys.shape
    listed = as_list(keys)
    if isinstance(listed, str):
        return _packed([listed], (), name), ()
    if not isinstance(listed, list):
        raise ShapeError(
            f"{name}: keys must be a str, or strs in lists, arrays or columns, but are a "
            f"{type(keys).__name__}; row ids go in as an integer tensor"
        )
    flat, shape = _unnested(listed, name)
    return _packed(flat, shape, name), shape


def flatten_bags(bags: Any, name: str = "the layer") -> tuple[PackedKeys, Int64[Tensor, "bags_plus_1"]]:
    """The keys of all bags end to end, and where each bag begins; bags may differ in size and be empty.

    Raises ShapeError where `bags` is no list of lists of str.

    >>> packed, offsets = flatten_bags([["a", "rose"], [], ["is"]])
    >>> list(packed), offsets
    (['a', 'rose', 'is'], tensor([0, 2, 2, 3]))
    """
    listed = as_list(bags)
    lists = [as_list(bag) for bag in listed] if isinstance(listed, list) else [listed]
    wrong = next((place for place, bag in enumerate(lists) if not isinstance(bag, list)), None)
    if wrong is not None:
        raise ShapeError(
            f"{name}: bags must be lists of keys, one list a bag, but bag {wrong} is a "
            f'{type(lists[wrong]).__name__}; write [["a", "b"], ["c"]]'
        )
    packed = _packed([key for bag in lists for key in bag], None, name)
    return packed, torch.tensor([0, *(len(bag) for bag in lists)]).cumsum(0)


def as_list(values: Any) -> Any:
    """A list for whatever holds keys; anything else, a str too, as it is."""
    if isinstance(values, list | str):
        return values
    if isinstance(values, tuple | PackedKeys):
        return list(values)
    method = next((name for name in LISTING if hasattr(values, name)), None)
    return values if method is None else getattr(values, method)()


def _unnested(level: list[Any], name: str) -> tuple[list[Any], tuple[int, ...]]:
    """The innermost values of lists in lists, and the shape of the block that they must form."""
    if not any(map(_holds_keys, set(map(type, level)))):
        return level, (len(level),)
    parts = [as_list(each) for each in level]
    sizes = [f"a list of {len(part)}" if isinstance(part, list) else "a single key" for part in parts]
    odd = next((place for place, size in enumerate(sizes) if size != sizes[0]), None)
    if odd is not None:
        raise ShapeError(
            f"{name}: keys in nested lists must form a block, but place 0 holds {sizes[0]} and place {odd} "
            f"{sizes[odd]}; fill short lists up with a padding key, or give lists of different lengths to "
            "EmbeddingBag"
        )
    flat, (_, *inner) = _unnested([value for part in parts for value in part], name)
    return flat, (len(parts), len(parts[0]), *inner)


def _holds_keys(kind: type) -> bool:
    if issubclass(kind, str):
        return False
    return kind in {list, tuple} or (
        hasattr(kind, "__len__") and any(hasattr(kind, name) for name in LISTING)
    )


def _packed(flat: list[Any], shape: tuple[int, ...] | None, name: str) -> PackedKeys:
    """Keys packed; ShapeError names the first value that is no str."""
    if not set(map(type, flat)) <= {str}:
        wrong = next((place for place, key in enumerate(flat) if not isinstance(key, str)), None)
        if wrong is not None:
            raise ShapeError(
                f"{name}: every key must be a str, but {_place(wrong, shape)} is {flat[wrong]!r} "
                f"({type(flat[wrong]).__name__}); {_remedy(flat[wrong])}"
            )
    return PackedKeys.from_strings(flat)


def _remedy(value: object) -> str:
    if isinstance(value, int):
        return "row ids go in as an integer tensor, numbers that are keys as str"
    if isinstance(value, bytes):
        return "decode bytes first"
    return "name missing values, as with fillna, so that they have a row of their own"


def _place(place: int, shape: tuple[int, ...] | None) -> str:
    """Where a value stands in what the user gave."""
    if shape is None or not shape:
        return "one" if shape is None else "it"
    return "keys[" + ", ".join(map(str, np.unravel_index(place, shape))) + "]"


def _unknown_key(
    packed: PackedKeys, shape: tuple[int, ...], unseen: Bool[np.ndarray, "keys"], name: str
) -> UnknownKeyError:
    first, count = int(np.argmax(unseen)), int(unseen.sum())
    more = f" ({count - 1} more of {len(packed)} are not either)" if count > 1 else ""
    return UnknownKeyError(
        f"{name}: every key must be in the vocabulary, but {packed[first]!r} at {_place(first, shape)} is not"
        f'{more}; make the layer with out_of_range="unknown" or "zero" to go on without'
    )


def _own_rows_lost(
    vocabulary: Vocabulary, rows: Rows, unknown: Unknown, report: UnknownReport | None, training: bool
) -> tuple[Rows, Bool[np.ndarray, "keys"]]:
    """Bags without the own rows of replaced keys, and which keys lost their last row by that."""
    known = np.flatnonzero(np.diff(rows.offsets))
    firsts = rows.offsets[:-1][known]
    known, firsts = (part[rows.ids[firsts] < num_own_rows(vocabulary)] for part in (known, firsts))
    lost = np.zeros(len(rows), np.bool_)
    chosen = unknown.choose(torch.from_numpy(rows.ids[firsts]), training)
    if chosen is None or not chosen.any():
        return rows, lost
    if report is not None:
        report.add_replaced(chosen)
    known, firsts = known[chosen.numpy()], firsts[chosen.numpy()]
    stays = np.ones(len(rows.ids), np.bool_)
    stays[firsts] = False
    sizes = np.diff(rows.offsets)
    sizes[known] -= 1
    lost[known] = sizes[known] == 0
    return Rows(rows.ids[stays], _offsets(sizes)), lost


def _stood_in_for(
    vocabulary: Vocabulary, packed: PackedKeys, rows: Rows, places: RowIds, unknown: Unknown
) -> Rows:
    """The bags, with those at `places`, which are empty, filled by what stands for unknown keys."""
    if not len(places):
        return rows
    bags = _stand_ins(vocabulary, packed, places, unknown)
    sizes = np.diff(rows.offsets)
    sizes[places] = bags.shape[1]
    offsets = _offsets(sizes)
    filled = (offsets[places][:, None] + np.arange(bags.shape[1])).ravel()
    is_filled = np.zeros(offsets[-1], np.bool_)
    is_filled[filled] = True
    ids = np.empty(offsets[-1], np.int64)
    ids[filled], ids[~is_filled] = bags.ravel(), rows.ids
    return Rows(ids, offsets)


def _stand_ins(
    vocabulary: Vocabulary, packed: PackedKeys, places: RowIds, unknown: Unknown
) -> Int64[np.ndarray, "places size"]:
    """The rows that stand for each unknown key: its bucket, or the bag of the unknown key."""
    if unknown.buckets:
        return unknown.buckets_of(packed.take(places))[:, None]
    bag = np.array([unknown.row])
    if isinstance(vocabulary, Subwords):
        bag = vocabulary.rows_of([vocabulary.keys[int(bag[0])]]).ids
    return np.tile(bag, (len(places), 1))


def _offsets(sizes: Int64[np.ndarray, "bags"]) -> Offsets:
    return np.concatenate([[0], np.cumsum(sizes)])
