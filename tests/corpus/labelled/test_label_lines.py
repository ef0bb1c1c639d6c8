"""Lines of label, tab and text, and fastText's lines."""

from __future__ import annotations

import pytest

from rowspace.corpus.labelled.label_lines import read_prefixed, read_tabbed
from rowspace.errors import CorpusError


def test_label_tab_text():
    data = read_tabbed(b"ham\tSee you\tsoon\n\nvery spam\t Win\r\n\r\nham\t\nham\tlast", "mail")
    assert data.labels == [("ham",), ("very spam",), ("ham",), ("ham",)]
    assert [text.strip() for text in data.texts] == ["See you\tsoon", "Win", "", "last"]


def test_labels_are_no_words_of_the_text():
    cut = read_tabbed(b"a b\tc d\n\ne\tf\n", "mail").block
    assert cut.text.tobytes().split() == [b"c", b"d", b"f"]
    assert cut.text.tobytes().count(b"\n") == 2


def test_prefixed_labels_stand_anywhere():
    data = read_prefixed("__label__a x __label__é y\n\n z __label__b\n__label__a\n".encode(), "mail")
    assert data.labels == [("a", "é"), ("b",), ("a",)]
    assert [text.split() for text in data.texts] == [["x", "y"], ["z"], []]


def test_the_prefix_within_a_word_is_no_label():
    data = read_prefixed(b"__label__a x__label__b", "mail")
    assert (data.labels, data.texts[0].split()) == ([("a",)], ["x__label__b"])


def test_lower_case_leaves_labels():
    assert read_tabbed(b"Ham\tSee YOU\n", "mail", lowercase=True).texts == ["see you"]
    data = read_prefixed(b"__label__Ham See YOU\n", "mail", lowercase=True)
    assert (data.labels, data.texts) == ([("Ham",)], ["see you"])


@pytest.mark.parametrize(
    ("read", "text", "message"),
    [
        (read_tabbed, b"a\tb\n\nno tab\n", "mail: line 3 must be a label, a tab and a text, but is 'no tab'"),
        (read_tabbed, b"a\tb\n\tno label\n", "line 2 must be"),
        (read_tabbed, b"\n\n", "there is none"),
        (read_prefixed, b"__label__a x\nbare\n", "line 2 must have a word that begins with __label__"),
    ],
)
def test_what_is_refused(read, text, message):
    with pytest.raises(CorpusError, match=message):
        read(text, "mail")
