"""Packed files: archives that mean harm, damage, bombs."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import sys
import tarfile
import zipfile

import pytest
import zstandard

from rowspace import formats
from rowspace.errors import FormatError, MissingExtraError
from rowspace.formats import sources, text
from rowspace.formats.packings import find_packing

ROWS = b"king 0.5 1.5\nqueen 2.5 3.5\n"
PACK = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zst": zstandard.compress}


def zipped(*names: str, data: bytes = ROWS) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, data)
    return buffer.getvalue()


def tarred(*members: tarfile.TarInfo, data: bytes = ROWS) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for member in members:
            member.size = len(data) if member.isfile() else 0
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def member(name: str, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.type, found.linkname = kind, "target"
    return found


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", "..\\evil", "C:\\evil"])
def test_members_that_point_outside(tmp_path, name):
    path = tmp_path / "archive"
    for data in (zipped(name), tarred(member(name)), gzip.compress(tarred(member(name)))):
        path.write_bytes(data)
        with pytest.raises(FormatError, match="outside its folder"):
            formats.read(path)


def test_archives_of_none_or_several_files(tmp_path):
    path = tmp_path / "archive"
    for data in (
        zipped(),
        zipped("a", "b"),
        tarred(member("a"), member("b")),
        tarred(member("a", tarfile.DIRTYPE)),
    ):
        path.write_bytes(data)
        with pytest.raises(FormatError, match="exactly one file"):
            formats.read(path)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_links_and_devices(tmp_path, kind):
    path = tmp_path / "archive"
    path.write_bytes(tarred(member("a", kind)))
    with pytest.raises(FormatError, match="link or device"):
        formats.read(path)


@pytest.mark.parametrize("packing", [*PACK, "zip", "tar.gz"])
def test_cut_at_every_byte_is_noticed(tmp_path, packing):
    data = ROWS * 20 if packing == "zip" else ROWS
    whole = {"zip": lambda: zipped("a"), "tar.gz": lambda: gzip.compress(tarred(member("a")))}.get(
        packing, lambda: PACK[packing](data)
    )()
    path = tmp_path / "packed"
    for length in range(1, len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(FormatError):
            formats.read(path)


@pytest.mark.parametrize("packing", PACK)
def test_flipped_bits_give_an_error_or_a_table(tmp_path, packing):
    text = "".join(f"k{row} {random.Random(row).random()} 1.5\n" for row in range(30)).encode()
    whole = PACK[packing](text)
    path = tmp_path / "packed"
    for place in range(0, 8 * len(whole), 13):
        damaged = bytearray(whole)
        damaged[place // 8] ^= 1 << place % 8
        path.write_bytes(damaged)
        try:
            formats.read(path)
        except FormatError as error:
            assert str(path) in str(error)


@pytest.mark.parametrize("packing", PACK)
def test_several_frames_are_one_text(tmp_path, packing):
    path = tmp_path / "packed"
    path.write_bytes(PACK[packing](b"a 1.5\nb 2") + PACK[packing](b".5\n"))
    assert formats.read(path).vectors.tolist() == [[1.5], [2.5]]


def test_a_bomb_ends_in_an_error_and_a_trusted_one_does_not(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "SMALLEST_BUDGET", 1 << 20)
    monkeypatch.setattr(text, "BLOCK_BYTES", 1 << 16)
    path = tmp_path / "bomb"
    plain = b"".join(b"key%d 0.0 0.0\n" % row for row in range(20)) + b" " * (3 << 20)
    path.write_bytes(gzip.compress(plain, 9))
    with pytest.raises(FormatError, match=r"expand to more than 1,048,576.*max_expansion"):
        formats.read(path)
    assert formats.read(path, max_expansion=1e6).shape == (20, 2)


def test_zstandard_without_its_extra(tmp_path, monkeypatch):
    path = tmp_path / "packed"
    path.write_bytes(zstandard.compress(ROWS))
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'rowspace\[zstd\]'"):
        formats.read(path)


def test_plain_text_is_not_taken_for_a_packing():
    for plain in (b"BZh 0.5 0.5\n", b"PK 0.5\n", b"", b"\x1f", b"ustar 0.5\n"):
        assert find_packing(plain) is None
