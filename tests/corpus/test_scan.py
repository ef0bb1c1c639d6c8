"""Scans: errors of threads and disks, and their clean end."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from rowspace.corpus import EncodedCorpus, open_corpus
from rowspace.errors import CorpusError, FileAccessError, RecipeError, ShapeError


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_closed_scan_says_so_and_keeps_its_counts() -> None:
    scan = open_corpus(["a b"]).scan()
    scan.close()
    scan.close()
    assert scan.counts.tolist() == [1, 1]
    with pytest.raises(CorpusError, match="closed"):
        scan.encode(np.zeros(2, np.int32))


@pytest.mark.unchecked
@pytest.mark.parametrize("row_of", [np.zeros(3, np.int32), np.zeros(2, np.int64)])
def test_encode_checks_its_rows(row_of: np.ndarray) -> None:
    with (
        open_corpus(["a b"]).scan() as scan,
        pytest.raises(ShapeError, match=r"row_of must be int32 of shape \(2,\)"),
    ):
        scan.encode(row_of)


def test_encode_to_a_path(tmp_path: Path) -> None:
    with open_corpus(["a b", "c"]).scan() as scan:
        scan.encode(np.array([4, -1, 2], np.int32), tmp_path / "ids").close()
    with EncodedCorpus.open(tmp_path / "ids") as encoded:
        assert encoded.read(0, 4).tolist() == [4, -1, 2, -1]
        assert (encoded.num_rows, encoded.num_documents, encoded.num_tokens) == (5, 2, 2)


def test_documents_whose_tokens_are_dropped_vanish() -> None:
    with open_corpus([["a"], ["b"], ["a", "b"], ["a"]]).scan() as scan:
        encoded = scan.encode(np.array([-1, 0], np.int32))
        assert encoded.read(0, encoded.num_ids).tolist() == [0, -1, 0, -1]
        nothing = scan.encode(np.array([-1, -1], np.int32))
        assert (nothing.num_ids, nothing.num_documents, nothing.num_rows) == (0, 0, 0)


def test_threads_must_be_positive() -> None:
    with pytest.raises(RecipeError, match="threads must be at least 1, but is 0"):
        open_corpus(["a"]).scan(threads=0)


@pytest.mark.parametrize("threads", [1, 2])
def test_a_full_disk_is_named_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, threads: int
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def no_space(*_: object) -> int:
        raise OSError(28, "No space left on device")

    corpus, before = open_corpus(["a b"] * 10), open_files()
    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", no_space)
        with pytest.raises(FileAccessError, match=r"No space left on device; .*TMPDIR"):
            corpus.scan(threads=threads)
    assert open_files() == before
    assert list(tmp_path.iterdir()) == []


def test_no_name_is_left_in_the_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = open_files()
    with open_corpus(["a b"]).scan() as scan:
        encoded = scan.encode(np.zeros(2, np.int32))
        assert list(tmp_path.iterdir()) == []
    assert open_files() == before + 1
    del encoded, scan
    assert open_files() == before


def test_the_excerpt_is_the_beginning_of_the_first_document() -> None:
    with open_corpus(["", "a b", "c"]).scan() as scan:
        assert scan.excerpt() == "a b"
        assert scan.excerpt(1) == "a"
    with open_corpus([]).scan() as scan:
        assert scan.excerpt() == ""
