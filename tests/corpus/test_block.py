"""Blocks: tokens with and without white space."""

from __future__ import annotations

import numpy as np
import pytest

from rowspace.corpus import block as block_module
from rowspace.corpus.block import Block, documents_of
from rowspace.errors import CorpusError


def test_tokens_without_white_space_are_joined_to_text() -> None:
    assert Block.from_tokens([["a", "b"], [], ["c"]], str.encode).bounds is None
    assert Block.from_tokens([["a b"]], str.encode).bounds is not None


def test_tokens_that_could_be_taken_for_others() -> None:
    documents = [["a b", ""], [" a"], ["", "b\n"], ["a", "\t"]]
    kept = [["a b"], [" a"], ["b\n"], ["a", "\t"]]
    assert list(documents_of([Block.from_tokens(documents, str.encode)])) == kept


def test_a_document_goes_on_over_blocks() -> None:
    blocks = [Block.from_text(text) for text in (b"a ", b"b", b"\nc", b"", b"\n\n")]
    assert list(documents_of(blocks)) == [["a", "b"], ["c"]]


def test_the_bounds_are_views_of_the_room_given() -> None:
    block = Block.from_text(b"ab c\n")
    room = np.empty((2, block.num_bounds), np.int32)
    bounds = block.cut(*room)
    assert [part.tolist() for part in bounds] == [[0, 3, 4], [2, 4, 4]]
    assert all(np.shares_memory(part, room) for part in bounds)


def test_a_block_has_a_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(block_module, "LARGEST_BLOCK", 10)
    with pytest.raises(CorpusError, match="a document of 11 bytes is too large"):
        Block.from_text(b"x" * 11)
