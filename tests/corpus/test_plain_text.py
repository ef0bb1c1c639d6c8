"""A scan written as text reads as the same documents."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rowspace.corpus import open_corpus, plain_text
from rowspace.corpus.plain_text import text_of
from rowspace.errors import UnwritableKeyError


@pytest.mark.parametrize("read_ids", [1, 2, 5, 1 << 16])
def test_it_reads_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read_ids: int) -> None:
    monkeypatch.setattr(plain_text, "READ_IDS", read_ids)
    rng = np.random.default_rng(1)
    documents = [rng.choice(["a", "東京", "naïve", "x" * 50], rng.integers(1, 7)).tolist() for _ in range(40)]
    with open_corpus(documents).scan() as scan:
        (tmp_path / "text").write_bytes(b"".join(text_of(scan)))
    assert (tmp_path / "text").read_text("utf-8") == "".join(" ".join(each) + "\n" for each in documents)
    assert list(open_corpus(tmp_path / "text")) == documents


def test_an_empty_corpus_is_an_empty_text() -> None:
    with open_corpus([""]).scan() as scan:
        assert b"".join(text_of(scan)) == b""


def test_white_space_within_a_token_is_refused() -> None:
    with (
        open_corpus([["a", "new york", "b"]]).scan() as scan,
        pytest.raises(UnwritableKeyError, match="'new york'"),
    ):
        list(text_of(scan))
