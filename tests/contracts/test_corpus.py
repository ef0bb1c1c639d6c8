"""What every corpus promises, whatever it is made of."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import random
import threading
from collections import Counter
from itertools import chain
from pathlib import Path

import numpy as np
import pytest

from rowspace.arrays import END
from rowspace.corpus import Corpus, open_corpus

_RNG = random.Random(5)
_WORDS = ["a", "king", "naïve", "東京", "counterrevolutionaries", "nul\0", "Σίσυφος", "x" * 90]
DOCUMENTS = [[_RNG.choice(_WORDS) for _ in range(_RNG.randrange(0, 12))] for _ in range(400)]
DOCUMENTS[3] = ["of"] * 500
TEXT = "\n".join(" ".join(document) for document in DOCUMENTS)


def plain(folder: Path) -> object:
    path = folder / "plain.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def carriage_returns(folder: Path) -> object:
    path = folder / "crlf.txt"
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    return str(path)


def folder_of_files(folder: Path) -> object:
    lines = TEXT.split("\n")
    (folder / "texts" / "deeper").mkdir(parents=True)
    (folder / "texts" / "a.txt").write_text("\n".join(lines[:150]), encoding="utf-8")
    (folder / "texts" / ".hidden").write_bytes(b"\xff not text")
    (folder / "texts" / "b.txt").write_text("", encoding="utf-8")
    with gzip.open(folder / "texts" / "deeper" / "c.txt.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join(lines[150:]))
    return folder / "texts"


def glob(folder: Path) -> object:
    folder_of_files(folder)
    return str(folder / "texts" / "**" / "*.txt*")


def list_of_paths(folder: Path) -> object:
    folder_of_files(folder)
    return [folder / "texts" / "a.txt", folder / "texts" / "deeper"]


def compressed(name: str, compress: object) -> object:
    def make(folder: Path) -> object:
        path = folder / name
        path.write_bytes(compress(TEXT.encode()))
        return path

    return make


def zstandard(data: bytes) -> bytes:
    import zstandard

    half = len(data) // 2
    return b"".join(zstandard.ZstdCompressor().compress(part) for part in (data[:half], data[half:]))


def json_lines(folder: Path) -> object:
    path = folder / "records.jsonl"
    records = [{"id": i, "text": " \n".join(tokens) or None} for i, tokens in enumerate(DOCUMENTS)]
    path.write_text("\n".join(map(json.dumps, records)) + "\n\n", encoding="utf-8")
    return path


def parquet(folder: Path) -> object:
    import pyarrow as pa
    import pyarrow.parquet as pq

    texts = [" ".join(tokens) or None for tokens in DOCUMENTS]
    pq.write_table(pa.table({"text": texts, "n": range(len(texts))}), folder / "t.parquet", row_group_size=64)
    return folder / "t.parquet"


SOURCES = {
    "plain": plain,
    "carriage_returns": carriage_returns,
    "folder": folder_of_files,
    "glob": glob,
    "paths": list_of_paths,
    "gz": compressed("t.gz", gzip.compress),
    "bz2": compressed("no-suffix", bz2.compress),
    "xz": compressed("t.xz", lzma.compress),
    "zst": compressed("t.zst", zstandard),
    "json_lines": json_lines,
    "parquet": parquet,
    "strings": lambda _: TEXT.split("\n"),
    "token_lists": lambda _: DOCUMENTS,
    "token_tuples_with_empty_tokens": lambda _: tuple((*document, "") for document in DOCUMENTS),
    "callable": lambda folder: open_corpus(plain(folder), tokenize=str.split),
    "pattern": lambda folder: open_corpus(plain(folder), pattern=r"\S+"),
}


@pytest.fixture(params=SOURCES)
def corpus(request: pytest.FixtureRequest, tmp_path: Path) -> Corpus:
    return open_corpus(SOURCES[request.param](tmp_path))


def documents() -> list[list[str]]:
    return [document for document in DOCUMENTS if document]


def test_iterates_again_and_again(corpus: Corpus) -> None:
    assert list(corpus) == documents()
    assert list(corpus) == documents()


@pytest.mark.parametrize("threads", [1, 3])
def test_scan_counts_what_iterating_gives(corpus: Corpus, threads: int) -> None:
    with corpus.scan(threads=threads) as scan:
        counts = Counter(token for document in documents() for token in document)
        assert dict(zip(scan.keys, scan.counts.tolist(), strict=True)) == counts
        assert (scan.num_documents, scan.num_tokens) == (len(documents()), sum(counts.values()))
        assert scan.num_bytes > 0


@pytest.mark.parametrize("threads", [1, 2])
def test_encode_keeps_the_order_and_drops_negative_rows(corpus: Corpus, threads: int) -> None:
    with corpus.scan(threads=threads) as scan:
        row_of = np.arange(len(scan.keys), dtype=np.int32)
        row_of[list(scan.keys).index("a")] = -1
        encoded = scan.encode(row_of)
    kept = [[token for token in document if token != "a"] for document in documents()]
    expected = [[*document, END] for document in kept if document]
    with encoded:
        ids = encoded.read(0, encoded.num_ids)
        assert [END if i == END else scan.keys[int(i)] for i in ids] == [*chain(*expected)]
        assert encoded.num_documents == len(expected)
        assert encoded.num_tokens == len(ids) - len(expected)


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_shards_are_the_whole_without_overlap(corpus: Corpus, count: int) -> None:
    shards = [list(corpus.shard(index, count)) for index in range(count)]
    assert sorted(chain(*shards)) == sorted(documents())
    nested = [list(corpus.shard(0, 2).shard(index, 3)) for index in range(3)]
    assert sorted(chain(*nested)) == sorted(corpus.shard(0, 2))


def test_a_corpus_opens_as_itself(corpus: Corpus) -> None:
    assert open_corpus(corpus) is corpus


def test_standard_input_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(TEXT.encode()))))
    corpus = open_corpus("-")
    assert list(corpus) == documents()
    with pytest.raises(ValueError, match="only once"):
        corpus.scan()


def test_a_pipe_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(gzip.compress(TEXT.encode()),))
    writer.start()
    corpus = open_corpus(path)
    with corpus.scan(threads=2) as scan:
        assert scan.num_documents == len(documents())
    writer.join()
    with pytest.raises(ValueError, match="only once"):
        corpus.scan()
