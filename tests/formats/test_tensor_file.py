"""The container: strict where the format is, and readable by every safetensors reader."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from rowspace.errors import FileAccessError, FormatError
from rowspace.formats.tensor_file import build_head, map_tensors, parse, write_tensors

TENSORS = {
    "ids": np.arange(3),
    "rows": np.arange(6, dtype=np.float32).reshape(3, 2),
    "none": np.zeros((0, 4), np.float32),
}
PATH = Path("some.rows")


def raw(header: object, data: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def entry(dtype="U8", shape=(4,), offsets=(0, 4)) -> dict:
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}


def test_any_safetensors_reader_opens_what_we_write(tmp_path):
    path = tmp_path / "file"
    with path.open("wb") as file:
        write_tensors(file, TENSORS, {"made": "by us"}, aligned="rows")
    loaded = load_file(path)
    assert loaded.keys() == TENSORS.keys()
    for name, array in TENSORS.items():
        np.testing.assert_array_equal(loaded[name], array)
        assert loaded[name].dtype == array.dtype
    with safe_open(path, "numpy") as opened:
        assert opened.metadata()["made"] == "by us"


def test_we_open_what_the_safetensors_library_writes(tmp_path):
    path = tmp_path / "file"
    save_file(TENSORS, path, {"made": "by them"})
    found = map_tensors(path)
    assert found.metadata == {"made": "by them"}
    for name, array in TENSORS.items():
        np.testing.assert_array_equal(found.tensors[name], array)


def test_the_chosen_tensor_is_aligned_and_all_are_read_only(tmp_path):
    path = tmp_path / "file"
    for count in range(1, 20):
        tensors = {"first": np.arange(count), "rows": np.ones(count, np.float32)}
        with path.open("wb") as file:
            write_tensors(file, tensors, {"text": "x" * count}, aligned="rows")
        found = map_tensors(path).tensors
        assert found["rows"].ctypes.data % 64 == 0
        assert not found["rows"].flags.writeable


def test_checksums_name_what_was_damaged(tmp_path):
    path = tmp_path / "file"
    with path.open("wb") as file:
        write_tensors(file, TENSORS, {"made": "by us"}, aligned="rows")
    whole = path.read_bytes()
    assert all(parse(PATH, whole).check().values())
    start = len(build_head(TENSORS, {"made": "by us"}, aligned="rows"))
    for place, failed in ((start, "ids"), (start + 24, "rows"), (whole.index(b"by us"), "header")):
        damaged = bytearray(whole)
        damaged[place] ^= 1
        sound = parse(PATH, bytes(damaged)).check()
        assert [name for name in sound if not sound[name]] == [failed]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0",
        bytes(8),
        raw({}, b"x"),
        raw({})[:-1],
        (1 << 63).to_bytes(8, "little") + b"{}",
        raw(b"[]"),
        raw(b"{"),
        raw(b'{"a": \xff}'),
        raw(b"[" * 100_000),
        raw(b'{"a":' * 100_000),
        raw({"__metadata__": {"a": 1}}),
        raw({"__metadata__": []}),
        raw({"a": []}, b"1234"),
        raw({"a": {}}, b"1234"),
        raw({"a": entry(offsets=(0, 4, 8))}, b"1234"),
        raw({"a": entry(offsets=(4, 0))}, b"1234"),
        raw({"a": entry(offsets=(0, 3))}, b"1234"),
        raw({"a": entry(offsets=(0, 4))}, b"123"),
        raw({"a": entry(offsets=(0, 4))}, b"12345"),
        raw({"a": entry(offsets=(1, 5))}, b"12345"),
        raw({"a": entry(offsets=(-4, 0))}, b""),
        raw({"a": entry(offsets=(0, 4.0))}, b"1234"),
        raw({"a": entry(shape=(-4,))}, b"1234"),
        raw({"a": entry(shape=(True, 4))}, b"1234"),
        raw({"a": entry(shape=("4",))}, b"1234"),
        raw({"a": entry(dtype=["U8"])}, b"1234"),
        raw({"a": entry(shape=(2**62, 2**62, 4))}, b"1234"),
        raw({"a": entry(shape=(0, 2**70), offsets=(0, 0))}, b""),
        raw({"a": entry(shape=(0,) * 100, offsets=(0, 0))}, b""),
        raw({"a": entry(), "b": entry(offsets=(2, 6))}, b"123456"),
        raw({"a": entry(), "b": entry(offsets=(5, 9))}, b"123456789"),
        raw(b'{"a":%s,"a":%s}' % ((json.dumps(entry()).encode(),) * 2), b"1234"),
        raw(b'{"a":{"dtype":"U8","shape":[%s],"data_offsets":[0,4]}}' % (b"9" * 5000), b"1234"),
    ],
)  # fmt: skip
def test_headers_that_do_not_account_for_the_file(data):
    with pytest.raises(FormatError) as caught:
        parse(PATH, data)
    assert 0 <= caught.value.offset <= max(len(data), 8)


def test_unknown_dtypes_are_passed_over():
    found = parse(PATH, raw({"a": entry("BF16", (2,)), "b": entry("U8", (2,), (4, 6))}, b"123456"))
    assert list(found.tensors) == ["b"]
    assert found.tensors["b"].tobytes() == b"56"


def test_odd_alignment_is_no_harm():
    found = parse(
        PATH, raw({"a": entry("U8", (1,), (0, 1)), "b": entry("F32", (1,), (1, 5))}, b"\0\0\0\x80\x3f")
    )
    assert found.tensors["b"].flags.aligned
    assert found.tensors["b"][0] == 1


def test_a_missing_file(tmp_path):
    with pytest.raises(FileAccessError, match="none"):
        map_tensors(tmp_path / "none")
