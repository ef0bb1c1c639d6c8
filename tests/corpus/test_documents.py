"""Documents handed over by Python."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rowspace.corpus import open_corpus
from rowspace.corpus.block_corpus import BlockCorpus
from rowspace.corpus.documents import Strings, TokenLists
from rowspace.corpus.tokenizer import Tokenizer
from rowspace.errors import CorpusError

TOKENS = st.text(st.sampled_from("ab\0 \n\t\u0085\u3000é"), max_size=4)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.lists(TOKENS, max_size=5), max_size=8), st.integers(1, 20), st.integers(1, 2))
def test_token_lists_are_kept_exact(documents: list[list[str]], block_bytes: int, threads: int) -> None:
    corpus = BlockCorpus([TokenLists(documents, block_bytes=block_bytes)], Tokenizer())
    kept = [[token for token in document if token] for document in documents]
    assert list(corpus) == [document for document in kept if document]
    with corpus.scan(threads=threads) as scan:
        assert scan.num_tokens == sum(map(len, kept))
        assert sorted(scan.keys) == sorted({token for document in kept for token in document})


@settings(deadline=None, max_examples=60)
@given(st.lists(TOKENS, max_size=8), st.integers(1, 20))
def test_a_newline_in_a_string_ends_no_document(documents: list[str], block_bytes: int) -> None:
    corpus = BlockCorpus([Strings(lambda: documents, block_bytes=block_bytes)], Tokenizer())
    cut = [[token.decode() for token in document.encode().split()] for document in documents]
    assert list(corpus) == [document for document in cut if document]


def test_token_lists_in_lower_case() -> None:
    assert list(open_corpus([["The", "New York"]], lowercase=True)) == [["the", "new york"]]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (["a", "b", 3], "document 2 must be a str like the first one, but is int: 3"),
        ([["a"], "b"], "document 1 must be a list of str like the first one, but is str: 'b'"),
        ([["a"], ["b", 3]], "document 1 must be a list of str"),
        ([["a"], None], "document 1 must be a list of str like the first one, but is NoneType"),
    ],
)
def test_documents_of_another_kind_are_named(source: list[object], message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        open_corpus(source).scan()
    with pytest.raises(CorpusError, match=message):
        list(open_corpus(source).shard(len(source) - 1, len(source)))
