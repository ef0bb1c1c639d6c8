"""Words with categories, in files and in memory."""

from __future__ import annotations

import pytest

from rowspace.errors import EvaluationError, FileAccessError
from rowspace.evaluation.word_categories import as_categories, read_categories


@pytest.mark.parametrize(
    "text",
    [
        "cat\tanimal\nfig\tfruit\n",
        "word,category\ncat,animal\nfig,fruit\n",
        '"cat";"animal"\n"fig";"fruit"\n',
        "# remark\n\ncat  animal\nfig  fruit\n",
        "Concept\tClass\tsource\ncat\tanimal\tx\nfig\tfruit\ty\n",
        "\ufeffcat animal\r\nfig fruit\r\ncat animal\r\n",
    ],
)
def test_files(tmp_path, text):
    path = tmp_path / "kinds.txt"
    path.write_text(text, encoding="utf-8", newline="")
    test = read_categories(path)
    assert (test.words, test.categories) == (["cat", "fig"], ["animal", "fruit"])
    assert as_categories(str(path)) == test


def test_fields_may_hold_other_marks(tmp_path):
    path = tmp_path / "kinds.txt"
    path.write_text("polar bear\tland mammal, large\nfig\tfruit\n")
    assert read_categories(path).categories == ["land mammal, large", "fruit"]
    path.write_text("bear land mammal\nfig fruit\n")
    assert read_categories(path).categories == ["land mammal", "fruit"]


def test_a_header_is_known_by_its_names_alone(tmp_path):
    path = tmp_path / "kinds.txt"
    path.write_text("noun part\nverb part\n")
    assert len(read_categories(path)) == 2
    path.write_text("word category\n")
    assert len(read_categories(path)) == 1


def test_in_memory():
    assert as_categories({"cat": "animal", "fig": "fruit"}) == as_categories(
        [("cat", "animal"), ("fig", "fruit")]
    )
    assert len(as_categories([("bank", "money"), ("bank", "river"), ("bank", "money")])) == 2


@pytest.mark.parametrize("line", ["cat", "cat\t", "\tanimal"])
def test_lines_of_another_form_are_named(tmp_path, line):
    (tmp_path / "kinds.txt").write_text(f"fig\tfruit\n{line}\n")
    with pytest.raises(EvaluationError, match=r"kinds\.txt: line 2 must hold a word and its category"):
        read_categories(tmp_path / "kinds.txt")


@pytest.mark.unchecked
@pytest.mark.parametrize("pair", ["ab", ("a",), ("a", 3), ("a", "")])
def test_pairs_of_another_form_are_named(pair):
    with pytest.raises(EvaluationError, match="entry 1 must be a word and its category"):
        as_categories([("cat", "animal"), pair])


def test_nothing(tmp_path):
    (tmp_path / "kinds.txt").write_text("# nothing\n")
    for source in (tmp_path / "kinds.txt", {}, []):
        with pytest.raises(EvaluationError, match="at least one word"):
            as_categories(source)
    with pytest.raises(FileAccessError):
        as_categories(tmp_path / "missing.txt")
