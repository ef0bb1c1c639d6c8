"""A corpus cut into a part for training, itself in two halves, and a held-out part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rowspace.corpus import Corpus, open_corpus
from rowspace.corpus.plain_text import text_of
from rowspace.errors import CorpusError

BLOCKS = 100  # runs of neighboring text: a held-out block shares few of its articles with training
CYCLE = 20  # of as many blocks two are held out, one from each half
HELD_OUT = (9, 18)
LONGEST_PIECE = 1_000  # tokens: a longer document may be shared out
PARTS = ("first", "second", "held-out")


@dataclass(frozen=True)
class TextSplit:
    """The parts, in files of one piece of a document a line."""

    paths: tuple[Path, Path, Path]

    @property
    def train(self) -> Corpus:
        """Nine tenths of the text."""
        return _opened(*self.paths[:2])

    @property
    def halves(self) -> tuple[Corpus, Corpus]:
        """The part for training in two halves."""
        return _opened(self.paths[0]), _opened(self.paths[1])

    @property
    def held_out(self) -> Corpus:
        """One tenth of the text."""
        return _opened(self.paths[2])


def split(corpus: Any, folder: Path, *, threads: int) -> TextSplit:
    """Write the parts of `corpus`, anything open_corpus takes, to `folder`; reads it once.

    Blocks of a hundredth of the tokens take turns: every tenth is held out, the others go to the first half
    and the second in turn. Raises CorpusError where a part is left empty, and UnwritableKeyError for a token
    that holds white space.
    """
    whole = folder / "whole.txt"
    with open_corpus(corpus).scan(threads=threads) as scan, whole.open("wb") as file:
        num_tokens = scan.num_tokens
        file.writelines(text_of(scan))
    paths = [folder / f"{name}.txt" for name in PARTS]
    with ExitStack() as files:
        opened = [files.enter_context(path.open("wb")) for path in paths]
        for part, line in _lines(files.enter_context(whole.open("rb")), max(1, num_tokens // BLOCKS)):
            opened[part].write(line)
    whole.unlink()
    if not all(path.stat().st_size for path in paths):
        raise CorpusError(
            f"a corpus must be large enough to hold a tenth of it out, but this one has {num_tokens} tokens "
            "in too few documents; give more text, and each document a line of its own"
        )
    return TextSplit((paths[0], paths[1], paths[2]))


def _lines(documents: Iterable[bytes], block_tokens: int) -> Iterator[tuple[int, bytes]]:
    """Each piece of a document as a line, with the part that its first token belongs to."""
    place, longest = 0, min(LONGEST_PIECE, block_tokens)
    for document in documents:
        tokens = document.split()
        for start in range(0, len(tokens), longest):
            piece = tokens[start : start + longest]
            yield _part(place // block_tokens), b" ".join(piece) + b"\n"
            place += len(piece)


def _part(block: int) -> int:
    """0 and 1 for the halves of training, 2 for what is held out."""
    return 2 if block % CYCLE in HELD_OUT else block % 2


def _opened(*paths: Path) -> Corpus:
    return open_corpus(list(paths), errors="surrogateescape")
