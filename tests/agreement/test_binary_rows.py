"""The Numba kernels of word2vec's binary rows against the reference."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rowspace import kernels
from rowspace.arrays import PackedKeys


def parse(device, data: bytes, dim: int, most_rows: int):
    vectors = np.zeros((most_rows, dim), np.float32)
    keys, offsets, places = (
        np.zeros(len(data), np.uint8),
        np.zeros(most_rows + 1, np.int64),
        np.zeros(most_rows, np.int64),
    )
    kernel = kernels.load("binary_rows", device)
    rows, used = kernel.parse_rows(np.frombuffer(data, np.uint8).copy(), vectors, keys, offsets, places)
    names = PackedKeys(keys[: offsets[rows]], offsets[: rows + 1])
    return (
        [names.bytes_at(row) for row in range(rows)],
        vectors[:rows].tobytes(),
        places[:rows].tolist(),
        used,
    )


records = st.tuples(
    st.binary(max_size=5), st.binary(min_size=8, max_size=8), st.sampled_from([b"", b"\n", b"\n\n"])
)


@settings(deadline=None, max_examples=200)
@given(st.lists(records), st.binary(max_size=12), st.integers(0, 5))
def test_both_parse_the_same(rows, rest, most_rows):
    data = b"".join(key + b" " + values + end for key, values, end in rows) + rest
    assert parse("cpu", data, 2, most_rows) == parse("reference", data, 2, most_rows)


def test_rows_with_and_without_newlines():
    one = np.float32([1, 2]).tobytes()
    names, values, places, used = parse("cpu", b"a " + one + b"bc " + one + b"\n\nd " + one + b"\n", 2, 9)
    assert names == [b"a", b"bc", b"d"]
    assert values == one * 3
    assert places == [0, 10, 23]
    assert used == 33  # the last newline may belong to the next row


def test_both_format_the_same():
    keys = PackedKeys.from_strings(["", "king", "naïve"])
    vectors = np.random.default_rng(0).standard_normal((3, 5)).astype(np.float32)
    written = []
    for device in ("reference", "cpu"):
        out = np.zeros(len(keys.data) + vectors.nbytes + 2 * 3, np.uint8)
        kernel = kernels.load("binary_rows", device)
        assert kernel.format_rows(vectors, np.array(keys.data), keys.offsets, out) == len(out)
        written.append(out.tobytes())
    assert written[0] == written[1]
    assert written[0].startswith(b" " + vectors[0].tobytes() + b"\nking ")
