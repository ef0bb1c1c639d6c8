"""The Numba parser of text rows against the reference, and both against Python's own float."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rowspace import kernels

PIECES = [b"a", b"1", b"0.5", b" ", b"\t", b"\r", b"\n", b"-", b"e", b".", b"\xff", b"nan"]


def parse(device, text: bytes, dim: int, most_rows: int | None = None):
    data = np.frombuffer(text, np.uint8).copy()
    rows = text.count(b"\n") + 1 if most_rows is None else most_rows
    vectors = np.zeros((rows, dim), np.float32)
    keys, offsets, places = (
        np.zeros(len(text), np.uint8),
        np.zeros(rows + 1, np.int64),
        np.zeros(rows, np.int64),
    )
    found, lines, bad = kernels.load("text_rows", device).parse_rows(
        data, dim, vectors, keys, offsets, places
    )
    ends = offsets[: found + 1]
    names = [keys[a:b].tobytes() for a, b in pairwise(ends)]
    return names, vectors[:found].view(np.uint32).tolist(), places[:found].tolist(), lines, bad


def both(text: bytes, dim: int, most_rows: int | None = None):
    """What both make of the text; and of a longer one, since the fast path keeps off the end of a text."""
    longer = text + b"\n" + (b"pad" + b" 0.5" * dim + b"\n") * 20
    assert parse("cpu", longer, dim) == parse("reference", longer, dim)
    expected = parse("reference", text, dim, most_rows)
    assert parse("cpu", text, dim, most_rows) == expected
    return expected


def as_float32(token: str) -> int:
    with np.errstate(over="ignore"):
        return int(np.float64(float(token)).astype(np.float32).view(np.uint32))


numbers = st.one_of(
    st.floats(width=32).map(lambda value: str(np.float32(value))),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.from_regex(
        r"[+-]?([0-9]{1,25}(\.[0-9]{0,25})?|\.[0-9]{1,25})([eE][+-]?[0-9]{1,3})?", fullmatch=True
    ).filter(str.isascii),
)


@settings(deadline=None, max_examples=400)
@given(st.lists(numbers, min_size=1, max_size=6))
@example(["0.000000000000000000000000000000000000000000000011754943508222875"])
@example(["3.4028235677973366e38", "3.4028235677973367e38", "-1e-400", "1e400", "0e999999999"])
@example(["9007199254740993", "9007199254740992.5", "18446744073709551616", "16777217", "16777219"])
@example(["-0.0", "-0", "+.5", "5.", "00000000000000000000000000000000001.5"])
def test_values_are_those_of_python(tokens):
    names, values, *_ = both(f"key {' '.join(tokens)}\n".encode(), len(tokens))
    assert names == [b"key"]
    assert values == [[as_float32(token) for token in tokens]]


def test_values_halfway_between_two_float32():
    """The doubles nearest to a rounding boundary, where a careless parser rounds the wrong way."""
    rng = np.random.default_rng(0)
    below = rng.integers(0, 0x7F000000, 2000, dtype=np.uint32).view(np.float32).astype(np.float64)
    above = np.nextafter(below.astype(np.float32), np.float32(np.inf)).astype(np.float64)
    middle = (below + above) / 2
    near = np.concatenate([middle, np.nextafter(middle, 0), np.nextafter(middle, np.inf)])
    tokens = [repr(value) for value in near.tolist()] + [f"{value:.30e}" for value in middle.tolist()]
    _, values, *_ = both(" ".join(["key", *tokens]).encode(), len(tokens))
    assert values[0] == [as_float32(token) for token in tokens]


@pytest.mark.parametrize(
    "token", ["0,5", "1_000", "0x1p3", "1e", "1e+", "e5", ".", "+", "-", "--1", "+-1", "1.2.3", "1f", "",
              "\u0661", "in", "infin", "nan(1)", "0.5;", "1e5.0", "½", "NaNs", "1\x002"]
)  # fmt: skip
def test_other_spellings_are_no_row(token):
    *_, lines, bad = both(f"a 1 2\nkey 0.5 {token}\nb 1 2\n".encode(), 2)
    assert (lines, bad) == (1, 6)


@pytest.mark.parametrize(
    "token", ["nan", "NaN", "NAN", "-nan", "inf", "-Inf", "+INF", "infinity", "-Infinity", "nAn"]
)
def test_words_for_what_is_not_finite(token):
    _, values, *_ = both(f"key {token}".encode(), 1)
    value = np.array(values, np.uint32).view(np.float32)[0, 0]
    assert np.isnan(value) if "nan" in token.lower() else value == float(token)


@pytest.mark.parametrize(
    ("line", "key"),
    [
        (b"new york 1 2", b"new york"),
        (b". . . 1 2", b". . ."),
        (b"a  1 2", b"a "),
        (b" 1 2", b""),
        (b"  1 2", b" "),
        (b" a 1 2", b" a"),
        (b"a\tb\t1\t2", b"a\tb"),
        (b"chapter 7 1 2", b"chapter 7"),
        (b"7 1 2", b"7"),
        (b"3.5 1 2", b"3.5"),
        (b"to inf 1 2", b"to inf"),
        (b"a\xc2\x85b 1 2", b"a\xc2\x85b"),
        (b"a\xe2\x80\xa8 1 2", b"a\xe2\x80\xa8"),
        (b"\xff\xfe 1 2", b"\xff\xfe"),
        (b"a\r 1 2", b"a\r"),
        (b"a\0 1 2", b"a\0"),
        (b"key 1   2", b"key"),
        (b"key 1\t 2 \t ", b"key"),
        (b"key 1 2\r", b"key"),
        (b"key 1 2 \r", b"key"),
    ],
)
@pytest.mark.parametrize("end", [b"", b"\n", b"\n\n", b"\r\n \n\t\n"])
def test_keys_are_what_remains_from_the_right(line, key, end):
    names, values, places, _, bad = both(b"x 5 6\n" + line + end, 2)
    assert (names, places, bad) == ([b"x", key], [0, 6], -1)
    assert np.array(values, np.uint32).view(np.float32).tolist() == [[5, 6], [1, 2]]


@pytest.mark.parametrize(
    "line", [b"key 1", b"key", b"1 2", b"key 0.5 1 2", b"key 1e5 1 2", b"a b .5 1 2", b"key 1 x"]
)
def test_rows_of_another_width_stop_the_parser(line):
    *_, lines, bad = both(b"a 5 6\n\n" + line + b"\nb 7 8\n", 2)
    assert (lines, bad) == (2, 7)


def test_a_full_output_stops_the_parser_but_blank_lines_pass():
    assert both(b"a 1\nb 2\n\n \n", 1, most_rows=2)[3:] == (4, -1)
    assert both(b"a 1\nb 2\nc 3\n", 1, most_rows=2)[3:] == (2, 8)


@settings(deadline=None, max_examples=400)
@given(st.lists(st.sampled_from(PIECES), max_size=30), st.integers(1, 3))
def test_any_bytes_give_the_same_on_both(pieces, dim):
    both(b"".join(pieces), dim)
