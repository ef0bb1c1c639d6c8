"""The tagger's network as it is mostly written in PyTorch, for comparisons of speed.

torch.nn.Embedding, a convolution over words padded to one length, torch.nn.LSTM over packed sentences, and a
CRF over padded ones whose gradient is left to autograd. Its weights are those of our network, and so must be
its loss.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

from rowspace.tasks.tagging.batches import Batch
from rowspace.tasks.tagging.network import CHARACTER_DIM, TaggingNetwork

GATES = [0, 1, 3, 2]  # torch keeps the new cell before the gate of the output


class PlainTagger(torch.nn.Module):
    """The same network; it takes what `prepared` makes of a batch, and gives the loss."""

    def __init__(self, network: TaggingNetwork) -> None:
        super().__init__()
        self.words, self.shapes = plain_rows(network.own), plain_rows(network.shapes)
        encoder = network.characters
        self.characters = torch.nn.Embedding.from_pretrained(
            encoder.rows.weight.detach().clone(), freeze=False, padding_idx=encoder.padding
        )
        filters, width = encoder.convolution.weight.shape
        self.convolution = torch.nn.Conv1d(CHARACTER_DIM, filters, width // CHARACTER_DIM, padding=1)
        self.lstm = plain_lstm(network.lstm)
        self.dropout = torch.nn.Dropout(network.dropout.share)
        self.output = torch.nn.Linear(network.output.in_features, network.output.out_features)
        with torch.no_grad():
            stretches = encoder.convolution.weight.view(filters, -1, CHARACTER_DIM)
            self.convolution.weight.copy_(stretches.transpose(1, 2))
            self.convolution.bias.copy_(encoder.convolution.bias)
        self.output.load_state_dict(network.output.state_dict())
        for name in ("starts", "follows", "ends"):
            setattr(self, name, torch.nn.Parameter(getattr(network.crf, name).detach().clone()))
            self.register_buffer(f"illegal_{name}", getattr(network.crf, f"illegal_{name}"))

    def forward(self, given: dict[str, Tensor]) -> Tensor:
        """The mean negative log-likelihood of the sentences."""
        lengths, tags = given["lengths"], given["tags"]
        characters = given["characters"]
        seen = F.relu(self.convolution(self.characters(characters).transpose(1, 2)))
        is_padding = (characters == self.characters.padding_idx).unsqueeze(1)
        of_words = seen.masked_fill(is_padding, 0.0).amax(2)
        of_forms = torch.cat([self.shapes(given["shapes"]), of_words], 1)
        features = torch.cat([of_forms[given["forms"]], self.words(given["words"])], 2)
        packed = pack_padded_sequence(self.dropout(features), lengths, batch_first=True)
        states, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        emissions = self.output(self.dropout(states))
        is_token = torch.arange(tags.shape[1]) < lengths.unsqueeze(1)
        return (self.partition(emissions, is_token) - self.score(emissions, tags, is_token)).mean()

    def partition(self, emissions: Tensor, is_token: Tensor) -> Tensor:
        """The forward algorithm."""
        follows = self.follows + self.illegal_follows
        scores = self.starts + self.illegal_starts + emissions[:, 0]
        for place in range(1, emissions.shape[1]):
            reached = torch.logsumexp(scores.unsqueeze(2) + follows, 1) + emissions[:, place]
            scores = torch.where(is_token[:, place : place + 1], reached, scores)
        return torch.logsumexp(scores + self.ends + self.illegal_ends, 1)

    def score(self, emissions: Tensor, tags: Tensor, is_token: Tensor) -> Tensor:
        """The score of the tags."""
        own = (emissions.gather(2, tags.unsqueeze(2)).squeeze(2) * is_token).sum(1)
        between = (self.follows[tags[:, :-1], tags[:, 1:]] * is_token[:, 1:]).sum(1)
        last = tags.gather(1, is_token.sum(1, keepdim=True) - 1).squeeze(1)
        return own + between + self.starts[tags[:, 0]] + self.ends[last]


def plain_rows(layer: Any) -> torch.nn.Embedding:
    """torch.nn.Embedding with the same rows."""
    return torch.nn.Embedding.from_pretrained(layer.weight.detach().clone(), freeze=False)


@torch.no_grad()
def plain_lstm(layer: Any) -> torch.nn.LSTM:
    """torch.nn.LSTM with the same weights."""
    width, hidden = layer.inputs.in_features, layer.recurrent.shape[1]
    other = torch.nn.LSTM(width, hidden, bidirectional=True, batch_first=True)
    inputs = layer.inputs.weight.view(2, 4, hidden, width)[:, GATES].flatten(1, 2)
    biases = layer.inputs.bias.view(2, 4, hidden)[:, GATES].flatten(1)
    recurrent = layer.recurrent.view(2, hidden, 4, hidden)[:, :, GATES].flatten(2)
    for way, suffix in enumerate(("", "_reverse")):
        getattr(other, f"weight_ih_l0{suffix}").copy_(inputs[way])
        getattr(other, f"weight_hh_l0{suffix}").copy_(recurrent[way].T)
        getattr(other, f"bias_ih_l0{suffix}").copy_(biases[way])
        getattr(other, f"bias_hh_l0{suffix}").zero_()
    return other


def prepared(batch: Batch, network: TaggingNetwork) -> dict[str, Tensor]:
    """What the plain network takes: the same sentences, padded, with unknown words by their row."""
    sentence, lengths = batch.steps.sentence_of, batch.steps.lengths
    order = torch.argsort(sentence, stable=True)

    def padded(values: Tensor) -> Tensor:
        return pad_sequence(torch.split(values[order], lengths.tolist()), batch_first=True)

    spelling, padding = batch.spelling, network.characters.padding
    signs = torch.from_numpy(spelling.stretches[spelling.ids, 1])
    sizes: Sequence[int] = (spelling.starts[1:] - spelling.starts[:-1]).tolist()
    return {
        "words": padded(batch.own.where(batch.own >= 0, network.own.inputs.unknown.row)),
        "shapes": batch.shapes.where(batch.shapes >= 0, network.shapes.inputs.unknown.row),
        "characters": pad_sequence(torch.split(signs, sizes), batch_first=True, padding_value=padding),
        "forms": padded(batch.form_of),
        "tags": padded(batch.tags),
        "lengths": lengths,
    }
