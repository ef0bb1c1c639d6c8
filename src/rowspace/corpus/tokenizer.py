"""From text to blocks: decoding, lower case, and where tokens are cut."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

from rowspace.corpus.block import WHITE_SPACE, Block
from rowspace.errors import CorpusError, RecipeError

Errors = Literal["strict", "replace", "surrogateescape"]
Tokenize = Callable[[str], Sequence[str]]


@dataclass(frozen=True)
class Tokenizer:
    """How text becomes tokens: ASCII white space unless a pattern or a callable is given."""

    lowercase: bool = False
    pattern: str | None = None  # what a token looks like, as in re.findall; at most one group
    tokenize: Tokenize | None = None
    errors: Errors = "strict"

    def __post_init__(self) -> None:
        if self.errors not in get_args(Errors):
            raise RecipeError(f"errors must be one of {', '.join(get_args(Errors))}, but is {self.errors!r}")
        if self.pattern is not None and self.tokenize is not None:
            raise RecipeError("give a pattern or a tokenize callable, but not both")
        if self.pattern is not None and self._compiled.groups > 1:
            raise RecipeError(
                f"pattern may hold one group, but {self.pattern!r} holds {self._compiled.groups}; "
                "write the others as (?:...)"
            )

    @property
    def cuts_white_space(self) -> bool:
        """Whether white space alone divides tokens, so that text may be cut inside a line."""
        return self.pattern is None and self.tokenize is None

    @property
    def separators(self) -> bytes:
        """The bytes at which text may be cut into blocks without cutting a token."""
        return WHITE_SPACE if self.cuts_white_space else b"\n"

    def block_of_lines(self, text: bytes, name: str, offset: int, num_bytes: int | None = None) -> Block:
        """The block of `text`, whose lines are documents.

        Raises CorpusError where it is no UTF-8; `name` and `offset` say where it comes from.
        """
        num_bytes = len(text) if num_bytes is None else num_bytes
        if not self.cuts_white_space:
            lines = self.decode(text, name, offset).split("\n")
            return Block.from_tokens([self.tokens(line) for line in lines], self.encode, num_bytes)
        if text.isascii():
            return Block.from_text(text.lower() if self.lowercase else text, num_bytes)
        if self.lowercase or self.errors != "surrogateescape":
            decoded = self.decode(text, name, offset)
            if self.lowercase or self.errors == "replace":
                text = self.encode(decoded.lower() if self.lowercase else decoded)
        return Block.from_text(text, num_bytes)

    def block_of_documents(self, documents: Sequence[str]) -> Block:
        """The block of whole documents; a newline in one of them is white space like any other."""
        if not self.cuts_white_space:
            return Block.from_tokens([self.tokens(document) for document in documents], self.encode)
        text = "\n".join(document.replace("\n", " ") for document in documents) + "\n"
        return Block.from_text(self.encode(text.lower() if self.lowercase else text))

    def block_of_tokens(self, documents: Sequence[Sequence[str]]) -> Block:
        """The block of documents that are cut already."""
        if self.lowercase:
            documents = [[token.lower() for token in document] for document in documents]
        return Block.from_tokens(documents, self.encode)

    def tokens(self, text: str) -> Sequence[str]:
        """The tokens of one document by the pattern or the callable."""
        text = text.lower() if self.lowercase else text
        if self.tokenize is None:
            return self._compiled.findall(text)
        tokens = self.tokenize(text)
        if isinstance(tokens, str) or not all(isinstance(token, str) for token in tokens):
            raise CorpusError(
                f"tokenize must return a sequence of str, but returned {tokens!r:.80} for {text!r:.40}"
            )
        return tokens

    def decode(self, text: bytes, name: str, offset: int) -> str:
        """`text` as str by the policy for broken UTF-8; strict raises CorpusError with its place."""
        try:
            return text.decode("utf-8", self.errors)
        except UnicodeDecodeError as error:
            wide = offset + error.start == 0 and text[:2] in (b"\xff\xfe", b"\xfe\xff")
            raise CorpusError(
                f"{name}: byte {offset + error.start}: text must be UTF-8, but byte "
                f"0x{text[error.start]:02x} is not ({error.reason}"
                + ("; it begins like UTF-16: convert it" if wide else "")
                + '); pass errors="replace" to read U+FFFD there, or "surrogateescape" to keep the bytes'
            ) from None

    def encode(self, text: str) -> bytes:
        """`text` as UTF-8; lone surrogates by the policy for broken UTF-8."""
        try:
            return text.encode("utf-8", "surrogateescape" if self.errors == "surrogateescape" else "strict")
        except UnicodeEncodeError as error:
            if self.errors == "replace":
                return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
            raise CorpusError(
                f"text must be encodable as UTF-8, but {text[max(0, error.start - 20) : error.end]!r} ends "
                'in a lone surrogate; pass errors="replace" to read U+FFFD there'
            ) from None

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        try:
            return re.compile(self.pattern or "")
        except re.error as error:
            raise RecipeError(
                f"pattern must be a regular expression, but {self.pattern!r}: {error}"
            ) from None
