"""A training kept on disk, so that a killed one goes on to the same model.

Every draw follows from the seed and the epoch, so the matrices and the number of epochs done are all there
is to keep; features are learned anew from the same texts.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rowspace.corpus.labelled import LabelledTexts
from rowspace.errors import FormatError, RecipeError
from rowspace.formats.atomic import atomic_write, check_writable
from rowspace.formats.tensor_file import map_tensors, write_tensors
from rowspace.tasks.classification.matrices import Matrices

FORMAT = "rowspace-text-classifier-checkpoint"
VERSION = "1"


class Checkpoint:
    """One file, written anew every `minutes`, at the end of an epoch."""

    def __init__(self, path: Path, *, minutes: float, resume: bool) -> None:
        """Check the path before any work is done; RecipeError where it exists and `resume` is not asked."""
        check_writable(path)
        if path.exists() and not resume:
            raise RecipeError(
                f"a checkpoint is never overwritten unasked, but {path} exists; pass resume=True to go on "
                "from it, delete it, or choose another path"
            )
        self._path, self._minutes = path, minutes
        self._saved = time.monotonic()

    @classmethod
    def opened(cls, path: str | Path | None, *, minutes: float, resume: bool) -> Checkpoint | None:
        """The checkpoint asked for, or None."""
        return None if path is None else cls(Path(path), minutes=minutes, resume=resume)

    @property
    def is_due(self) -> bool:
        """Whether the last save, or the start, is `minutes` ago."""
        return time.monotonic() - self._saved >= 60 * self._minutes

    def save(
        self, matrices: Matrices, best: Matrices | None, state: Mapping[str, Any], identity: Mapping[str, Any]
    ) -> None:
        """Write all; the file before stays whole until then."""
        tensors = {"vectors": matrices.vectors, "output": matrices.output}
        if best is not None:
            tensors |= {"best.vectors": best.vectors, "best.output": best.output}
        metadata = {
            "format": FORMAT,
            "version": VERSION,
            "state": json.dumps(state),
            "identity": json.dumps(identity),
        }
        with atomic_write(self._path) as file:
            write_tensors(file, tensors, metadata, aligned="vectors")
        self._saved = time.monotonic()

    def restore_(
        self, matrices: Matrices, identity: Mapping[str, Any]
    ) -> tuple[dict[str, Any], Matrices | None] | None:
        """Fill the matrices with the saved ones; return state and best matrices, or None without a file.

        Raises RecipeError where the file comes from another recipe or other texts, FormatError for another
        kind of file.
        """
        if not self._path.exists():
            return None
        file = map_tensors(self._path)
        if file.metadata.get("format") != FORMAT or file.metadata.get("version") != VERSION:
            raise FormatError(self._path, 8, "resume needs a checkpoint of this version; choose another path")
        if not all(file.check().values()):
            raise FormatError(self._path, 0, "a checksum does not match: the file is damaged; delete it")
        saved = json.loads(file.metadata["identity"])
        differing = [name for name in identity if saved.get(name) != identity[name]]
        if differing:
            raise RecipeError(
                f"training goes on only with the same recipe and texts, but {self._path} differs in "
                f"{', '.join(differing)}; use the same, or another checkpoint path"
            )
        matrices.vectors[:], matrices.output[:] = file.tensors["vectors"], file.tensors["output"]
        best = None
        if "best.vectors" in file.tensors:
            best = matrices.copy()
            best.vectors[:], best.output[:] = file.tensors["best.vectors"], file.tensors["best.output"]
        return json.loads(file.metadata["state"]), best


def identity_of(recipe: Mapping[str, Any], data: LabelledTexts) -> dict[str, Any]:
    """What must not change between two parts of one training."""
    digest = hashlib.blake2b(data.data.tobytes(), digest_size=16)
    digest.update(data.label_ids.tobytes() + data.label_offsets.tobytes())
    return {**recipe, "texts": digest.hexdigest()}
