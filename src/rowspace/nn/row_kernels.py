"""Where rowspace.nn picks kernels: by the device of the tensors, and over threads on the CPU."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import torch
from jaxtyping import Float, Float32, Int64, Shaped
from torch import Tensor

from rowspace import kernels
from rowspace.arrays import Offsets
from rowspace.kernels.reference import row_segments
from rowspace.nn.row_threads import THREADS

Grouped = tuple[Int64[Tensor, "distinct"], Int64[Tensor, "distinct_plus_1"], Int64[Tensor, "entries"]]

# Below this many entries a second thread costs more than it brings.
ENTRIES_A_THREAD = 4_096


def group_rows(ids: Int64[Tensor, "entries"], num_rows: int) -> Grouped:
    """Distinct ids ascending, where the entries of each begin, and the places of the ids in that order."""
    if on_gpu(ids):
        grouped: Grouped = kernels.load("row_segments", "gpu").group_rows(ids, num_rows)
        return grouped
    return _tensors(kernels.load("row_segments").group_rows(ids.contiguous().numpy(), num_rows))


def group_bags(
    ids: Int64[Tensor, "entries"], offsets: Int64[Tensor, "bags_plus_1"], num_rows: int
) -> Grouped:
    """The same with the bag of each entry instead of its place."""
    if on_gpu(ids):
        rows, starts, order = group_rows(ids, num_rows)
        return rows, starts, bag_of_entries(offsets, len(ids))[order]
    return _tensors(kernels.load("row_segments").group_bags(*views(ids, offsets), num_rows))


def bag_of_entries(offsets: Int64[Tensor, "bags_plus_1"], entries: int) -> Int64[Tensor, "entries"]:
    """The bag that each entry belongs to.

    On the CPU without torch's threads, which spin for a while beside those of the kernels that follow.
    """
    if on_gpu(offsets):
        bags = torch.arange(len(offsets) - 1, device=offsets.device)
        return torch.repeat_interleave(bags, offsets.diff(), output_size=entries)
    return torch.from_numpy(np.repeat(np.arange(len(offsets) - 1), np.diff(offsets.numpy())))


def taken(values: Shaped[Tensor, "entries"], places: Int64[Tensor, "n"]) -> Shaped[Tensor, "n"]:
    """The values at `places`; on the CPU without torch's threads."""
    values = values.detach()
    return values[places] if on_gpu(values) else torch.from_numpy(values.numpy().take(places.numpy()))


def gather_rows(
    vectors: Float[Tensor, "rows dim"], ids: Int64[Tensor, "entries"]
) -> Float[Tensor, "entries dim"]:
    """The rows at `ids`, copied."""
    if vectors.dtype != torch.float32:
        return torch.index_select(vectors, 0, ids)
    gathered = vectors.new_empty(len(ids), vectors.shape[1])
    if on_gpu(vectors):
        kernels.load("row_gathering", "gpu").gather_rows_(vectors, ids, gathered)
        return gathered
    rows, places, out = views(vectors, ids, gathered)
    kernel = kernels.load("row_gathering").gather_rows_
    on_threads(lambda a, b: kernel(rows, places[a:b], out[a:b]), equal_slices(len(places)))
    return gathered


def sum_rows(
    starts: Int64[Tensor, "distinct_plus_1"],
    sources: Int64[Tensor, "entries"],
    coefficients: Float[Tensor, "entries_or_0"],
    outputs: Float[Tensor, "bags dim"],
) -> Float[Tensor, "distinct dim"]:
    """The summed gradient of each row."""
    if outputs.dtype != torch.float32:
        return _sum_in_torch(starts, sources, coefficients, outputs)
    sums = outputs.new_empty(len(starts) - 1, outputs.shape[1])
    if on_gpu(outputs):
        kernels.load("row_sums", "gpu").sum_rows_(starts, sources, coefficients, outputs, sums)
        return sums
    begin, entries, factors, given, out = views(starts, sources, coefficients, outputs, sums)
    kernel = kernels.load("row_sums").sum_rows_
    on_threads(lambda a, b: kernel(begin[a : b + 1], entries, factors, given, out[a:b]), even_slices(begin))
    return sums


