"""Reading pairs."""

from __future__ import annotations

import gzip
import json

import pytest

from rowspace.errors import CorpusError, FileAccessError
from rowspace.tasks.translation import read_pairs

PAIRS = [("Go.", "Geh."), ('He said "no", twice.', "Er sagte „nein“.")]


def tabbed(pairs):
    return "".join(f"{a}\t{b}\n" for a, b in pairs)


@pytest.mark.parametrize(
    "text",
    [
        tabbed(PAIRS),
        "\ufeff" + tabbed(PAIRS),
        tabbed(PAIRS).replace("\n", "\r\n"),
        "\n" + "".join(f"{a}\t{b}\tCC-BY 2.0\n" for a, b in PAIRS),
        'id,target,source\n1,Geh.,Go.\n2,Er sagte „nein“.,"He said ""no"", twice."\n',
        "source\ttarget\n" + 'Go.\tGeh.\n"He said ""no"", twice."\tEr sagte „nein“.\n',
        "".join(json.dumps({"source": a, "target": b}) + "\n" for a, b in PAIRS),
    ],
)
def test_a_file_of_any_form_gives_the_same_pairs(tmp_path, text):
    path = tmp_path / "data"
    path.write_text(text, encoding="utf-8", newline="")
    assert read_pairs(path) == PAIRS
    path.write_bytes(gzip.compress(path.read_bytes()))
    assert read_pairs(str(path)) == PAIRS
    assert read_pairs(path, backward=True) == [(b, a) for a, b in PAIRS]


def test_two_files_side_by_side(tmp_path):
    first, second = tmp_path / "a.en", tmp_path / "a.de"
    first.write_text("".join(f"{a}\n" for a, _ in PAIRS) + "\n")
    second.write_text("".join(f"{b}\n" for _, b in PAIRS) + "\n", encoding="utf-8")
    assert read_pairs((first, second)) == PAIRS
    second.write_text("Geh.\n")
    with pytest.raises(CorpusError, match="have 3 and 1"):
        read_pairs((first, second))


def test_fields_of_other_names(tmp_path):
    path = tmp_path / "data"
    path.write_text('{"en": "Go.", "de": "Geh."}\n')
    assert read_pairs(path, source_field="en", target_field="de") == PAIRS[:1]
    with pytest.raises(CorpusError, match="line 1 must be a JSON object with 'source'"):
        read_pairs(path)


def test_an_iterable():
    assert read_pairs(pair for pair in PAIRS) == PAIRS
    assert read_pairs([["Go.", "Geh."]]) == PAIRS[:1]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "at least, but holds none"),
        (b"\n \n", "at least, but holds none"),
        (b"Go.\tGeh.\nGo.\n", "line 2 must be a text, a tab"),
        (b"Go.\t\n", "line 1 must have text on both sides"),
        (b"Go.\tGeh.\nGr\xfc\xdfe.\tx\n", "line 2 must be UTF-8"),
        (b'{"source": "a"}\n', "line 1 must be a JSON object"),
        (b'{"source": "a", "target": 3}\n', "line 1 must be two strings"),
        (b"source,target\nonly\n", "must be two strings"),
        (b"a\t" + b"x" * 1_000_000, "line 1 must be of sentences"),
    ],
)
def test_faults_of_files_name_the_line(tmp_path, data, message):
    path = tmp_path / "data"
    path.write_bytes(data)
    with pytest.raises(CorpusError, match=message):
        read_pairs(path)


@pytest.mark.parametrize("source", [[], ["ab"], [("a", "b", "c")], [("a", None)], [("a", " ")], [3]])
def test_faults_of_iterables(source):
    with pytest.raises(CorpusError):
        read_pairs(source)


@pytest.mark.unchecked
def test_what_is_no_source_at_all():
    with pytest.raises(CorpusError, match="must be a path, or pairs"):
        read_pairs(3)


def test_missing_files(tmp_path):
    with pytest.raises(FileAccessError):
        read_pairs(tmp_path / "none")
    with pytest.raises(FileAccessError):
        read_pairs((tmp_path / "none", tmp_path / "none"))
