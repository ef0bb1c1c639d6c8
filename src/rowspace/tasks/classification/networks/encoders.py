"""Encoders: from the vectors of a text's words to one vector of the text."""

from __future__ import annotations

from typing import Literal, Protocol

import torch
import torch.nn.functional as F  # noqa: N812 - the name that all of PyTorch's users know
from jaxtyping import Bool, Float
from torch import Tensor

EncoderName = Literal["convolution", "recurrent", "attention"]
WIDTHS = (3, 4, 5)  # words that a filter sees (Kim 2014)


class Encoder(Protocol):
    """What the three have in common; texts are padded behind, and padding changes nothing."""

    num_features: int

    def __call__(
        self, words: Float[Tensor, "texts length dim"], is_token: Bool[Tensor, "texts length"]
    ) -> Float[Tensor, "texts features"]:
        """The features of each text."""
        ...


class ConvolutionEncoder(torch.nn.Module):
    """Filters over three, four and five words, and the maximum of each over the text.

    (Kim, "Convolutional neural networks for sentence classification", EMNLP 2014.)
    """

    def __init__(self, dim: int, width: int) -> None:
        super().__init__()
        self.num_features = len(WIDTHS) * width
        self.filters = torch.nn.ModuleList(
            torch.nn.Conv1d(dim, width, size, padding=size // 2) for size in WIDTHS
        )

    def forward(
        self, words: Float[Tensor, "texts length dim"], is_token: Bool[Tensor, "texts length"]
    ) -> Float[Tensor, "texts features"]:
        """Maxima over the windows around the tokens; vectors of padding must be zeros."""
        turned, is_padding = words.transpose(1, 2), ~is_token.unsqueeze(1)
        maxima = []
        for each in self.filters:
            seen = F.relu(each(turned)[:, :, : words.shape[1]])  # an even window makes one place more
            maxima.append(seen.masked_fill(is_padding, 0.0).amax(2))
        return torch.cat(maxima, 1)


class RecurrentEncoder(torch.nn.Module):
    """An LSTM in each direction, and the maximum of each of its values over the text.

    (Graves & Schmidhuber, 2005; the pooling of Lai et al., AAAI 2015, and Conneau et al., EMNLP 2017.)
    """

    def __init__(self, dim: int, width: int) -> None:
        super().__init__()
        self.num_features = 2 * width
        self.forth = torch.nn.LSTM(dim, width, batch_first=True)
        self.back = torch.nn.LSTM(dim, width, batch_first=True)

    def forward(
        self, words: Float[Tensor, "texts length dim"], is_token: Bool[Tensor, "texts length"]
    ) -> Float[Tensor, "texts features"]:
        """Maxima over the states behind each token."""
        sizes = is_token.sum(1, keepdim=True)
        places = torch.arange(words.shape[1])
        # Each text read from its end: padding stays behind, so that no state before it has seen it.
        mirrored = torch.where(is_token, sizes - 1 - places, places)
        turned = words.gather(1, mirrored.unsqueeze(2).expand_as(words))
        states = torch.cat([self.forth(words)[0], self.back(turned)[0]], 2)
        return states.masked_fill(~is_token.unsqueeze(2), -1.0).amax(1)  # a state lies above -1


class AttentionEncoder(torch.nn.Module):
    """The mean of the words' values, each word weighed by how much it matters.

    (Yang et al., "Hierarchical attention networks for document classification", NAACL 2016, without the
    network below the attention.)
    """

    def __init__(self, dim: int, width: int) -> None:
        super().__init__()
        self.num_features = width
        self.values = torch.nn.Linear(dim, width)
        self.matter = torch.nn.Linear(width, 1, bias=False)

    def forward(
        self, words: Float[Tensor, "texts length dim"], is_token: Bool[Tensor, "texts length"]
    ) -> Float[Tensor, "texts features"]:
        """Weighted means of the tokens' values."""
        values = torch.tanh(self.values(words))
        scores = self.matter(values).squeeze(2).masked_fill(~is_token, -torch.inf)
        means: Tensor = torch.einsum("tl,tlw->tw", scores.softmax(1), values)
        return means


ENCODERS: dict[EncoderName, type[ConvolutionEncoder | RecurrentEncoder | AttentionEncoder]] = {
    "convolution": ConvolutionEncoder,
    "recurrent": RecurrentEncoder,
    "attention": AttentionEncoder,
}
