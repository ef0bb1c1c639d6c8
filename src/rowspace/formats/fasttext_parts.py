"""The parts of fastText's binary files: dictionary, prune index, plain and quantised matrices.

Nothing is reserved before the file is known to be long enough for it; a packed file, whose length nobody
knows, is read piece by piece.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int8, Int32, UInt8
from tqdm import tqdm

from rowspace.arrays import Counts, PackedKeys, RowIds, Vectors
from rowspace.errors import FormatError
from rowspace.formats.growing import GrowingRows
from rowspace.formats.sources import SMALLEST_BUDGET, Source

Centroids = Float32[np.ndarray, "256 _"]

STEP_BYTES = 1 << 20
LONGEST_KEY = 16 << 20
AFTER_KEY = 10  # a zero byte, the count in eight bytes, the type in one
WORD, LABEL = 0, 1
CENTROIDS = 256


@dataclass(frozen=True, eq=False)
class Entries:
    """The dictionary: words first, then labels."""

    keys: PackedKeys
    counts: Counts
    types: Int8[np.ndarray, "keys"]
    places: RowIds  # the byte of the file where each begins


def read_entries(source: Source, count: int) -> Entries:
    """Take `count` entries, each a key, a zero byte, int64 count and int8 type."""
    expect(source, count * AFTER_KEY, "the dictionary")
    keys: list[bytes] = []
    places: list[int] = []
    rests: list[bytes] = []
    window = STEP_BYTES
    while len(keys) < count:
        start, data, used = source.position, source.head(window), 0
        while len(keys) < count:
            end = data.find(0, used)
            if end < 0 or end + AFTER_KEY > len(data):
                break
            keys.append(data[used:end])
            places.append(start + used)
            rests.append(data[end + 1 : end + AFTER_KEY])
            used = end + AFTER_KEY
        if not used and (len(data) < window or window > LONGEST_KEY):
            raise FormatError(
                source.path,
                start,
                f"the dictionary must hold {count:,} entries, but after {len(keys):,} there is no whole one: "
                "the file was cut or damaged; fetch it again",
            )
        window = STEP_BYTES if used else 2 * window
        source.skip(used)
    tails = np.frombuffer(b"".join(rests), np.dtype([("count", "<i8"), ("type", "i1")]))
    counts, types = np.array(tails["count"], np.int64), np.array(tails["type"])
    return Entries(PackedKeys.from_bytes(keys), counts, types, np.array(places, np.int64))


def read_prune_index(
    source: Source, count: int, buckets: int, max_expansion: float
) -> Int32[np.ndarray, "buckets"]:
    """The row of each bucket among those that were kept, -1 where it was dropped."""
    start = source.position
    pairs = read_array(source, "<i4", 2 * count, "the prune index").reshape(count, 2)
    if ((pairs < 0) | (pairs >= np.array([buckets, max(count, 1)]))).any():
        raise FormatError(
            source.path,
            start,
            f"a prune index of {count:,} entries must name rows below that, and buckets below {buckets:,}; "
            "the file is damaged: fetch it again",
        )
    check_expansion(source, 4 * buckets, "the prune index", max_expansion)
    kept = np.full(buckets, -1, np.int32)
    kept[pairs[:, 0]] = pairs[:, 1]
    return kept


def read_flag(source: Source, what: str) -> bool:
    """Take the byte that says whether the matrix after it is quantised."""
    flag = int(read_array(source, "u1", 1, what)[0])
    if flag > 1:
        raise FormatError(
            source.path, source.position - 1, f"{what} must begin with 0 or 1, but does with {flag}"
        )
    return bool(flag)


def read_shape(source: Source, rows: int, dim: int, what: str) -> None:
    """Take a matrix's shape, which must be (rows, dim)."""
    start = source.position
    found = tuple(read_array(source, "<i8", 2, what).tolist())
    if found != (rows, dim):
        raise FormatError(
            source.path,
            start,
            f"{what} must have {rows:,} rows of {dim}, as words and arguments say, but says "
            f"{found[0]:,} of {found[1]:,}; the file is damaged: fetch it again",
        )


