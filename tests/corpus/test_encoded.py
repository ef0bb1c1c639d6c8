"""The encoded corpus: reading, shards, and files that are damaged at any byte."""

from __future__ import annotations

import os
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rowspace.corpus import EncodedCorpus, encoded, open_corpus
from rowspace.errors import CorpusError, FileAccessError, FormatError, ShapeError


def encode(documents: list[list[str]]) -> EncodedCorpus:
    with open_corpus(documents).scan() as scan:
        return scan.encode(np.arange(len(scan.keys), dtype=np.int32))


@settings(deadline=None, max_examples=80)
@given(st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=9), max_size=20), st.integers(1, 6))
def test_shards_join_to_the_whole(documents: list[list[str]], count: int) -> None:
    with encode(documents) as whole:
        shards = [whole.shard(index, count) for index in range(count)]
        ids = [shard.read(0, shard.num_ids) for shard in shards]
        np.testing.assert_array_equal(np.concatenate(ids), whole.read(0, whole.num_ids))
        assert all(len(part) == 0 or part[-1] == -1 for part in ids)
        assert sum(shard.num_documents for shard in shards) == whole.num_documents == len(documents)
        assert sum(shard.num_tokens for shard in shards) == whole.num_tokens


def test_a_shard_outlives_the_whole() -> None:
    whole = encode([["a"], ["b"]])
    shard = whole.shard(1, 2)
    whole.close()
    assert shard.read(0, 2).tolist() == [1, -1]
    with pytest.raises(CorpusError, match="closed"):
        whole.read(0, 1)


def test_a_shard_cuts_far_from_the_next_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoded, "_READ_IDS", 4)
    with encode([["a"] * 50, ["b"]]) as whole:
        assert [whole.shard(index, 3).num_ids for index in range(3)] == [51, 0, 2]


@pytest.mark.parametrize(("start", "stop"), [(-1, 1), (2, 1), (0, 5)])
def test_reading_outside_is_refused(start: int, stop: int) -> None:
    with encode([["a", "b", "a"]]) as whole, pytest.raises(ShapeError, match="0 <= start <= stop <= 4"):
        whole.read(start, stop)


@pytest.mark.parametrize(("index", "count"), [(-1, 2), (2, 2), (0, 0)])
def test_a_shard_that_does_not_exist(index: int, count: int) -> None:
    with encode([["a"]]) as whole, pytest.raises(ShapeError, match="0 <= index < count"):
        whole.shard(index, count)


def test_threads_read_at_once() -> None:
    with encode([[str(i)] for i in range(2000)]) as whole, ThreadPoolExecutor(4) as pool:
        starts = list(range(0, whole.num_ids, 7)) * 5
        parts = pool.map(lambda start: whole.read(start, min(start + 7, whole.num_ids)), starts)
        for start, part in zip(starts, parts, strict=True):
            assert part[0] == (start // 2 if start % 2 == 0 else -1)


def test_save_and_open_a_shard(tmp_path: Path) -> None:
    with encode([["a", "b"], ["b"], ["a"]]) as whole:
        whole.shard(1, 2).save(tmp_path / "part")
    with EncodedCorpus.open(tmp_path / "part") as part:
        assert part.read(0, part.num_ids).tolist() == [1, -1, 0, -1]
        assert (part.num_documents, part.num_tokens, part.num_rows) == (2, 2, 2)
    assert [path.name for path in tmp_path.iterdir()] == ["part"]


def test_damage_at_any_byte_is_named(tmp_path: Path) -> None:
    with encode([["a", "b"], ["b"]]) as whole:
        whole.save(tmp_path / "ids")
    data = (tmp_path / "ids").read_bytes()
    for place in range(len(data)):
        (tmp_path / "cut").write_bytes(data[:place])
        with pytest.raises(FormatError, match="cut: byte"):
            EncodedCorpus.open(tmp_path / "cut")
        if 32 <= place < 40:
            continue  # the number of rows: a larger one is as true
        (tmp_path / "cut").write_bytes(data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :])
        with pytest.raises(FormatError, match="cut: byte"):
            EncodedCorpus.open(tmp_path / "cut")
    (tmp_path / "cut").write_bytes(data + b"\0")
    with pytest.raises(FormatError, match="do not fit a file of"):
        EncodedCorpus.open(tmp_path / "cut")


@pytest.mark.parametrize("ids", [[5, -1], [-2, -1], [0, 1]])
def test_a_crafted_file_gives_no_place_outside_the_rows(tmp_path: Path, ids: list[int]) -> None:
    body = np.array(ids, np.int32).tobytes()
    ends = ids.count(-1)
    head = struct.pack("<8sIIqqq", b"rowspids", 1, zlib.crc32(body), len(ids), ends, 2)
    (tmp_path / "crafted").write_bytes(head + body)
    with pytest.raises(FormatError, match="crafted"):
        EncodedCorpus.open(tmp_path / "crafted")


def test_a_save_that_fails_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ids").write_text("old")

    def no_space(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with encode([["a"]]) as whole:
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", no_space)
            with pytest.raises(FileAccessError, match="ids: cannot be written: No space left"):
                whole.save(tmp_path / "ids")
        with pytest.raises(FileAccessError, match="cannot be written"):
            whole.save(tmp_path / "no folder" / "ids")
        (tmp_path / "folder").mkdir()
        with pytest.raises(FileAccessError, match="cannot be written"):
            whole.save(tmp_path / "folder")
    assert (tmp_path / "ids").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "ids"]


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileAccessError, match="missing: cannot be read"):
        EncodedCorpus.open(tmp_path / "missing")
