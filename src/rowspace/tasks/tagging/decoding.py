"""From tokens to labelled ranges by a network: long sentences in pieces, all others in batches."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from rowspace.tasks.tagging.batches import Encoded, pieces_of
from rowspace.tasks.tagging.lexicon import Lexicon
from rowspace.tasks.tagging.network import TaggingNetwork
from rowspace.tasks.tagging.ranges import Range, ranges_of


@torch.no_grad()
def find_ranges(
    network: TaggingNetwork, lexicon: Lexicon, tags: Sequence[str], sentences: Sequence[Sequence[str]]
) -> list[list[Range]]:
    """The ranges of each sentence; none in one without tokens. The network must be in evaluation mode."""
    cut = [pieces_of(tokens) for tokens in sentences]
    pieces = [piece for each in cut for piece in each]
    found: list[list[str]] = [[]] * len(pieces)
    if pieces:
        for chosen, batch in Encoded.of(pieces, lexicon).in_order():
            for place, path in zip(chosen.tolist(), network.decode(batch), strict=True):
                found[place] = [tags[tag] for tag in path]
    following = iter(found)
    return [_joined([ranges_of(next(following)) for _ in each], each) for each in cut]


def _joined(ranges: list[list[Range]], pieces: Sequence[Sequence[str]]) -> list[Range]:
    """The ranges of pieces as those of the sentence."""
    joined, before = [], 0
    for found, piece in zip(ranges, pieces, strict=True):
        joined += [(label, first + before, stop + before) for label, first, stop in found]
        before += len(piece)
    return joined
