"""The first line of word2vec's forms: the number of rows and the dim, in decimal."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rowspace.errors import FormatError
from rowspace.formats.sources import Source

LONGEST = 128  # bytes
HEADER = re.compile(rb"(?:\xef\xbb\xbf)?[ \t]*([+-]?[0-9]+)[ \t]+([+-]?[0-9]+)[ \t]*(?:\r?\n|\r?\Z)")
MOST_ROWS = 2**31 - 1  # row ids are int32 in an encoded corpus and in the hash index
MOST_VALUES = 1 << 24  # in a row


@dataclass(frozen=True)
class Header:
    """What a first line promises."""

    rows: int
    dim: int
    length: int  # bytes of the line, its newline included


def find_header(source: Source) -> Header | None:
    """The header at the front of a source, if its first line is two whole numbers; nothing is taken.

    Raises FormatError for numbers that no table can have. Rows are not compared with the file here.
    """
    head = source.head(LONGEST)
    match = HEADER.match(head)
    if match is None or (match.end() == LONGEST and not match[0].endswith(b"\n")):
        return None
    rows, dim = (_bounded(number) for number in match.groups())
    if not rows >= 0 or not 1 <= dim <= MOST_VALUES:
        raise FormatError(
            source.path,
            0,
            f"the header promises {match[1].decode()} rows of {match[2].decode()} values, but rows "
            f"must be 0 or more and values 1 to {MOST_VALUES:,}; mend the first line",
        )
    return Header(rows, dim, match.end())


def check_dim(source: Source, dim: int, wanted: int | None) -> None:
    """Raise FormatError where the caller wants another dim than the header promises."""
    if wanted is not None and wanted != dim:
        raise FormatError(
            source.path,
            0,
            f"the header promises {dim} values a row, but dim={wanted} is asked for; leave dim out",
        )


def lying_rows(source: Source, promised: int, found: int, offset: int) -> FormatError:
    """The error for a header whose number of rows is not that of the file."""
    return FormatError(
        source.path,
        offset,
        f"the header promises {promised:,} rows, but the file holds {found:,}; "
        'it was cut, or the header lies: fetch it again, or pass header="ignore" to read what is there',
    )


def _bounded(number: bytes) -> int:
    """The value; numbers of absurd length stay absurd but become cheap."""
    return int(number[:25])
