"""What a file holds, without reading its rows."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rowspace.formats import fasttext_head, floret_text, glove_text, native, vocabularies
from rowspace.formats.header import find_header
from rowspace.formats.options import Format
from rowspace.formats.recognition import recognise
from rowspace.formats.sources import Source, open_source
from rowspace.formats.tensor_file import TensorFile, map_tensors, parse


@dataclass(frozen=True)
class FileFacts:
    """What `rowspace info` shows of a file. Only .rows files have the fields from `has_context` on."""

    path: Path
    format: Format
    packing: str | None  # gzip, zip and the like
    size_bytes: int  # on disk
    num_rows: int | None  # None where no header tells; a foreign header is not checked here
    dim: int
    vocabulary: str = "words"  # or the kind of subwords: ngrams, floret, pieces
    num_keys: int | None = None  # fewer than rows where subwords have rows of their own
    parameters: Mapping[str, Any] = field(default_factory=dict)  # of the subwords
    has_counts: bool = False
    has_context: bool = False
    state: tuple[str, ...] = ()  # what else its trainer goes on from
    unknown_key: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    checksums: Mapping[str, bool] = field(default_factory=dict)  # tensor, or "header" -> it matches

    @property
    def failed_checksums(self) -> tuple[str, ...]:
        """The tensors, or "header", that were damaged."""
        return tuple(name for name, sound in self.checksums.items() if not sound)


def inspect(path: str | os.PathLike[str], *, verify: bool = True) -> FileFacts:
    """The facts of a file of any known format.

    For a .rows file `verify` reads it all and compares the checksums; a mismatch is told, not raised.
    Raises FormatError where the file cannot be understood at all, and FileAccessError.
    """
    with open_source(path) as source:
        name = recognise(source)
        if name != "rows":
            return _foreign(source, name)
        file = (
            map_tensors(source.path) if source.packing is None else parse(source.path, source.read_all().data)
        )
        return _native(source, file, verify=verify)


def _foreign(source: Source, name: Format) -> FileFacts:
    if name in ("fasttext", "floret-binary"):
        return _model(source, name)
    if name == "floret-text" and (found := floret_text.find_header(source)):
        shape, floret = found
        return FileFacts(
            source.path, name, source.packing, source.packed_bytes, shape.rows, shape.dim,
            floret.kind, 0, floret.to_json(),
        )  # fmt: skip
    header = None if name == "glove-text" else find_header(source)
    dim = header.dim if header else glove_text.infer_dim(source)
    rows = header.rows if header else None
    return FileFacts(source.path, name, source.packing, source.packed_bytes, rows, dim)


def _model(source: Source, name: Format) -> FileFacts:
    head = fasttext_head.read_head(source)
    shared = int(head.args["bucket"]) if head.num_pruned < 0 else head.num_pruned
    kind = "floret" if head.is_floret else "ngrams" if head.max_n > 0 else "words"
    rows = shared if head.is_floret else head.num_words + shared
    return FileFacts(
        source.path, name, source.packing, source.packed_bytes, rows, head.dim, kind, head.num_words,
        head.args, has_counts=True,
    )  # fmt: skip


def _native(source: Source, file: TensorFile, *, verify: bool) -> FileFacts:
    checksums = file.check() if verify else {}
    table = native.from_tensors(file)
    kind = vocabularies.to_json(table.vocabulary)
    return FileFacts(
        source.path,
        "rows",
        source.packing,
        source.packed_bytes,
        *table.shape,
        vocabulary=kind["kind"],
        num_keys=len(table),
        parameters=kind.get("splitter", {}),
        has_counts=table.counts is not None,
        has_context=table.context is not None,
        state=tuple(table.state),
        unknown_key=kind["unknown_key"],
        metadata=table.metadata,
        checksums=checksums,
    )