def pool_bags(
    vectors: Float32[Tensor, "rows dim"],
    ids: Int64[Tensor, "entries"],
    offsets: Int64[Tensor, "bags_plus_1"],
    coefficients: Float32[Tensor, "entries_or_0"],
) -> Float32[Tensor, "bags dim"]:
    """The weighted sum of the rows in each bag."""
    pooled = vectors.new_empty(len(offsets) - 1, vectors.shape[1])
    if on_gpu(vectors):
        kernels.load("bag_pooling", "gpu").pool_bags_(vectors, ids, offsets, coefficients, pooled)
        return pooled
    rows, places, begin, factors, out = views(vectors, ids, offsets, coefficients, pooled)
    kernel = kernels.load("bag_pooling").pool_bags_
    on_threads(lambda a, b: kernel(rows, places, begin[a : b + 1], factors, out[a:b]), even_slices(begin))
    return pooled


def places_of_maxima(
    vectors: Float32[Tensor, "entries dim"], offsets: Int64[Tensor, "bags_plus_1"]
) -> Int64[Tensor, "bags dim"]:
    """Which entry of each bag has the largest value, dimension by dimension; -1 where a bag is empty."""
    ids = torch.arange(len(vectors), device=vectors.device)
    largest = vectors.new_empty(len(offsets) - 1, vectors.shape[1])
    places = torch.empty_like(largest, dtype=torch.int64)
    if on_gpu(vectors):
        kernels.load("bag_pooling", "gpu").max_of_bags_(vectors, ids, offsets, largest, places)
    else:
        kernels.load("bag_pooling").max_of_bags_(*views(vectors, ids, offsets, largest, places))
    return places


def coefficient_gradients(
    vectors: Float32[Tensor, "rows dim"],
    ids: Int64[Tensor, "entries"],
    sources: Int64[Tensor, "entries"],
    outputs: Float32[Tensor, "bags dim"],
) -> Float32[Tensor, "entries"]:
    """The gradient of each entry's coefficient: the product of its row with the gradient of its bag."""
    products = vectors.new_empty(len(ids))
    if on_gpu(vectors):
        kernels.load("bag_pooling", "gpu").coefficient_gradients_(vectors, ids, sources, outputs, products)
    else:
        kernels.load("bag_pooling").coefficient_gradients_(*views(vectors, ids, sources, outputs, products))
    return products


def views(*tensors: Tensor) -> tuple[Shaped[np.ndarray, "..."], ...]:
    """NumPy views of CPU tensors; made contiguous, so only inputs may be strided."""
    return tuple(each.detach().contiguous().numpy() for each in tensors)


def even_slices(starts: Offsets) -> Int64[np.ndarray, "parts_plus_1"]:
    """Where to cut segments or bags so that every thread has about as much to do."""
    return row_segments.even_slices(starts, num_parts(int(starts[-1] - starts[0])))


def equal_slices(entries: int) -> Int64[np.ndarray, "parts_plus_1"]:
    """Where to cut what costs the same for each entry."""
    parts = num_parts(entries)
    return np.arange(parts + 1) * entries // parts


def num_parts(entries: int) -> int:
    """How many threads `entries` are worth."""
    return max(1, min(torch.get_num_threads(), entries // ENTRIES_A_THREAD))


def on_threads(work: Callable[[int, int], None], cuts: Int64[np.ndarray, "parts_plus_1"]) -> None:
    """Call work(cuts[i], cuts[i + 1]) for every i at once, the last on the calling thread."""
    THREADS.run(work, list(pairwise(cuts.tolist())))


def on_gpu(tensor: Tensor) -> bool:
    """Whether the kernels of this tensor are those in Triton."""
    return tensor.device.type == "cuda"


def _tensors(grouped: tuple[np.ndarray, np.ndarray, np.ndarray]) -> Grouped:
    rows, starts, order = map(torch.from_numpy, grouped)
    return rows, starts, order


def _sum_in_torch(starts: Tensor, sources: Tensor, coefficients: Tensor, outputs: Tensor) -> Tensor:
    segment = torch.repeat_interleave(torch.arange(len(starts) - 1, device=starts.device), starts.diff())
    entries = outputs[sources]
    if len(coefficients):
        entries = entries * coefficients[:, None]
    return outputs.new_zeros(len(starts) - 1, outputs.shape[1]).index_add_(0, segment, entries)
