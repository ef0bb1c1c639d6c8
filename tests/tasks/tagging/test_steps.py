"""Where each token of a batch lies."""

from __future__ import annotations

import pytest
import torch
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence

from rowspace.errors import ShapeError
from rowspace.tasks.tagging.steps import Steps

SENTENCES = [[10, 11, 12, 13], [20, 21, 22, 23], [30, 31], [40]]
PACKED = pack_sequence([torch.tensor(each) for each in SENTENCES])
STEPS = Steps(PACKED.batch_sizes)


def test_tokens_lie_as_in_packed_sequences():
    tokens = PACKED.data
    assert STEPS.sentence_of.tolist() == [token // 10 - 1 for token in tokens.tolist()]
    assert STEPS.lengths.tolist() == [4, 4, 2, 1]
    assert [tokens[each].tolist() for each in STEPS.slices] == [
        [10, 20, 30, 40], [11, 21, 31], [12, 22], [13, 23]
    ]  # fmt: skip
    assert tokens[STEPS.last].tolist() == [13, 23, 31, 40]
    assert (tokens[STEPS.before] + 1).tolist() == tokens[4:].tolist()


def test_mirrored_reads_every_sentence_from_its_end():
    mirrored = PACKED._replace(data=PACKED.data[STEPS.mirrored])
    padded, lengths = pad_packed_sequence(mirrored, batch_first=True)
    found = [row[:length].tolist() for row, length in zip(padded, lengths, strict=True)]
    assert found == [each[::-1] for each in SENTENCES]
    assert torch.equal(STEPS.mirrored[STEPS.mirrored], torch.arange(11))


@pytest.mark.parametrize("sizes", [[], [2, 0], [1, 2], [0]])
def test_a_batch_out_of_order_is_refused(sizes):
    with pytest.raises(ShapeError, match="longest first"):
        Steps(torch.tensor(sizes, dtype=torch.int64))
