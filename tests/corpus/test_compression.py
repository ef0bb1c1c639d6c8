"""Compressed files: told by their content, damage named at every cut."""

from __future__ import annotations

import bz2
import gzip
import lzma
import sys
from pathlib import Path

import pytest
import zstandard

from rowspace.corpus import open_corpus
from rowspace.errors import FormatError, MissingExtraError

TEXT = b"the king and the queen " * 20
COMPRESSORS = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstandard.ZstdCompressor().compress,
}


@pytest.mark.parametrize("name", COMPRESSORS)
def test_every_cut_is_an_error(tmp_path: Path, name: str) -> None:
    data = COMPRESSORS[name](TEXT)
    for length in range(12, len(data)):
        (tmp_path / "cut").write_bytes(data[:length])
        with pytest.raises(FormatError, match=r"cut: byte .*damaged or cut off"):
            open_corpus(tmp_path / "cut").scan()


@pytest.mark.parametrize("name", COMPRESSORS)
def test_every_flipped_byte_is_an_error_or_other_text(tmp_path: Path, name: str) -> None:
    data = bytearray(COMPRESSORS[name](TEXT))
    for place in range(len(data)):
        data[place] ^= 0xA5
        (tmp_path / "flipped").write_bytes(data)
        data[place] ^= 0xA5
        try:
            open_corpus(tmp_path / "flipped", errors="replace").scan().close()
        except FormatError as error:
            assert "get the file again" in str(error)


def test_a_text_may_begin_like_bzip2(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("BZh9 is how bzip2 files begin")
    assert next(iter(open_corpus(tmp_path / "t.txt")))[0] == "BZh9"


def test_a_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "t").write_bytes(COMPRESSORS["zst"](TEXT))
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(MissingExtraError, match=r"rowspace\[zstd\]"):
        open_corpus(tmp_path / "t").scan()
