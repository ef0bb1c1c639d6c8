"""The parts of a vocabulary in a file; whole files are in test_native.py."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.errors import ShapeError
from rowspace.formats import vocabularies
from rowspace.vocabulary import Words
from rowspace.vocabulary.ngrams import NGrams
from rowspace.vocabulary.subwords import Subwords


class Ranges:
    """A vocabulary of a kind that no file holds."""

    missing = "raise"


def test_kinds_and_names_of_rows():
    words = Words.from_keys(["a", "b"])
    subwords = Subwords(words, NGrams(1, 2, 5))
    assert [vocabularies.kind_of(each) for each in (words, subwords)] == ["words", "ngrams"]
    assert vocabularies.words_of(subwords) is words
    name_of = vocabularies.row_name(subwords)
    assert [name_of(1), name_of(2)] == ["'b'", "subword 0"]


def test_parts_come_back():
    subwords = Subwords(Words.from_keys(["ab", "b"], unknown_key="b", missing="unknown"), NGrams(1, 2, 5))
    for vocabulary in (subwords, subwords.compacted(), subwords.words):
        words = vocabularies.words_of(vocabulary)
        arrays = {
            "keys.bytes": words.keys.data, "keys.offsets": words.keys.offsets, "keys.hash": words.slots,
            **vocabularies.to_tensors(vocabulary),
        }  # fmt: skip
        back = vocabularies.from_parts(vocabularies.to_json(vocabulary), arrays)
        assert type(back) is type(vocabulary)
        assert (back.num_rows, back.missing) == (vocabulary.num_rows, "unknown")
        np.testing.assert_array_equal(back.bags().ids, vocabulary.bags().ids)


@pytest.mark.unchecked
def test_other_kinds_are_refused():
    with pytest.raises(ShapeError, match="files hold words or subwords, but this vocabulary is a Ranges"):
        vocabularies.words_of(Ranges())
