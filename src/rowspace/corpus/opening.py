"""What a user may give for a corpus, and how it is recognised."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from rowspace.corpus.block_corpus import BlockCorpus, Source
from rowspace.corpus.byte_stream import STANDARD_INPUT, ByteStream
from rowspace.corpus.compression import is_compressed
from rowspace.corpus.documents import Strings, TokenLists
from rowspace.corpus.paths import expand, reading
from rowspace.corpus.protocol import Corpus
from rowspace.corpus.records import JsonLines, ParquetColumn
from rowspace.corpus.text_file import TextFile
from rowspace.corpus.tokenizer import Errors, Tokenize, Tokenizer
from rowspace.errors import CorpusError, RecipeError

COMPRESSED_SUFFIXES = {".gz", ".bz2", ".xz", ".zst"}
JSON_LINES_SUFFIXES = {".jsonl", ".ndjson"}
PARQUET_SUFFIXES = {".parquet", ".pq"}


def open_corpus(
    source: Any,
    *,
    lowercase: bool = False,
    pattern: str | None = None,
    tokenize: Tokenize | None = None,
    errors: Errors = "strict",
    field: str | None = None,
) -> Corpus:
    r"""Open anything that holds text.

    Args:
        source: The path of a file, folder or glob ("-" is standard input), a list of paths, a
            re-iterable of strings (each one a document), a re-iterable of token lists, or a Corpus,
            which comes back as it is. Files may be plain text or JSON lines (both also gz, bz2, xz
            or zst, told by their content) or Parquet. In plain text each line is a document. A list
            of str is taken for paths if all of them name files; a Path is always a path.
        lowercase: Turn all text to lower case.
        pattern: A regular expression of what a token is; without one ASCII white space divides.
        tokenize: A callable from a document to its tokens, called by one thread at a time.
        errors: What to do with text that is not UTF-8: raise ("strict"), read U+FFFD ("replace") or
            keep the bytes ("surrogateescape").
        field: The field of JSON lines or the column of Parquet that holds the text; "text" if None.

    Raises:
        FileAccessError: A path leads to nothing that can be read.
        CorpusError: The source can be read only once, or holds neither strings nor token lists.

    >>> [document for document in open_corpus(["The king.", "a queen"], pattern=r"\w+", lowercase=True)]
    [['the', 'king'], ['a', 'queen']]
    """
    if isinstance(source, Corpus):
        return source
    tokenizer = Tokenizer(lowercase, pattern, tokenize, errors)
    paths = _paths_of(source)
    if paths is None:
        return BlockCorpus([_open_documents(source, tokenizer)], tokenizer)
    if list(map(str, paths)) == [STANDARD_INPUT]:
        return BlockCorpus([ByteStream(STANDARD_INPUT)], tokenizer)
    files = [file for path in paths for file in expand(path)]
    return BlockCorpus([_open_file(file, field, tokenizer) for file in files], tokenizer)


def _paths_of(source: object) -> Sequence[str | Path] | None:
    """The paths that `source` names, or None where it holds documents."""
    if isinstance(source, (str, Path)):
        return [source]
    if isinstance(source, (list, tuple)) and source:
        if all(isinstance(path, Path) for path in source):
            return source
        if all(isinstance(path, str) and _is_file(path) for path in source):
            return source
    return None


def _is_file(path: str) -> bool:
    try:
        return Path(path).is_file()
    except (OSError, ValueError):  # a text too long for a name, or with NUL
        return False


def _open_file(path: Path, field: str | None, tokenizer: Tokenizer) -> Source:
    """The source for one file, told by its suffixes (records) and its first bytes (compression)."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    inner = [suffix for suffix in suffixes if suffix not in COMPRESSED_SUFFIXES][-1:]
    if suffixes and suffixes[-1] in PARQUET_SUFFIXES:
        return Strings(ParquetColumn(path, field or "text", tokenizer))
    if field is not None or (inner and inner[0] in JSON_LINES_SUFFIXES):
        return Strings(JsonLines(path, field or "text", tokenizer))
    with reading(path):
        regular = path.is_file()
    if not regular or is_compressed(path):
        return ByteStream(str(path))
    return TextFile(path)


def _open_documents(source: Any, tokenizer: Tokenizer) -> Source:
    """The source for what Python iterates over: strings or token lists, told by the first document."""
    try:
        iterator = iter(source)
    except TypeError:
        raise CorpusError(
            "a corpus must be a path, a list of paths, or a re-iterable of strings or of token lists, "
            f"but is {type(source).__name__}"
        ) from None
    if iterator is source:
        raise CorpusError(
            f"a corpus must be re-iterable, but a {type(source).__name__} can be read only once; "
            "pass a list, or an object whose __iter__ starts anew"
        )
    first = next(iterator, "")
    if isinstance(first, str):
        return Strings(partial(iter, source))
    if isinstance(first, (bytes, dict)) or not isinstance(first, Iterable):
        raise CorpusError(
            "documents must be strings or lists of str, but the first one is "
            f"{type(first).__name__}: {first!r:.60}"
        )
    if not tokenizer.cuts_white_space:
        raise RecipeError(
            "token lists are tokens already; give pattern or tokenize with strings or files only"
        )
    return TokenLists(source)
