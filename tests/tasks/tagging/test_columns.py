"""Reading tagged sentences, and what is refused."""

from __future__ import annotations

import pytest

from rowspace.errors import CorpusError, FileAccessError
from rowspace.tasks.tagging.columns import Sentence, read_sentences

ROME = Sentence(("in", "Rome"), ("O", "B-LOC"))


@pytest.mark.parametrize(
    "text",
    [
        "in\tO\nRome\tB-LOC\n",
        "in O\nRome B-LOC",
        "\n\nin\tIN\tx\tO\r\nRome\tNNP\ty\tB-LOC\r\n\r\n",
        "-DOCSTART- -X- O O\n\nin IN x O\nRome NNP y B-LOC\n",
        "\ufeffxx:in\tO\nxx:Rome\tB-LOC\n",
    ],
)
def test_columns_in_their_common_forms(tmp_path, text):
    path = tmp_path / "a.conll"
    path.write_bytes(text.encode())
    assert read_sentences(path) == [ROME]


def test_blanks_inside_a_token_of_a_file_with_tabs(tmp_path):
    path = tmp_path / "a.conll"
    path.write_text("New York\tB-LOC\n\nin\tO\n", encoding="utf-8")
    assert [each.tokens for each in read_sentences(path)] == [("New York",), ("in",)]


def test_what_looks_like_a_language_stays_unless_all_have_it():
    assert read_sentences([(["en:", "en:Rome"], ["O", "O"])])[0].tokens == ("en:", "en:Rome")
    assert read_sentences([(["en:a"], ["O"]), (["de:a"], ["O"])])[0].tokens == ("en:a",)
    assert read_sentences([(["en:a"], ["O"]), (["en:b"], ["O"])])[0].tokens == ("a",)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"in O\nRome\n", "line 2 must have a token in its first column"),
        (b"in\tO\n\tB-x\n", "line 2 must have a token"),
        (b"Rome\tLOC\n", "line 1: a tag must be O"),
        (b"in\tO\n\nR\xf6me\tO\n", "line 3 must be UTF-8, but byte 8"),
        (b"\n \n", "must hold a tagged sentence"),
        (b"", "must hold a tagged sentence"),
    ],
)
def test_wrong_files_are_named_with_their_line(tmp_path, data, message):
    path = tmp_path / "bad.conll"
    path.write_bytes(data)
    with pytest.raises(CorpusError, match=message) as caught:
        read_sentences(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        ((["a"], ["O", "O"]), "sentence 2 must have a tag for each token, but has 1 tokens and 2 tags"),
        (("ab", ["O", "O"]), "sentence 2 must be two lists of str"),
        ((["a"], [1]), "sentence 2 must be two lists of str"),
        (["a"], "sentence 2 must be a pair"),
        (3, "sentence 2 must be a pair"),
        ((["a"], ["Z-x"]), "sentence 2: a tag must be O"),
    ],
)
def test_wrong_pairs_are_named_with_their_number(pair, message):
    with pytest.raises(CorpusError, match=message):
        read_sentences([(["a"], ["O"]), pair])


def test_no_file_is_an_error(tmp_path):
    with pytest.raises(FileAccessError, match=r"none\.conll"):
        read_sentences(tmp_path / "none.conll")


@pytest.mark.data
def test_the_real_files_are_read_whole(data_dir):
    counts = {("wnut17", "train"): (3_394, 62_730), ("wikiann-en", "dev"): (10_000, 80_536)}
    for (name, part), (sentences, tokens) in counts.items():
        found = read_sentences(data_dir / "tagging" / name / f"{part}.conll")
        assert (len(found), sum(len(each.tokens) for each in found)) == (sentences, tokens)
        assert not any(token.startswith("en:") for each in found for token in each.tokens)
