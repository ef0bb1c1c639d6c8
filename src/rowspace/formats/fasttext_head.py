"""The head of fastText's binary files, up to the dictionary's entries; floret's differ by two numbers.

Little-endian, unpadded: magic, version; the arguments as int32 and one float64; then int32 entries, words
and labels, int64 tokens, and int64 the length of the prune index (-1: not pruned). The files of 2016 have
neither magic nor version nor prune index. floret kept fastText's magic and version but put ``mode`` and
``hashCount`` before ``lrUpdateRate``; what tells them apart is that entries are words and labels together.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass

from rowspace.errors import FormatError
from rowspace.formats.header import MOST_VALUES
from rowspace.formats.sources import Source

MAGIC = 793712314
VERSION = 12
NO_CHARACTER_NGRAMS = 11  # the last version whose supervised models had none, whatever maxn says
FASTTEXT_MODE, FLORET_MODE = 1, 2
NEGATIVE_SAMPLING = 2
CBOW, SKIPGRAM, SUPERVISED = 1, 2, 3

FASTTEXT_ARGS = (
    "dim", "ws", "epoch", "minCount", "neg", "wordNgrams", "loss", "model", "bucket", "minn", "maxn",
    "lrUpdateRate", "t",
)  # fmt: skip
FLORET_ARGS = (*FASTTEXT_ARGS[:11], "mode", "hashCount", *FASTTEXT_ARGS[11:])
HEAD_BYTES = 128


@dataclass(frozen=True)
class Head:
    """What a file says of itself before its words."""

    version: int  # 0 for files older than the magic
    args: Mapping[str, int | float]
    num_words: int
    num_labels: int
    num_tokens: int
    num_pruned: int  # entries of the prune index, -1 where nothing was pruned
    length: int  # bytes of all this

    @property
    def dim(self) -> int:
        """The number of values in a row."""
        return int(self.args["dim"])

    @property
    def is_floret(self) -> bool:
        """Whether words and n-grams share their rows."""
        return self.args.get("mode") == FLORET_MODE

    @property
    def max_n(self) -> int:
        """The longest n-gram of a word, 0 where words have none."""
        without = self.version == NO_CHARACTER_NGRAMS and self.args["model"] == SUPERVISED
        return 0 if without else int(self.args["maxn"])


def find_head(source: Source) -> Head | None:
    """The head at the front of a source, or None where it has none; nothing is taken."""
    data = source.head(HEAD_BYTES)
    if has_magic(data):
        version = int.from_bytes(data[4:8], "little", signed=True)
        return _parsed(data, 8, FASTTEXT_ARGS, version) or _parsed(data, 8, FLORET_ARGS, version)
    return _parsed(data, 0, FASTTEXT_ARGS, 0)


def has_magic(data: bytes) -> bool:
    """Whether bytes begin as fastText's files do since 2017, and floret's."""
    return data[:4] == struct.pack("<i", MAGIC)


def read_head(source: Source) -> Head:
    """Take the head; FormatError where there is none, or one that contradicts itself."""
    head = find_head(source)
    if head is None:
        raise FormatError(
            source.path,
            0,
            "the file must begin with fastText's arguments and as many entries as words and labels, but "
            "does not: it was cut or damaged; fetch it again",
        )
    if head.version > VERSION or head.version < 0:
        raise FormatError(
            source.path, 4, f"fastText's files are read up to version {VERSION}, but this has {head.version}"
        )
    source.skip(head.length)
    return head


def write_head(args: Mapping[str, int | float], *, num_words: int, num_tokens: int) -> bytes:
    """The head of a file that is not pruned and has no labels; floret's if `args` have its mode."""
    names = FLORET_ARGS if "mode" in args else FASTTEXT_ARGS
    ints = [int(args[name]) for name in names[:-1]]
    return struct.pack(
        f"<2i{len(ints)}id3iqq", MAGIC, VERSION, *ints, args["t"], num_words, num_words, 0, num_tokens, -1
    )


def _parsed(data: bytes, start: int, names: tuple[str, ...], version: int) -> Head | None:
    """The head at `start` if it is whole and its numbers agree with each other."""
    form = f"<{len(names) - 1}id3iq" + ("q" if version else "")
    end = start + struct.calcsize(form)
    if len(data) < end:
        return None
    numbers = struct.unpack(form, data[start:end])
    args = dict(zip(names, numbers, strict=False))
    entries, words, labels, tokens = numbers[len(names) : len(names) + 4]
    pruned = numbers[-1] if version else -1
    agrees = entries == words + labels and min(words, labels, tokens) >= 0 and pruned >= -1
    known = args["model"] in (CBOW, SKIPGRAM, SUPERVISED) and 1 <= args["loss"] <= 4
    floret = args.get("mode", FASTTEXT_MODE) in (FASTTEXT_MODE, FLORET_MODE)
    if not (agrees and known and floret and 1 <= args["dim"] <= MOST_VALUES and args["bucket"] >= 0):
        return None
    return Head(version, args, words, labels, tokens, pruned, end)
