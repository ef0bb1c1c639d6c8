"""Relations in files, folders and in memory."""

from __future__ import annotations

import pytest

from rowspace.errors import EvaluationError
from rowspace.evaluation.relation_pairs import as_relations


def test_a_file_with_sections(tmp_path):
    path = tmp_path / "pairs.txt"
    path.write_text(": royal\nman\tking\n\nwoman  queen/ruler\n: empty\n:city\nNew York\tBoston / Salem\n")
    royal, empty, city = as_relations(path)
    assert (royal.name, royal.pairs) == ("royal", [("man", ("king",)), ("woman", ("queen", "ruler"))])
    assert (empty.name, empty.pairs) == ("empty", [])
    assert (city.name, city.pairs) == ("city", [("New York", ("Boston", "Salem"))])


def test_a_folder_has_a_relation_a_file(tmp_path):
    (tmp_path / "1_inflection").mkdir()
    (tmp_path / "1_inflection" / "I01 [noun - plural].txt").write_text("cup\tcups\n")
    (tmp_path / "D01.txt").write_text("up\tdown\n")
    assert [relation.name for relation in as_relations(tmp_path)] == ["I01 [noun - plural]", "D01"]


def test_in_memory():
    (relation,) = as_relations([("up", "down"), ("old", "young/new")])
    assert (relation.name, relation.pairs[1]) == ("", ("old", ("young", "new")))
    assert [each.name for each in as_relations({"a": [("x", "y")], "b": []})] == ["a", "b"]


@pytest.mark.parametrize("line", ["one", "a b c", "a\t", "\tb", "a /"])
def test_lines_of_another_form_are_named(tmp_path, line):
    (tmp_path / "pairs.txt").write_text(
        f": r\na\tb\n{line} \n" if line[-1] != "\t" else f": r\na\tb\n{line}\tc\n"
    )
    with pytest.raises(EvaluationError, match=r"pairs\.txt: line 3 must be ': relation' or two words"):
        as_relations(tmp_path / "pairs.txt")


@pytest.mark.unchecked
@pytest.mark.parametrize("pair", ["ab", ("a",), ("a", ""), ("a", "/"), ("a", 3), (3, "a")])
def test_pairs_in_memory_of_another_form_are_named(pair):
    with pytest.raises(EvaluationError, match="pair 1 of relation 'r' must be two words"):
        as_relations({"r": [("a", "b"), pair]})


def test_nothing(tmp_path):
    (tmp_path / "pairs.txt").write_text(": royal\n")
    for source in (tmp_path / "pairs.txt", {}, {"r": []}, []):
        with pytest.raises(EvaluationError, match="at least one pair"):
            as_relations(source)
