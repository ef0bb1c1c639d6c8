"""A training of a network kept on disk, so that a killed one goes on to the same model."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from rowspace.errors import RecipeError
from rowspace.formats.atomic import check_writable
from rowspace.tasks.networks import tensor_files

Arrays = dict[str, np.ndarray]


class Checkpoint:
    """One file, written anew every `minutes` and at the end."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        kind: str,
        identity: Mapping[str, Any],
        minutes: float = 1.0,
        resume: bool = False,
    ) -> None:
        """Check the path before any work; `identity`, of JSON values, is of the recipe and the data.

        Raises RecipeError where a file exists and `resume` does not ask for it.
        """
        self.path, self._kind, self._identity = Path(path), kind, json.dumps(identity)
        self._minutes, self._saved = minutes, time.monotonic()
        check_writable(self.path)
        if self.path.exists() and not resume:
            raise RecipeError(
                f"a checkpoint is never overwritten unasked, but {self.path} exists; pass resume=True to go "
                "on from it, delete it, or choose another path"
            )

    @classmethod
    def opened(cls, path: str | os.PathLike[str] | None, **options: Any) -> Checkpoint | None:
        """The checkpoint asked for, or None."""
        return None if path is None else cls(path, **options)

    @property
    def is_due(self) -> bool:
        """Whether the last save, or the start, is `minutes` ago."""
        return time.monotonic() - self._saved >= 60 * self._minutes

    def save(self, arrays: Arrays, state: Mapping[str, Any]) -> None:
        """Write all; the file before stays whole until then. Raises FileAccessError."""
        metadata = {"state": json.dumps(state), "identity": self._identity}
        tensor_files.write(self.path, self._kind, arrays, metadata)
        self._saved = time.monotonic()

    def load(self) -> tuple[Arrays, dict[str, Any]] | None:
        """What was saved, or None where there is no file yet.

        Raises RecipeError where it comes from another recipe or other data, FormatError where it is no
        checkpoint of this kind.
        """
        if not self.path.exists():
            return None
        arrays, metadata = tensor_files.read(self.path, self._kind)
        if metadata["identity"] != self._identity:
            differing = ", ".join(_differing(json.loads(metadata["identity"]), json.loads(self._identity)))
            raise RecipeError(
                f"training goes on only with the same recipe and data, but {self.path} differs in "
                f"{differing}; use the same, or start anew with another checkpoint path"
            )
        return arrays, json.loads(metadata["state"])


def _differing(there: Mapping[str, Any], here: Mapping[str, Any]) -> Iterator[str]:
    """The names, of a recipe its fields, that have another value."""
    for name, value in here.items():
        before = there.get(name)
        if isinstance(value, dict) and isinstance(before, dict):
            yield from _differing(before, value)
        elif value != before:
            yield name
