"""What a user may give for labelled texts, and how it is recognised."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from rowspace.corpus.compression import decompressed
from rowspace.corpus.labelled.label_lines import LABEL_PREFIX, read_prefixed, read_tabbed
from rowspace.corpus.labelled.label_records import Fields, csv_examples, json_examples, parquet_examples
from rowspace.corpus.labelled.labelled_texts import LabelledTexts
from rowspace.corpus.paths import reading
from rowspace.corpus.text_file import BYTE_ORDER_MARK
from rowspace.corpus.tokenizer import Errors, Tokenizer
from rowspace.errors import CorpusError

PARQUET = b"PAR1"


def open_labelled(
    source: Any,
    *,
    label_field: str = "label",
    text_field: str = "text",
    lowercase: bool = False,
    errors: Errors = "strict",
) -> LabelledTexts:
    r"""Open anything that holds labelled texts.

    Args:
        source: A path, an iterable of (label, text) or (labels, text), or LabelledTexts. A file is known by
            its content, plain or compressed (gz, bz2, xz, zst): Parquet; JSON lines; fastText's lines with
            ``__label__a __label__b text``; CSV, or the same with tabs, with a header that names both
            columns; else lines of ``label<TAB>text``.
        label_field: The field of JSON lines, or the column, that holds the label.
        text_field: That of the text.
        lowercase: Turn all texts to lower case.
        errors: What to do with text that is not UTF-8: raise ("strict"), read U+FFFD ("replace") or keep
            the bytes ("surrogateescape").

    Raises:
        CorpusError: Naming file and line of what is malformed or no UTF-8.
        FileAccessError: The path leads to nothing that can be read.

    >>> path = Path(getfixture("tmp_path")) / "mail"
    >>> _ = path.write_text("__label__spam Win now!\n__label__ham __label__work See you at five\n")
    >>> open_labelled(path).labels
    [('spam',), ('ham', 'work')]
    """
    if isinstance(source, LabelledTexts):
        return source
    tokenizer = Tokenizer(lowercase, errors=errors)
    if not isinstance(source, str | Path):
        if not hasattr(source, "__iter__"):
            raise CorpusError(
                "labelled texts must be a path or an iterable of (label, text), but are "
                f"{type(source).__name__}"
            )
        return LabelledTexts.from_pairs(source, tokenizer=tokenizer)
    return _open_file(Path(source), Fields(label_field, text_field), tokenizer)


def _open_file(path: Path, fields: Fields, tokenizer: Tokenizer) -> LabelledTexts:
    name = str(path)
    with reading(path), path.open("rb") as file, decompressed(file, name) as stream:
        raw = stream.read()
    if raw.startswith(PARQUET):
        return LabelledTexts.from_pairs(parquet_examples(path, fields), tokenizer=tokenizer, name=name)
    raw = _checked(raw.removeprefix(BYTE_ORDER_MARK), name, tokenizer)
    head = raw.lstrip()[:4096]
    if head.startswith(b"{"):
        examples = json_examples(_decoded(raw), fields, name)
        return LabelledTexts.from_pairs(examples, tokenizer=tokenizer, name=name)
    if head.startswith(LABEL_PREFIX):
        return read_prefixed(raw, name, lowercase=tokenizer.lowercase)
    delimiter = _header_delimiter(head, fields)
    if delimiter is not None:
        examples = csv_examples(_decoded(raw), fields, name, delimiter)
        return LabelledTexts.from_pairs(examples, tokenizer=tokenizer, name=name)
    return read_tabbed(raw, name, lowercase=tokenizer.lowercase)


def _checked(raw: bytes, name: str, tokenizer: Tokenizer) -> bytes:
    """The bytes by the policy for broken UTF-8. Raises CorpusError naming the line."""
    if raw.isascii() or tokenizer.errors == "surrogateescape":
        return raw
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        if tokenizer.errors == "replace":
            return raw.decode("utf-8", "replace").encode()
        line = raw.count(b"\n", 0, error.start) + 1
        raise CorpusError(
            f"{name}: line {line}: text must be UTF-8, but byte 0x{raw[error.start]:02x} is not; pass "
            'errors="replace" to read U+FFFD there, or "surrogateescape" to keep the bytes'
        ) from None
    return raw


def _decoded(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _header_delimiter(head: bytes, fields: Fields) -> str | None:
    """What divides the columns of a header that names both fields, or None where there is no such header."""
    line = head.split(b"\n", 1)[0].decode("utf-8", "replace").rstrip("\r")
    for delimiter in ",\t;":
        if {fields.label, fields.text} <= set(next(csv.reader([line], delimiter=delimiter), [])):
            return delimiter
    return None
