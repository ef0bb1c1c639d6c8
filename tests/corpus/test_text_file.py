"""Blocks of a plain file: the result does not depend on where they are cut."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rowspace.corpus import text_file
from rowspace.corpus.block import documents_of
from rowspace.corpus.block_corpus import BlockCorpus
from rowspace.corpus.text_file import TextFile
from rowspace.corpus.tokenizer import Tokenizer
from rowspace.errors import CorpusError, FileAccessError

TEXTS = st.text(st.sampled_from("ab\0é東 \t\n\r\v\f"), max_size=80).map(str.encode)


def expected_documents(text: bytes) -> list[list[str]]:
    return [[token.decode() for token in line.split()] for line in text.split(b"\n") if line.split()]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("text") / "text.txt"


@settings(deadline=None, max_examples=150)
@given(TEXTS, st.integers(1, 30), st.integers(1, 3), st.booleans())
def test_any_block_size_and_threads_count_the_same(
    path: Path, text: bytes, block_bytes: int, threads: int, has_mark: bool
) -> None:
    path.write_bytes((b"\xef\xbb\xbf" if has_mark else b"") + text)
    corpus = BlockCorpus([TextFile(path, block_bytes=block_bytes)], Tokenizer())
    assert list(corpus) == expected_documents(text)
    with corpus.scan(threads=threads) as scan:
        counts = Counter(token.decode() for token in text.split())
        assert dict(zip(scan.keys, scan.counts.tolist(), strict=True)) == counts
        assert scan.num_documents == len(expected_documents(text))


@settings(deadline=None, max_examples=80)
@given(TEXTS, st.integers(1, 30))
def test_lines_stay_whole_where_a_pattern_cuts(path: Path, text: bytes, block_bytes: int) -> None:
    path.write_bytes(text)
    source = TextFile(path, block_bytes=block_bytes)
    lines = [line.decode() for line in text.split(b"\n")]
    blocks = [load() for load in source.blocks(Tokenizer(pattern=r"(?s).+"))]
    assert list(documents_of(blocks)) == [[line] for line in lines if line]


@settings(deadline=None, max_examples=80)
@given(TEXTS, st.integers(1, 30), st.integers(1, 5))
def test_shards_join_to_the_whole_in_order(path: Path, text: bytes, block_bytes: int, count: int) -> None:
    path.write_bytes(text)
    corpus = BlockCorpus([TextFile(path, block_bytes=block_bytes)], Tokenizer())
    assert [*chain(*(corpus.shard(i, count) for i in range(count)))] == expected_documents(text)


def test_one_line_of_a_megabyte_loses_nothing(tmp_path: Path) -> None:
    words = [f"w{i % 5003}" for i in range(200_000)]
    (tmp_path / "line.txt").write_text(" ".join(words))
    with BlockCorpus([TextFile(tmp_path / "line.txt")], Tokenizer()).scan(threads=2) as scan:
        assert dict(zip(scan.keys, scan.counts.tolist(), strict=True)) == Counter(words)
        assert scan.num_documents == 1


def test_a_word_of_a_megabyte_is_one_word(tmp_path: Path) -> None:
    (tmp_path / "word.txt").write_bytes(b"a " + b"x" * 1_000_000 + b" b")
    with BlockCorpus([TextFile(tmp_path / "word.txt")], Tokenizer()).scan(threads=2) as scan:
        assert sorted(map(len, scan.keys)) == [1, 1, 1_000_000]


def test_a_word_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_file, "LONGEST_PIECE", 1000)
    (tmp_path / "zeros").write_bytes(bytes(5000))
    with pytest.raises(CorpusError, match=r"zeros: byte 100: a word or line of more than 1000 bytes"):
        BlockCorpus([TextFile(tmp_path / "zeros", block_bytes=100)], Tokenizer()).scan()


@pytest.mark.parametrize("threads", [1, 3])
def test_broken_utf8_is_named_with_its_place(tmp_path: Path, threads: int) -> None:
    text = bytearray("größe ".encode() * 1000)
    text[4321] = 0xFF
    (tmp_path / "bad.txt").write_bytes(text)
    corpus = BlockCorpus([TextFile(tmp_path / "bad.txt", block_bytes=64)], Tokenizer())
    with pytest.raises(CorpusError, match=r'bad\.txt: byte 4321: .*0xff.*errors="replace"'):
        corpus.scan(threads=threads)


def test_a_file_that_shrinks_is_named(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("a b c")
    with pytest.raises(FileAccessError, match="became shorter"):
        BlockCorpus([TextFile(tmp_path / "t.txt", stop=50)], Tokenizer()).scan()
