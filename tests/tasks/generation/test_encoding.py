"""Text as ids with ends and unknown words."""

from __future__ import annotations

import pytest

from rowspace.errors import CorpusError
from rowspace.tasks.generation.encoding import END_KEY, UNKNOWN_KEY, Rules, encode, ids_of, learn_words

PLAIN = Rules()


def encoded(text, rules=PLAIN, *, num_keys=10, min_count=1):
    with rules.scan(text) as scan:
        words = learn_words(scan, num_keys=num_keys, min_count=min_count)
        return words, [words.keys[row] for row in encode(scan, words).tolist()]


def test_rare_words_are_unknown_and_sentences_end():
    words, found = encoded(["a b a", "", "a c"], min_count=2)
    assert found == ["a", UNKNOWN_KEY, "a", END_KEY, "a", UNKNOWN_KEY, END_KEY]
    assert dict(zip(words.keys, words.counts.tolist(), strict=True)) == {END_KEY: 2, UNKNOWN_KEY: 2, "a": 3}


def test_the_most_frequent_words_are_kept():
    words, found = encoded(["x y z x y x"], num_keys=4)
    assert list(words.keys) == [END_KEY, UNKNOWN_KEY, "x", "y"]
    assert found.count(UNKNOWN_KEY) == 1


def test_a_text_that_writes_the_special_keys_means_them():
    words, found = encoded(["a <unk> </s> b"])
    assert found == ["a", UNKNOWN_KEY, END_KEY, "b", END_KEY]
    assert words.counts.tolist()[:2] == [2, 1]


def test_files_token_lists_and_patterns(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("The king.\nA queen!\n")
    rules = Rules(lowercase=True, pattern=r"\w+|[^\w\s]")
    assert encoded(path, rules)[1] == ["the", "king", ".", END_KEY, "a", "queen", "!", END_KEY]
    assert encoded([["The king.", "x"]])[1] == ["The king.", "x", END_KEY]
    assert rules.words_of("The END") == ["the", "end"]


def test_ids_of_words():
    words, _ = encoded(["a b"])
    assert ids_of(["b", "zz"], words).tolist() == [words.find("b"), words.unknown_row]
    assert ids_of([], words).tolist() == []


@pytest.mark.parametrize("text", [[], [""], [" \n"]])
def test_a_text_without_words_is_refused(text):
    with pytest.raises(CorpusError, match="must hold words"):
        Rules().scan(text)
