"""What training on a corpus will take, told before it starts."""

from __future__ import annotations

from dataclasses import dataclass

from rowspace.arrays import PackedKeys
from rowspace.corpus import Scan
from rowspace.vocabulary.building import rows_of_scan
from rowspace.vocabulary.words import Words

FLOAT_BYTES = 4


@dataclass(frozen=True)
class Report:
    """The sizes of a corpus under a vocabulary, and what training needs."""

    documents: int
    tokens: int
    distinct: int
    kept_tokens: int
    rows: int
    dim: int
    memory_bytes: int
    stream_bytes: int  # on disk
    seconds: float | None  # None where nobody gave a speed

    def describe(self) -> str:
        """The report in three or four lines for people."""
        share = self.kept_tokens / self.tokens if self.tokens else 0.0
        lines = [
            f"{self.documents:,} documents, {self.tokens:,} tokens, {self.distinct:,} distinct",
            f"{self.rows:,} rows keep {self.kept_tokens:,} tokens ({share:.1%})",
            f"memory {self.memory_bytes / 1e6:,.0f} MB at dim {self.dim}, "
            f"encoded corpus {self.stream_bytes / 1e6:,.0f} MB on disk",
        ]
        return "\n".join(lines + ([] if self.seconds is None else [f"about {self.seconds:,.0f} s to train"]))

    def __str__(self) -> str:
        return self.describe()


def preflight(
    scan: Scan,
    words: Words,
    *,
    dim: int,
    epochs: int = 1,
    words_per_second: float | None = None,
    center_rows: int | None = None,
) -> Report:
    """Estimate the training of center and context rows of `dim` floats; `words_per_second` is all threads'.

    `center_rows` is their number where it is not that of the words.

    >>> from rowspace.corpus import open_corpus
    >>> from rowspace.vocabulary import build_words
    >>> with open_corpus(["a rose is a rose"]).scan() as scan:
    ...     words = build_words(scan, min_count=2)
    ...     print(preflight(scan, words, dim=100))
    1 documents, 5 tokens, 3 distinct
    2 rows keep 4 tokens (80.0%)
    memory 0 MB at dim 100, encoded corpus 0 MB on disk
    """
    kept_tokens = int(scan.counts[rows_of_scan(scan, words) >= 0].sum())
    rows = words.num_rows
    vectors = (rows + (center_rows or rows)) * dim * FLOAT_BYTES
    seconds = kept_tokens * epochs / words_per_second if words_per_second else None
    return Report(
        documents=scan.num_documents,
        tokens=scan.num_tokens,
        distinct=len(scan.keys),
        kept_tokens=kept_tokens,
        rows=rows,
        dim=dim,
        memory_bytes=vectors + _bytes_of(words.keys) + words.slots.nbytes + 8 * rows,
        stream_bytes=FLOAT_BYTES * (kept_tokens + scan.num_documents),
        seconds=seconds,
    )


def _bytes_of(keys: PackedKeys) -> int:
    return keys.data.nbytes + keys.offsets.nbytes