def read_rows(source: Source, rows: int, dim: int, what: str, *, progress: bool = False) -> Vectors:
    """Take rows of float32."""
    expect(source, 4 * rows * dim, what)
    known = source.size is not None
    vectors = GrowingRows(dim, expected_rows=rows if known else min(rows, STEP_BYTES // dim + 1))
    step = max(1, STEP_BYTES // (4 * dim))
    bar = tqdm(total=rows, unit="row", unit_scale=True, delay=1, disable=None if progress else True)
    with bar:
        for first in range(0, rows, step):
            block = np.empty((min(step, rows - first), dim), np.dtype("<f4"))
            if source.read_into(block.reshape(-1).view(np.uint8)) < block.nbytes:
                raise cut(source, what)
            vectors.append(block)
            bar.update(len(block))
    return vectors.finish()


def skip_rows(source: Source, rows: int, dim: int, what: str) -> None:
    """Pass over rows of float32."""
    left = 4 * rows * dim
    expect(source, left, what)
    room = np.empty(STEP_BYTES, np.uint8)
    while left:
        took = source.read_into(room[: min(left, len(room))])
        if not took:
            raise cut(source, what)
        left -= took


def read_quantised(source: Source, rows: int, dim: int, what: str, max_expansion: float) -> Vectors:
    """Take a product-quantised matrix (Joulin et al. 2016) and decode it to float32.

    A row is the centroids that its codes name, one of 256 for each run of values, times its norm's
    centroid where the rows were normed.
    """
    has_norms = read_flag(source, what)
    read_shape(source, rows, dim, what)
    check_expansion(source, 4 * rows * dim, what, max_expansion)
    size = int(read_array(source, "<i4", 1, what)[0])
    codes = read_array(source, "u1", max(size, 0), what)
    centroids = _read_centroids(source, dim, what)
    if size != rows * len(centroids):
        raise FormatError(
            source.path,
            source.position,
            f"{what} must have {len(centroids)} codes for each of {rows:,} rows, but has {size:,}",
        )
    vectors: Vectors = np.empty((rows, dim), np.float32)
    _decode(codes.reshape(rows, len(centroids)), centroids, vectors)
    if has_norms:
        norm_codes = read_array(source, "u1", rows, what)
        vectors *= _read_centroids(source, 1, what)[0][norm_codes]
    return vectors


def read_array(source: Source, dtype: str, count: int, what: str) -> np.ndarray:
    """Take `count` numbers."""
    kind = np.dtype(dtype)
    expect(source, count * kind.itemsize, what)
    pieces, left = [np.zeros(0, np.uint8)], count * kind.itemsize
    while left:
        piece = np.empty(min(left, left if source.size is not None else STEP_BYTES), np.uint8)
        if source.read_into(piece) < len(piece):
            raise cut(source, what)
        pieces.append(piece)
        left -= len(piece)
    return np.concatenate(pieces).view(kind)


def check_expansion(source: Source, num_bytes: int, what: str, max_expansion: float) -> None:
    """Raise FormatError where `what` takes too much memory for the size of its file."""
    budget = max(SMALLEST_BUDGET, max_expansion * source.packed_bytes)
    if num_bytes > budget:
        raise FormatError(
            source.path,
            source.position,
            f"{what} expands to {num_bytes:,} bytes, more than {budget:,.0f}; if you trust the file, pass a "
            "larger max_expansion",
        )


def expect(source: Source, length: int, what: str) -> None:
    """Raise FormatError where fewer than `length` bytes are left, if that is known."""
    if source.size is not None and length > source.size - source.position:
        raise cut(source, what)


def cut(source: Source, what: str) -> FormatError:
    """The error for a file that ends too soon."""
    return FormatError(
        source.path,
        source.position,
        f"the file ends inside {what}, or lies about its size; it was cut or damaged: fetch it again",
    )


def _read_centroids(source: Source, dim: int, what: str) -> list[Centroids]:
    """The 256 centroids of each run of values; all runs have one length but the last."""
    start = source.position
    found, runs, width, last = read_array(source, "<i4", 4, what).tolist()
    fits = found == dim and width >= 1 and runs == -(-dim // width) and last == dim - (runs - 1) * width
    if not fits:
        raise FormatError(
            source.path,
            start,
            f"the quantiser of {what} must cut {dim} values into runs, but says {found} values, {runs} runs "
            f"of {width}, the last of {last}; the file is damaged: fetch it again",
        )
    values = read_array(source, "<f4", CENTROIDS * dim, what)
    return [
        values[CENTROIDS * first : CENTROIDS * min(first + width, dim)].reshape(CENTROIDS, -1)
        for first in range(0, dim, width)
    ]


def _decode(codes: UInt8[np.ndarray, "rows runs"], centroids: list[Centroids], vectors: Vectors) -> None:
    first = 0
    for run, choices in enumerate(centroids):
        width = choices.shape[1]
        vectors[:, first : first + width] = choices[codes[:, run]]
        first += width
