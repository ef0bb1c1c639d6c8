"""Joining phrases: in token lists and in scans alike."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rowspace.arrays import END
from rowspace.corpus import joining, open_corpus
from rowspace.corpus.joining import join_scan, join_tokens
from rowspace.corpus.scan import Scan
from rowspace.errors import CorpusError

SCORES = {
    ("new", "york"): 9.0,
    ("york", "city"): 8.0,
    ("bank", "of", "the", "west"): 7.0,
    ("a", "b_c"): 6.0,
    ("a_b", "c"): 5.0,
    ("absent", "york"): 4.0,
}
TOKENS = ["new", "york", "city", "bank", "of", "the", "west", "a", "b_c", "a_b", "c", "new_york"]


def documents_of(scan: Scan) -> list[list[str]]:
    documents: list[list[str]] = [[]]
    with scan.encode(np.arange(len(scan.keys), dtype=np.int32)) as stream:
        for token in stream.read(0, stream.num_ids).tolist():
            if token == END:
                documents.append([])
            else:
                documents[-1].append(scan.keys[token])
    return documents[:-1]


@pytest.mark.parametrize(
    ("tokens", "joined"),
    [
        ("new york city", "new_york city"),
        ("bank of the west", "bank_of_the_west"),
        ("bank of west", "bank of west"),
        ("of the bank of", "of the bank of"),
        ("bank of the new york of", "bank of the new_york of"),
        ("new new york york city", "new new_york york_city"),
        ("", ""),
    ],
)
def test_from_left_to_right_around_connectors(tokens: str, joined: str) -> None:
    assert join_tokens(tokens.split(), SCORES, "_", {"of", "the"}) == joined.split()


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(st.sampled_from(TOKENS), min_size=1, max_size=12), min_size=1, max_size=8))
def test_a_scan_is_joined_as_lists_are(documents: list[list[str]]) -> None:
    wanted = [join_tokens(document, SCORES, "_", {"of", "the"}) for document in documents]
    with open_corpus(documents).scan() as scan, join_scan(scan, SCORES, "_", ["of", "the"]) as joined:
        assert documents_of(joined) == wanted
        counts = {key: sum(document.count(key) for document in wanted) for key in joined.keys}
        assert joined.counts.tolist() == list(counts.values())
        assert (joined.num_documents, joined.num_bytes) == (scan.num_documents, scan.num_bytes)
        assert joined.num_tokens == sum(map(len, wanted))
        assert joined.excerpt() == " ".join(wanted[0][:8])
        assert len(scan.keys) == len({token for document in documents for token in document})


def test_two_phrases_and_a_token_of_one_spelling_are_one_key() -> None:
    documents = ["a b_c", "a_b c", "new york new_york"]
    with open_corpus(documents).scan() as scan, join_scan(scan, SCORES, "_", []) as joined:
        assert dict(zip(joined.keys, joined.counts.tolist(), strict=True)) == {"a_b_c": 2, "new_york": 2}


def test_pieces_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    documents = [rng.choice(TOKENS, 40).tolist() for _ in range(20)]
    monkeypatch.setattr(joining, "READ_IDS", 7)
    with open_corpus(documents).scan() as scan, join_scan(scan, SCORES, "_", ["of", "the"]) as joined:
        assert documents_of(joined) == [join_tokens(each, SCORES, "_", {"of", "the"}) for each in documents]


def test_no_phrases_change_nothing() -> None:
    with open_corpus(["a b", "c"]).scan() as scan, join_scan(scan, {}, "_", []) as joined:
        assert documents_of(joined) == [["a", "b"], ["c"]]


def test_a_closed_scan_is_named() -> None:
    scan = open_corpus(["a b"]).scan()
    scan.close()
    with pytest.raises(CorpusError, match="closed"):
        join_scan(scan, SCORES, "_", [])
