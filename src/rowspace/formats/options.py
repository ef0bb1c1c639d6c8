"""What a reader does with doubtful rows. The defaults refuse them all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from rowspace.errors import RecipeError

Format = Literal[
    "rows", "word2vec-text", "word2vec-binary", "glove-text", "fasttext", "floret-binary", "floret-text"
]
KeyErrors = Literal["strict", "replace", "surrogateescape", "skip"]
Duplicates = Literal["error", "first", "last"]
NonFinite = Literal["error", "keep", "zero"]
Header = Literal["check", "ignore"]


class DroppedRowsWarning(UserWarning):
    """Rows of a file were left out or changed, as the caller's options asked."""


@dataclass(frozen=True, kw_only=True)
class ReadOptions:
    """The options of `rowspace.read`, checked; RecipeError names a value outside its range.

    There is no ``duplicates="keep"``: a vocabulary needs distinct keys, so keeping two rows of one key
    would mean renaming one behind the user's back.
    """

    limit: int | None = None  # rows
    errors: KeyErrors = "strict"
    duplicates: Duplicates = "error"
    nonfinite: NonFinite = "error"
    header: Header = "check"
    dim: int | None = None
    threads: int = 2
    max_expansion: float = 64.0  # plain bytes per compressed byte
    progress: bool = False

    def __post_init__(self) -> None:
        check_choice("errors", self.errors, get_args(KeyErrors))
        check_choice("duplicates", self.duplicates, get_args(Duplicates))
        check_choice("nonfinite", self.nonfinite, get_args(NonFinite))
        check_choice("header", self.header, get_args(Header))
        for name, value, least in (
            ("limit", self.limit, 0),
            ("dim", self.dim, 1),
            ("threads", self.threads, 1),
        ):
            if value is not None and value < least:
                raise RecipeError(f"{name} must be at least {least}, but is {value}")


def check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    """Raise RecipeError unless `value` is one of `choices`."""
    if value not in choices:
        raise RecipeError(f"{name} must be one of {', '.join(choices)}, but is {value!r}")
