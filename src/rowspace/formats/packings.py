"""What a file is packed in, recognised by content, and a stream of the plain bytes inside.

Gzip, bzip2, xz, Zstandard, and the only file of a zip or tar. Nothing is ever unpacked to disk; names
inside archives are only checked, never used as paths.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import Any

from rowspace.corpus.zstandard_stream import ZstandardStream
from rowspace.errors import FormatError

# Whatever the unpackers raise for damaged input; zipfile uses RuntimeError for encrypted members.
DAMAGE = (EOFError, OSError, RuntimeError, ValueError, zlib.error, lzma.LZMAError, zipfile.BadZipFile,
          tarfile.TarError)  # fmt: skip
MAGIC_BYTES = 512
DRAINED = 1 << 16
MAGICS = (
    (0, b"\x1f\x8b\x08", "gzip"),
    (4, b"1AY&SY", "bzip2"),  # a block; "BZh" alone might begin a text
    (4, b"\x17rE8P\x90", "bzip2"),  # no block at all
    (0, b"\xfd7zXZ\x00", "xz"),
    (0, b"\x28\xb5\x2f\xfd", "zstandard"),
    (0, b"PK\x03\x04", "zip"),
    (0, b"PK\x05\x06", "zip"),  # one without members
    (257, b"ustar", "tar"),
)


def find_packing(head: bytes) -> str | None:
    """The name of the packing that a file's first MAGIC_BYTES show, or None for plain bytes."""
    for place, magic, packing in MAGICS:
        if head.startswith(magic, place):
            return packing
    return None


def unpack(path: Path, file: Any, packing: str) -> io.BufferedIOBase | io.RawIOBase:
    """A stream of the plain bytes of `file`; FormatError for an archive of none or several files."""
    if packing == "zip":
        return _open_zip(path, file)
    if packing == "tar":
        return _TarMember(path, file)
    if packing == "zstandard":
        return ZstandardStream(file)
    openers: dict[str, Any] = {"gzip": gzip.GzipFile, "bzip2": bz2.BZ2File, "xz": lzma.LZMAFile}
    opener = openers[packing]
    stream: io.BufferedIOBase = opener(fileobj=file) if packing == "gzip" else opener(file)
    return stream


def check_member(path: Path, name: str) -> None:
    """Refuse an archive whose member would leave the folder it is unpacked to: it means no good."""
    pure = PurePosixPath(name.replace("\\", "/"))
    if pure.is_absolute() or ".." in pure.parts or name[1:2] == ":":
        raise FormatError(
            path, 0, f"the archive's member {name!r} points outside its folder; do not trust this file"
        )


def _several(path: Path, names: list[str]) -> FormatError:
    found = ", ".join(map(repr, names[:5])) if names else "none"
    return FormatError(path, 0, f"an archive must hold exactly one file, but holds {found}; unpack it first")


def _open_zip(path: Path, file: Any) -> io.BufferedIOBase:
    archive = zipfile.ZipFile(file)
    members = [member for member in archive.infolist() if not member.is_dir()]
    for member in members:
        check_member(path, member.filename)
    if len(members) != 1:
        raise _several(path, [member.filename for member in members])
    stream: Any = archive.open(members[0])
    return stream  # type: ignore[no-any-return]


class _TarMember(io.RawIOBase):
    """The only file of a tar, read once through; that it is the only one shows at its end."""

    def __init__(self, path: Path, file: Any) -> None:
        self._path, self._file = path, file
        self._archive = tarfile.open(fileobj=file, mode="r|")  # noqa: SIM115  # lives as long as we do
        member = self._next_file()
        if member is None:
            raise _several(path, [])
        self._member = member
        stream = self._archive.extractfile(member)
        assert stream is not None  # an ordinary file always has one
        self._stream = stream
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        count = 0 if self._ended else int(self._stream.readinto(buffer))  # type: ignore[attr-defined]
        if count == 0 and not self._ended:
            self._ended = True  # past its end a member of a stream cannot be read again
            if other := self._next_file():
                raise _several(self._path, [self._member.name, other.name])
            while self._file.read(DRAINED):  # to the end of an outer packing, where its checksum is
                pass
        return count

    def _next_file(self) -> tarfile.TarInfo | None:
        while member := self._archive.next():
            check_member(self._path, member.name)
            if member.isfile():
                return member
            if not member.isdir():
                raise FormatError(self._path, 0, f"the archive's member {member.name!r} is a link or device")
        return None
