"""Files of embedding tables: the native .rows, word2vec text and binary, GloVe text.

`read` and `write` are for any format, `open` maps a .rows file, `sniff` and `inspect` look. A format is a
module with `read` and `write`.
"""

from rowspace.formats.atomic import atomic_write, check_writable
from rowspace.formats.facts import FileFacts, inspect
from rowspace.formats.native import open
from rowspace.formats.options import DroppedRowsWarning, Duplicates, Format, Header, KeyErrors, NonFinite
from rowspace.formats.reading import read
from rowspace.formats.recognition import sniff
from rowspace.formats.writing import write

__all__ = [
    "DroppedRowsWarning",
    "Duplicates",
    "FileFacts",
    "Format",
    "Header",
    "KeyErrors",
    "NonFinite",
    "atomic_write",
    "check_writable",
    "inspect",
    "open",
    "read",
    "sniff",
    "write",
]
