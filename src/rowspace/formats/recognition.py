"""Which format a file has, by its content: names lie, and many files have none worth trusting."""

from __future__ import annotations

import os

from rowspace.errors import FormatError
from rowspace.formats import fasttext_head, floret_text, glove_text
from rowspace.formats.header import Header, find_header
from rowspace.formats.options import Format
from rowspace.formats.sources import Source, open_source
from rowspace.kernels.reference.text_rows import count_numbers, parse_line

# What people also carry; named in the error, so that they know the file is not at fault.
FOREIGN = {
    b"FiFu": "a finalfusion file; export it as word2vec text",
    b"\x80\x02": "a pickle, such as gensim's .model or .kv; save it with save_word2vec_format",
    b"\x80\x03": "a pickle, such as gensim's .model or .kv; save it with save_word2vec_format",
    b"\x80\x04": "a pickle, such as gensim's .model or .kv; save it with save_word2vec_format",
    b"\x80\x05": "a pickle, such as gensim's .model or .kv; save it with save_word2vec_format",
    b"\x93NUMPY": "a NumPy array without keys; use Table.from_arrays",
    b"PAR1": "a Parquet file",
    b"SQLite format 3": "an SQLite file, perhaps of magnitude",
}
FIRST_ROW_BYTES = 2 << 20
VALUE_BYTES = frozenset(b"0123456789+-.eE \t\r")


def sniff(path: str | os.PathLike[str]) -> Format:
    r"""The name of a file's format, plain or compressed: one of rowspace.formats.FORMATS.

    Raises FormatError for a file of no known format, FileAccessError for a path that cannot be read.

    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "vectors"
    >>> _ = path.write_text("2 3\nking 0.1 0.2 0.3\nqueen 1 2 3\n")
    >>> sniff(path)
    'word2vec-text'
    """
    with open_source(path) as source:
        return recognise(source)


def recognise(source: Source) -> Format:
    """The format of an open source; nothing is taken from it."""
    head = source.head(64)
    if not head:
        raise FormatError(source.path, 0, "the file is empty; write or fetch it again")
    if head[8:9] == b"{" and int.from_bytes(head[:8], "little") < 1 << 32:
        return "rows"
    model = fasttext_head.find_head(source)
    if model or fasttext_head.has_magic(head):
        return "floret-binary" if model and model.is_floret else "fasttext"
    if floret_text.find_header(source):
        return "floret-text"
    header = find_header(source)
    if header:
        return "word2vec-text" if _is_text(source, header) else "word2vec-binary"
    if glove_text.infer_dim(source):
        return "glove-text"
    for magic, name in FOREIGN.items():
        if head.startswith(magic):
            raise FormatError(source.path, 0, f"this is {name}")
    raise FormatError(
        source.path,
        0,
        f"no known format begins with {head[:24]!r}; known are .rows, word2vec text and binary, GloVe text, "
        "fastText and floret; if you know better, pass format=",
    )


def _is_text(source: Source, header: Header) -> bool:
    """Whether the first row after the header is one of text: by parsing, else by the look of its values."""
    if header.rows == 0:
        return True
    row = source.head(header.length + FIRST_ROW_BYTES)[header.length :]
    line = row.split(b"\n", 1)[0]
    if parse_line(line, header.dim) is not None:
        return True
    values = line.partition(b" ")[2] if count_numbers(line) else row.partition(b" ")[2][: 4 * header.dim]
    printable = all(32 <= byte < 127 or byte in b"\t\r\n" for byte in values)
    return printable and sum(byte in VALUE_BYTES for byte in values) > len(values) / 2
