"""A corpus in two parts: together they are the whole, and no window crosses where runs were cut out."""

from __future__ import annotations

from collections import Counter

import pytest

from rowspace.errors import CorpusError
from rowspace.selection.best import parts
from rowspace.selection.best.parts import Part, encode

TEXTS = {
    "documents": [[f"w{number % 37}", f"v{number % 11}", "x"] for number in range(4_000)],
    "one long line": [[f"w{number % 97}" for number in range(30_000)]],
    "tiny": [["a", "b"], ["c"]],
}


@pytest.fixture(params=TEXTS)
def text(request):
    return TEXTS[request.param]


def test_both_parts_together_hold_every_token(text, monkeypatch):
    monkeypatch.setattr(parts, "READ_RUNS", 1)
    stream, keys = encode(text, threads=1)
    learned, held_out = Part.both(stream, keys)
    counted = Counter()
    for part in (learned, held_out):
        with part.scan() as scan:
            counted.update(dict(zip(scan.keys, scan.counts.tolist(), strict=True)))
    assert +counted == Counter(token for document in text for token in document)


def test_one_run_in_forty_is_held_out():
    stream, keys = encode(TEXTS["documents"], threads=1)
    learned, held_out = Part.both(stream, keys)
    tokens = [part.scan().num_tokens for part in (learned, held_out)]
    assert tokens[1] / sum(tokens) == pytest.approx(1 / parts.EVERY, rel=0.1)


def test_no_document_spans_a_cut():
    """In one long line of consecutive numbers every document of a part must be consecutive too."""
    stream, keys = encode([[str(number) for number in range(30_000)]], threads=1)
    for part in Part.both(stream, keys):
        for document in part:
            numbers = list(map(int, document))
            assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_a_scan_encodes_what_iteration_gives(text):
    stream, keys = encode(text, threads=1)
    for part in Part.both(stream, keys):
        with part.scan() as scan:
            assert scan.num_tokens == sum(map(len, part))


def test_without_tokens():
    with pytest.raises(CorpusError, match="must hold tokens"):
        encode([[]], threads=1)
    stream, keys = encode(TEXTS["tiny"], threads=1)
    with pytest.raises(CorpusError, match="not shared out"):
        Part.both(stream, keys)[0].shard(0, 2)
