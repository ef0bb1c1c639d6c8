"""JSON lines and Parquet: the place of what is wrong."""

from __future__ import annotations

import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rowspace.corpus import open_corpus, records
from rowspace.errors import CorpusError, FileAccessError, FormatError, MissingExtraError


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"{", r"t\.jsonl: line 2: must be a JSON object, but "),
        (b"[" * 100_000, "line 2: must be a JSON object, but "),
        (b'["text"]', "line 2: must be a JSON object with the field 'text', but holds list"),
        (b'{"body": "a", "id": 1}', "but holds 'body', 'id'; choose with field="),
        (b'{"text": ["a"]}', "line 2: field 'text': must be a string, but is list"),
        (b'{"text": "\xff"}', r"t\.jsonl: byte 27: text must be UTF-8"),
        (b'{"text": "\\ud800"}', "lone surrogate"),
    ],
)
def test_a_wrong_json_line_is_named(tmp_path: Path, line: bytes, message: str) -> None:
    (tmp_path / "t.jsonl").write_bytes(b'\xef\xbb\xbf{"text": "a"}\n' + line)
    with pytest.raises(CorpusError, match=message):
        open_corpus(tmp_path / "t.jsonl").scan()


def test_a_line_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "LONGEST_PIECE", 100)
    (tmp_path / "t.jsonl").write_bytes(b" " * 200)
    with pytest.raises(CorpusError, match="line 1: longer than 100 bytes"):
        open_corpus(tmp_path / "t.jsonl").scan()


def test_parquet_columns(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"body": ["a b", None, "c"], "n": [1, 2, 3]}), path)
    assert list(open_corpus(path, field="body")) == [["a", "b"], ["c"]]
    with pytest.raises(CorpusError, match="must have the column 'text', but has body, n"):
        open_corpus(path).scan()
    with pytest.raises(CorpusError, match="column 'n' must hold strings, but holds int64"):
        open_corpus(path, field="n").scan()


def test_broken_utf8_in_parquet(tmp_path: Path) -> None:
    broken = pa.array([b"ok", b"\xff"], pa.binary())
    text = pa.Array.from_buffers(pa.string(), 2, broken.buffers())
    pq.write_table(pa.table({"text": text}), tmp_path / "t.parquet")
    with pytest.raises(CorpusError, match="row 1: byte 0: text must be UTF-8"):
        open_corpus(tmp_path / "t.parquet").scan()
    assert list(open_corpus(tmp_path / "t.parquet", errors="replace")) == [["ok"], ["\ufffd"]]


def test_every_cut_of_a_parquet_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"text": ["a b"]}), path)
    data = path.read_bytes()
    for length in range(0, len(data), 7):
        path.write_bytes(data[:length])
        with pytest.raises(FormatError, match="Parquet file is damaged"):
            open_corpus(path).scan()


def test_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "t.parquet").write_bytes(b"")
    corpus = open_corpus(tmp_path / "t.parquet")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"rowspace\[arrow\]"):
        corpus.scan()
    monkeypatch.undo()
    (tmp_path / "t.parquet").unlink()
    with pytest.raises(FileAccessError, match="No such file"):
        corpus.scan()
