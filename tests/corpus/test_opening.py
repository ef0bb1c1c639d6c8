"""What may be given for a corpus, and the errors for what may not."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from rowspace.corpus import open_corpus
from rowspace.errors import CorpusError, FileAccessError, RecipeError


def test_a_list_of_names_of_files_is_read_as_files(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(f"words of {name}")
    names = [str(tmp_path / "a.txt"), str(tmp_path / "b.txt")]
    assert list(open_corpus(names)) == [["words", "of", "a.txt"], ["words", "of", "b.txt"]]
    assert list(open_corpus([*names, "no file"])) == [[names[0]], [names[1]], ["no", "file"]]


def test_json_lines_are_told_by_suffix_or_field(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson.gz").write_bytes(gzip.compress(b'{"text": "a b"}'))
    (tmp_path / "b.log").write_text(json.dumps({"body": "c"}))
    assert list(open_corpus(tmp_path / "a.ndjson.gz")) == [["a", "b"]]
    assert list(open_corpus(tmp_path / "b.log", field="body")) == [["c"]]
    assert list(open_corpus(tmp_path / "b.log")) == [['{"body":', '"c"}']]


@pytest.mark.parametrize("once", [iter(["a"]), (word for word in ["a"]), map(str, [1])])
def test_what_can_be_read_once_is_refused(once: Iterator[str]) -> None:
    with pytest.raises(CorpusError, match=r"re-iterable.* pass a list"):
        open_corpus(once)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (5, "but is int"),
        ([5], "first one is int: 5"),
        ([b"bytes"], "first one is bytes"),
        ([{"text": "a"}], "first one is dict"),
    ],
)
def test_no_documents(source: object, message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        open_corpus(source)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("no/such/file.txt", r"no file, folder or glob matches 'no/such/file\.txt'$"),
        ("no/such/*.txt", r"matches 'no/such/\*\.txt'$"),
        ("a text that somebody passed", r"pass a list of strings, \[text\]"),
        ("word " * 2000, r"\.\.\.'; for text itself"),
        ("", "must not be empty"),
        ("nul\0", "hold NUL"),
        (Path("missing"), "matches 'missing'"),
        ([Path("missing"), Path("gone")], "matches 'missing'"),
    ],
)
def test_no_such_path(source: object, message: str) -> None:
    with pytest.raises(FileAccessError, match=message):
        open_corpus(source)


def test_a_folder_without_files(tmp_path: Path) -> None:
    (tmp_path / ".hidden").write_text("a")
    with pytest.raises(FileAccessError, match="the folder holds no file"):
        open_corpus(tmp_path)


def test_token_lists_are_tokens_already() -> None:
    with pytest.raises(RecipeError, match="tokens already"):
        open_corpus([["a"]], pattern=r"\w+")


def test_an_empty_list_is_an_empty_corpus() -> None:
    assert list(open_corpus([])) == []
    with open_corpus([]).scan() as scan:
        assert (len(scan.keys), scan.num_documents, scan.num_tokens, scan.num_bytes) == (0, 0, 0, 0)
