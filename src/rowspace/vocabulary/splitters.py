"""What breaks a key into the rows of its parts."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np

from rowspace.arrays import PackedKeys, Rows
from rowspace.vocabulary.floret import Floret
from rowspace.vocabulary.ngrams import NGrams
from rowspace.vocabulary.pieces import Pieces


@runtime_checkable
class Splitter(Protocol):
    """Turns any key, known or not, into rows that other keys share.

    What to_json and arrays give is what from_json takes: no splitter needs more to be kept in a file.
    """

    kind: ClassVar[str]  # its name in files

    @property
    def num_rows(self) -> int:
        """The number of rows that its parts have."""
        ...

    @property
    def own_rows(self) -> bool:
        """Whether a key of the vocabulary has a row of its own besides."""
        ...

    def bags(self, keys: PackedKeys) -> Rows:
        """The rows of each key's parts, counted from 0; a part that occurs twice is there twice."""
        ...

    def compacted(self, keys: PackedKeys) -> Splitter:
        """A splitter with rows for the parts of `keys` only, where it can do so; else itself."""
        ...

    def to_json(self) -> dict[str, Any]:
        """Its parameters as JSON values."""
        ...

    def arrays(self) -> dict[str, np.ndarray]:
        """What is too large for JSON, by name."""
        ...

    @staticmethod
    def from_json(parameters: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Splitter:
        """The splitter of these parameters; RecipeError or ShapeError where they are wrong."""
        ...


SPLITTERS: Mapping[str, type[Splitter]] = MappingProxyType(
    {splitter.kind: splitter for splitter in (NGrams, Floret, Pieces)}
)
