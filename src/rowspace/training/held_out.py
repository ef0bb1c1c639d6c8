"""The held-out loss: what the rows cost on text that they are not trained on."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from types import TracebackType
from typing import Any

from rowspace.corpus import EncodedCorpus, open_corpus
from rowspace.errors import CorpusError
from rowspace.training.loop import Step
from rowspace.training.spans import LONGEST, TokenSpans
from rowspace.vocabulary import Words, rows_of_scan

SEED = 0  # the same tokens are kept and the same noise is drawn every time: losses can be compared


@dataclass(frozen=True, eq=False)
class HeldOut:
    """A text encoded by the vocabulary of the training; a context manager that frees its file."""

    stream: EncodedCorpus
    threads: int

    @classmethod
    def encode(cls, source: Any, words: Words, *, threads: int) -> HeldOut:
        """Read whatever open_corpus takes; keys without a row are left out.

        Raises CorpusError where nothing is left.
        """
        with open_corpus(source).scan(threads=threads) as scan:
            row_of = rows_of_scan(scan, words)
            if not scan.counts[row_of >= 0].any():
                raise CorpusError(
                    f"a text for validation must hold keys of the vocabulary, but none of its "
                    f"{scan.num_tokens} tokens is one of the {len(words)} keys; check its tokenising"
                )
            return cls(scan.encode(row_of), threads)

    def loss(self, step: Step) -> float:
        """The mean loss of a pair; the rows stay as they are. The same for any number of threads.

        Runs the step at learning rate 0, so it costs nearly what training on the text costs. NaN where no
        pair is left.
        """
        spans = TokenSpans(self.stream)

        def measure(bounds: tuple[int, int]) -> tuple[float, float]:
            return step(spans.read(*bounds), 0.0, SEED, bounds[0])

        with ThreadPoolExecutor(self.threads, thread_name_prefix="rowspace-measure") as pool:
            sums = list(pool.map(measure, pairwise(spans.boundaries().tolist())))
        loss, pairs = (sum(column) for column in zip(*sums, strict=True))
        return loss / pairs if pairs else float("nan")

    def fingerprint(self) -> str:
        """A digest of the text, to tell it from every other."""
        digest = hashlib.blake2b(digest_size=16)
        for start in range(0, self.stream.num_ids, LONGEST):
            digest.update(self.stream.read(start, min(start + LONGEST, self.stream.num_ids)).data)
        return digest.hexdigest()

    def __enter__(self) -> HeldOut:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stream.close()
