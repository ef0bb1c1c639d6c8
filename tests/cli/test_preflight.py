"""The report between counting and training."""

from __future__ import annotations

import pytest

from rowspace import CorpusError, Word2Vec, open_corpus
from rowspace.cli.preflight import Announced, operations_a_word
from rowspace.corpus import Corpus


def test_it_is_a_corpus_that_announces_itself(capsys):
    inner = open_corpus(["red green blue", "red green", "red"])
    announced = Announced(inner, Word2Vec(min_count=2, dim=16), threads=1)
    assert isinstance(announced, Corpus)
    with announced.scan() as scan:
        assert scan.num_tokens == 6
    printed = capsys.readouterr().err
    assert "3 documents, 6 tokens, 3 distinct" in printed
    assert "2 rows keep 5 tokens" in printed
    assert list(announced) == list(inner)
    assert list(announced.shard(0, 1)) == list(inner)


def test_the_unknown_row_is_counted(capsys):
    recipe = Word2Vec(min_count=2, unknown="unknown")
    Announced(open_corpus(["a a b"]), recipe, threads=1).scan().close()
    assert "2 rows" in capsys.readouterr().err


def test_nothing_left_is_the_usual_error():
    with pytest.raises(CorpusError, match="min_count"):
        Announced(open_corpus(["a b"]), Word2Vec(), threads=1).scan()


def test_the_estimate_grows_with_every_setting():
    least = operations_a_word(Word2Vec())
    for larger in (Word2Vec(dim=200), Word2Vec(window=10), Word2Vec(negatives=10)):
        assert operations_a_word(larger) > least
