"""Turn by turn: each line that is said is answered by the sentence that the model expects after it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rowspace.arrays import RowIds
from rowspace.tasks.generation.continuing import go_on
from rowspace.tasks.generation.cursor import Cursor
from rowspace.tasks.generation.network import LanguageNetwork
from rowspace.tasks.generation.sampling import Sampling


class Conversation:
    """All that was said and answered so far; what comes next depends on it.

    A line is a whole sentence, and so is its answer: the end of a sentence stands behind both.
    """

    def __init__(
        self,
        network: LanguageNetwork,
        *,
        read: Callable[[str], RowIds],
        write: Callable[[list[int]], str],
        end: int,
        never: int,
        length: int,
        sampling: Sampling,
        seed: int,
    ) -> None:
        """`read` and `write` turn words into ids and back; GenerationModel.converse gives them."""
        self._read, self._write, self._end, self._never = read, write, np.array([end]), [never]
        self._length, self._sampling = length, sampling
        self._rng = np.random.default_rng(seed)
        self._cursor = Cursor(network, [self._end])

    def answer(self, line: str) -> str:
        """The answer to a line; nothing said, as an empty line is, can be answered as well."""
        said = self._read(line)
        if len(said):
            self._cursor.read([np.concatenate([said, self._end])])
        [found] = go_on(
            self._cursor, [said], self._sampling, length=self._length, end=int(self._end[0]),
            never=self._never, rngs=[self._rng],
        )  # fmt: skip
        self._cursor.read([self._end])
        return self._write(found)
