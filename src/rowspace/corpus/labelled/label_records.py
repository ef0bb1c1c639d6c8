"""Records that hold a label and a text in named fields: CSV, JSON lines and Parquet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rowspace.corpus.paths import shorten
from rowspace.errors import CorpusError, FormatError, MissingExtraError

Example = tuple[str | list[str], str]


@dataclass(frozen=True)
class Fields:
    """The names of the fields, or columns."""

    label: str = "label"
    text: str = "text"


def csv_examples(text: str, fields: Fields, name: str, delimiter: str) -> Iterator[Example]:
    """The examples of a table with a header. Raises CorpusError with the line for a row that is too short."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = next(reader)
        label, place = header.index(fields.label), header.index(fields.text)
        for row in reader:
            if not row:
                continue
            if len(row) != len(header):
                raise CorpusError(
                    f"{name}: line {reader.line_num} must have {len(header)} columns as the header, but has "
                    f"{len(row)}; put a text with separators in quotes"
                )
            yield row[label], row[place]
    except csv.Error as error:
        raise CorpusError(f"{name}: line {reader.line_num}: no CSV that can be read: {error}") from None


def json_examples(text: str, fields: Fields, name: str) -> Iterator[Example]:
    """The examples of JSON lines; a label may be a list of labels, a number or a truth value."""
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        place = f"{name}: line {number}"
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise CorpusError(f"{place}: must be a JSON object, but {error}: {shorten(line)!r}") from None
        if not isinstance(record, dict) or not {fields.label, fields.text} <= record.keys():
            held = ", ".join(map(repr, record)) if isinstance(record, dict) else type(record).__name__
            raise CorpusError(
                f"{place}: must be a JSON object with {fields.label!r} and {fields.text!r}, but holds "
                f"{shorten(held)}; name the fields that it has"
            )
        yield _example(record[fields.label], record[fields.text], place)


def parquet_examples(path: Path, fields: Fields) -> Iterator[Example]:
    """The examples of a Parquet file, a batch of rows at a time. Needs the extra `arrow`."""
    try:
        import pyarrow as pa  # noqa: PLC0415
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ImportError:
        raise MissingExtraError(
            "reading Parquet needs the package pyarrow; pip install 'rowspace[arrow]'"
        ) from None
    row = 0
    try:
        with path.open("rb") as file:
            table = pq.ParquetFile(file)
            names = table.schema_arrow.names
            if not {fields.label, fields.text} <= set(names):
                raise CorpusError(
                    f"{path}: must have the columns {fields.label!r} and {fields.text!r}, but has "
                    f"{shorten(', '.join(names))}; name the columns that it has"
                )
            for batch in table.iter_batches(batch_size=4096, columns=[fields.label, fields.text]):
                columns = (batch.column(name).to_pylist() for name in (fields.label, fields.text))
                for label, text in zip(*columns, strict=True):
                    yield _example(label, text, f"{path}: row {row}")
                    row += 1
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise FormatError(path, 0, f"the Parquet file is damaged ({error}); get it again") from error


def _example(label: Any, text: Any, place: str) -> Example:
    labels = (
        [_as_label(part, place) for part in label] if isinstance(label, list) else _as_label(label, place)
    )
    if text is not None and not isinstance(text, str):
        raise CorpusError(f"{place}: the text must be a string, but is {type(text).__name__}: {text!r:.60}")
    return labels, text or ""


def _as_label(value: Any, place: str) -> str:
    if isinstance(value, bool | int | str):
        return str(value)
    raise CorpusError(f"{place}: a label must be a string or a number, but is {value!r:.60}")
