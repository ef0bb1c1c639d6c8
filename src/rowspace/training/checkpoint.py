"""A training kept on disk, so that a killed one goes on to the same rows.

A checkpoint is an ordinary ``.rows`` table with context rows: it can be opened and searched like any
other. Its metadata hold the trainer's state and what identifies recipe and corpus. Every draw is
counter-based, so rows and state are all there is to keep; no generator, no file position.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from rowspace.errors import RecipeError
from rowspace.formats import native
from rowspace.formats.atomic import check_writable
from rowspace.stores import all_rows
from rowspace.table import Table
from rowspace.training.loop import State
from rowspace.training.matrices import Matrices

TRAINER = "trainer"  # the metadata entry that only checkpoints have


class Checkpoint:
    """One file, written anew every `minutes` and taken up again on request."""

    def __init__(self, path: str | os.PathLike[str], *, minutes: float, resume: bool) -> None:
        """Check the path before any work is done; FileAccessError if it cannot be written.

        Raises RecipeError where a file is there already and `resume` does not ask for it: hours of
        training are not overwritten by accident.
        """
        self.path = Path(path)
        self.minutes = minutes
        check_writable(self.path)
        self._saved = time.monotonic()
        self._table = self._open() if resume and self.path.exists() else None
        if self.path.exists() and not resume:
            raise RecipeError(
                f"a checkpoint is never overwritten unasked, but {self.path} exists; pass resume=True to "
                "go on from it, delete it, or choose another path"
            )

    @property
    def is_due(self) -> bool:
        """Whether the last save, or the start, is `minutes` ago."""
        return time.monotonic() - self._saved >= 60 * self.minutes

    def save(self, table: Table, state: State, identity: Mapping[str, Any]) -> None:
        """Write `table`, which has context rows, with the state; the file before stays whole until then."""
        trainer = {"state": state.to_json(), **identity}
        metadata = {**table.metadata, TRAINER: trainer}
        native.write(replace(table, metadata=metadata), self.path)
        self._saved = time.monotonic()

    def check_same(self, identity: Mapping[str, Any]) -> None:
        """Raise RecipeError naming what differs, if the file comes from another recipe or corpus.

        `identity` may hold a part only: the recipe is known long before the corpus is read.
        """
        if self._table is None:
            return
        saved = self._table.metadata[TRAINER]
        for topic, now in identity.items():
            before = saved.get(topic, {})  # an older file knows nothing of some topics
            differing = [name for name in now if before.get(name) != now[name]]
            if differing:
                figures = ", ".join(
                    f"{name} {now[name]!r} (there {before.get(name)!r})" for name in differing
                )
                raise RecipeError(
                    f"training goes on only with the same {topic}, but differs from {self.path} in "
                    f"{figures}; use the same {topic}, or start anew with another checkpoint path"
                )

    def restore_(self, matrices: Matrices) -> tuple[State, Mapping[str, Any]] | None:
        """Fill the matrices with the saved rows; return state and metadata, or None without a file."""
        if self._table is None or self._table.context is None:
            return None
        metadata = self._table.metadata
        matrices.center_rows()[:] = all_rows(self._table.store)
        matrices.context_rows()[:] = all_rows(self._table.context)
        for name, values in matrices.state.items():
            values[:] = self._table.state[name]
        self._table = None  # so that the mapped file can be replaced and its pages forgotten
        return State.from_json(metadata[TRAINER]["state"]), metadata

    def _open(self) -> Table:
        table = native.open(self.path, verify=True)
        if TRAINER not in table.metadata or table.context is None:
            raise RecipeError(
                f"resume needs a checkpoint, but {self.path} is a table without trainer state; pass "
                "initial=rowspace.open(...) to start from its rows"
            )
        return table
