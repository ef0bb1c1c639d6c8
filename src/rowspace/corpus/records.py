"""Documents out of records: a field of JSON lines, a column of Parquet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rowspace.corpus.compression import decompressed
from rowspace.corpus.paths import reading, shorten
from rowspace.corpus.text_file import BYTE_ORDER_MARK, LONGEST_PIECE
from rowspace.corpus.tokenizer import Tokenizer
from rowspace.errors import CorpusError, FormatError, MissingExtraError


@dataclass(frozen=True)
class JsonLines:
    """The string `field` of each JSON object, one object a line; null counts as an empty document."""

    path: Path
    field: str
    tokenizer: Tokenizer

    def __call__(self) -> Iterator[str]:
        """Read the file from its start. Raises CorpusError with the line for what is no such record."""
        offset = 0
        with (
            reading(self.path),
            self.path.open("rb") as file,
            decompressed(file, str(self.path)) as stream,
        ):
            for number, line in enumerate(iter(lambda: stream.readline(LONGEST_PIECE), b""), 1):
                if len(line) == LONGEST_PIECE:
                    raise CorpusError(
                        f"{self.path}: line {number}: longer than {LONGEST_PIECE} bytes; "
                        "JSON lines hold one object a line"
                    )
                text = line.removeprefix(BYTE_ORDER_MARK) if offset == 0 else line
                if text.strip():
                    yield self._document(self.tokenizer.decode(text, str(self.path), offset), number)
                offset += len(line)

    def _document(self, line: str, number: int) -> str:
        place = f"{self.path}: line {number}"
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise CorpusError(f"{place}: must be a JSON object, but {error}: {shorten(line)!r}") from None
        if not isinstance(record, dict) or self.field not in record:
            held = ", ".join(map(repr, record)) if isinstance(record, dict) else type(record).__name__
            raise CorpusError(
                f"{place}: must be a JSON object with the field {self.field!r}, but holds {shorten(held)}; "
                "choose with field="
            )
        return _as_text(record[self.field], f"{place}: field {self.field!r}")


@dataclass(frozen=True)
class ParquetColumn:
    """The string column `field` of a Parquet file; null counts as an empty document."""

    path: Path
    field: str
    tokenizer: Tokenizer

    def __call__(self) -> Iterator[str]:
        """Read the column from its start, a batch of rows at a time. Needs the extra `arrow`."""
        try:
            import pyarrow as pa  # noqa: PLC0415
            import pyarrow.parquet as pq  # noqa: PLC0415
        except ImportError:
            raise MissingExtraError(
                "reading Parquet needs the package pyarrow; pip install 'rowspace[arrow]'"
            ) from None
        with reading(self.path):
            file = self.path.open("rb")
        row = 0
        with file:
            try:
                table = pq.ParquetFile(file)
                column = self._find(table.schema_arrow, pa)
                for batch in table.iter_batches(batch_size=4096, columns=[column]):
                    values = batch.column(0)
                    values.validate()
                    # As bytes, so that broken UTF-8 meets our own policy.
                    for text in values.cast(pa.large_binary()).to_pylist():
                        yield self.tokenizer.decode(text or b"", f"{self.path}: row {row}", 0)
                        row += 1
            except (pa.ArrowException, OSError) as error:
                reason = f"the Parquet file is damaged ({error}); get it again"
                raise FormatError(self.path, 0, reason) from error

    def _find(self, schema: Any, pa: Any) -> str:
        if self.field not in schema.names:
            raise CorpusError(
                f"{self.path}: must have the column {self.field!r}, but has "
                f"{shorten(', '.join(schema.names))}; choose with field="
            )
        kind = schema.field(self.field).type
        if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
            raise CorpusError(f"{self.path}: column {self.field!r} must hold strings, but holds {kind}")
        return self.field


def _as_text(value: object, place: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise CorpusError(f"{place}: must be a string, but is {type(value).__name__}: {value!r:.60}")
    return value
