"""Corpora of several sources: sizes, shards and the progress bar."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from rowspace.corpus import block_corpus, open_corpus
from rowspace.errors import CorpusError


@pytest.mark.parametrize(("index", "count"), [(-1, 2), (2, 2), (0, 0)])
def test_a_shard_that_does_not_exist(index: int, count: int) -> None:
    with pytest.raises(CorpusError, match="0 <= index < count"):
        open_corpus(["a"]).shard(index, count)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("progress", [True, False])
def test_progress_is_shown_on_a_terminal_that_asks_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, progress: bool
) -> None:
    bars = []

    class Bar(block_corpus.tqdm):
        def __init__(self, *arguments: object, **options: object) -> None:
            super().__init__(*arguments, **options)
            bars.append((self, self.disable))

    (tmp_path / "t.txt").write_text("a b c\n" * 100)
    monkeypatch.setattr("sys.stderr", Terminal())
    monkeypatch.setattr(block_corpus, "tqdm", Bar)
    open_corpus(tmp_path / "t.txt").scan(progress=progress).close()
    bar, silent = bars[0]
    assert silent is not progress
    if progress:
        assert (bar.total, bar.n) == (600, 600)
