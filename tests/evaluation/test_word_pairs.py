"""Word pairs in the forms in which they are passed around."""

from __future__ import annotations

import pytest

from rowspace.errors import EvaluationError
from rowspace.evaluation.word_pairs import pairs_from, read_pairs

FORMS = {
    "tab": "old\tnew\t1.58\nbig city\tsmall\t2\n",
    "spaces": "old new  1.58\nbig_city small 2.0",
    "comma with header": "Word 1,Word 2,Human (mean)\nold,new,1.58\nbig city,small,2\n",
    "quoted": '"old","new","1.58"\n"big, city",small,2\n',
    "semicolon": "old; new; 1.58\nbig city; small; 2\n",
    "raters": "Word 1,Word 2,Human (mean),1,2\nold,new,1.58,1,2\nbig city,small,2,2,2\n",
    "part of speech": "word1\tword2\tPOS\tSimLex999\tconc\nold\tnew\tA\t1.58\t3\nbig city\tsmall\tA\t2\t3\n",
    "comments": "# a test\r\n\r\nold\tnew\t1.58\r\n# more\r\nbig city\tsmall\t2\r\n",
    "mark": "\ufeffold\tnew\t1.58\nbig city\tsmall\t2\n",
}


@pytest.mark.parametrize("form", FORMS)
def test_usual_forms(tmp_path, form):
    path = tmp_path / "NICE-2.txt"
    path.write_text(FORMS[form], encoding="utf-8", newline="")
    pairs = read_pairs(path)
    assert pairs.name == "NICE-2"
    assert pairs.first[0] == "old"
    assert pairs.first[1].replace("_", " ").replace(",", "") == "big city"
    assert pairs.second == ["new", "small"]
    assert pairs.scores.tolist() == [1.58, 2]


def test_a_single_line(tmp_path):
    path = tmp_path / "one.txt"
    path.write_text("a b 3")
    assert len(read_pairs(path)) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\tb\t1\nc\td\n", r"t\.txt: line 2 must hold two words and a score in column 3"),
        ("a b 1\nc d 2\ne f x9\n", r"line 3 must hold a finite number in column 3, but holds 'x9'"),
        ("a;b;1,5\nc;d;0,5\n", r"line 1 must hold a finite number .* '1,5'; write 0\.5 for 0,5"),
        ("a b 1\nc d nan\n", r"line 2 must hold a finite number in column 3, but holds 'nan'"),
        ("a b inf\nc d 1\n", "line 1 must hold a finite number"),
        ("a b 1\n\tb\t2\n", "line 2 must hold"),
        ("word1 word2 score\n", "line 1 must hold a finite number"),
        ("", "this file holds none"),
        ("# only\n\n", "this file holds none"),
        ("just one long sentence without any score\nand another one like it here\n", "line 2"),
    ],
)
def test_malformed_files_name_the_line(tmp_path, text, message):
    path = tmp_path / "t.txt"
    path.write_text(text)
    with pytest.raises(EvaluationError, match=message):
        read_pairs(path)


@pytest.mark.unchecked
@pytest.mark.parametrize("triple", [("a", "b"), ("a", "b", "x"), ("a", "b", float("nan")), (1, "b", 2.0)])
def test_triples_must_be_two_words_and_a_number(triple):
    with pytest.raises(EvaluationError, match="pair 1 must be"):
        pairs_from([("a", "b", 1.0), triple])


def test_no_triples():
    with pytest.raises(EvaluationError, match="at least one pair"):
        pairs_from([])


@pytest.mark.data
def test_the_real_sets(data_dir):
    sizes = {path.stem: len(read_pairs(path)) for path in (data_dir / "similarity").glob("*.txt")}
    assert sizes["EN-SIMLEX-999"] == 999
    assert sizes["EN-WS-353-ALL"] == 353
    assert len(sizes) == 7
