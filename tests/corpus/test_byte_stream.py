"""Streams: bounded memory, damage named, any cut of the blocks."""

from __future__ import annotations

import gzip
import lzma
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rowspace.corpus import byte_stream, open_corpus
from rowspace.corpus.block_corpus import BlockCorpus
from rowspace.corpus.byte_stream import ByteStream
from rowspace.corpus.tokenizer import Tokenizer
from rowspace.errors import CorpusError

TEXTS = st.text(st.sampled_from("ab\0é東 \t\n\r\v\f"), max_size=80).map(str.encode)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stream") / "text.gz"


@settings(deadline=None, max_examples=100)
@given(TEXTS, st.integers(1, 30), st.integers(1, 4), st.sampled_from([None, r"[^ ]+"]))
def test_any_block_size_and_shard_gives_the_same_documents(
    path: Path, text: bytes, block_bytes: int, count: int, pattern: str | None
) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + text)
    corpus = BlockCorpus([ByteStream(str(path), block_bytes=block_bytes)], Tokenizer(pattern=pattern))
    lines = [line.decode() for line in text.split(b"\n")]
    cut = [line.split(" ") if pattern else line.encode().split() for line in lines]
    documents = [[t if pattern else t.decode() for t in line if t] for line in cut]
    assert list(corpus) == [document for document in documents if document]
    for index in range(count):
        expected = [document for document in documents[index::count] if document]
        assert list(corpus.shard(index, count)) == expected


def test_a_byte_order_mark_is_no_part_of_the_first_word_only(path: Path) -> None:
    path.write_bytes(gzip.compress(b"\xef\xbb\xbfa \xef\xbb\xbfb"))
    assert list(open_corpus(path)) == [["a", "\ufeffb"]]


@pytest.mark.parametrize("errors", ["strict", "replace", "surrogateescape"])
def test_broken_utf8(path: Path, errors: str) -> None:
    path.write_bytes(gzip.compress(b"ok " * 1000 + b"bad\xff"))
    corpus = open_corpus(path, errors=errors)
    if errors == "strict":
        with pytest.raises(CorpusError, match=r"text\.gz: byte 3003: "):
            corpus.scan()
        return
    read = {"replace": "bad\ufffd", "surrogateescape": "bad\udcff"}
    assert next(iter(corpus))[-1] == read[errors]


def test_a_word_without_end_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(byte_stream, "LONGEST_PIECE", 10_000)
    path.write_bytes(lzma.compress(bytes(1_000_000)))
    with pytest.raises(CorpusError, match="a word or line of more than 10000 bytes"):
        open_corpus(path).scan()


def test_a_bomb_is_read_in_bounded_memory(path: Path) -> None:
    path.write_bytes(gzip.compress(b" " * 200_000_000, 1))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with open_corpus(path).scan(threads=2) as scan:
        assert scan.num_tokens == 0
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000


def test_a_shell_pipe_reaches_standard_input() -> None:
    program = "from rowspace.corpus import open_corpus; print(list(open_corpus('-')))"
    result = subprocess.run([sys.executable, "-c", program], input=b"a b\nc", capture_output=True, check=True)
    assert result.stdout.decode().strip() == "[['a', 'b'], ['c']]"
