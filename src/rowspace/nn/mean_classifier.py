"""A small text classifier: the mean of word vectors, read by one linear map."""

from __future__ import annotations

import math
from collections.abc import Sequence
from copy import deepcopy
from itertools import chain

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the name that all of PyTorch's users know
from jaxtyping import Float, Float64, Int64
from torch import Tensor

from rowspace.errors import EvaluationError
from rowspace.nn import optim
from rowspace.nn.embedding import Embedding
from rowspace.nn.one_hot import OneHot
from rowspace.vocabulary import Words

Labelled = tuple[Sequence[str], Sequence[str]]  # labels, and texts with white space between words
Texts = list[Int64[Tensor, "_"]]  # the rows of each text's words

LEARNING_RATE = 0.01
MOST_TEXTS, LEAST_BATCHES = 64, 10  # texts of a batch, and batches of an epoch where texts are few
MOST_EPOCHS, PATIENCE = 30, 3
HELD_BACK = 10  # one training text in so many serves to choose the epoch


class MeanClassifier(torch.nn.Module):
    """Classify texts by the mean of their words' vectors (Joulin et al., EACL 2017).

    `layer` turns the rows of `words` into vectors: an Embedding, or a OneHot, which makes it a logistic
    regression on the shares of words. Words that are not among `words` are left out. `fit` holds a tenth
    of the texts back and keeps the epoch that predicts them best; `seed` decides which, and in what order
    the others come.

    >>> model = MeanClassifier(OneHot(3), Words.from_keys(["good", "bad", "film"]), ["+", "-"], seed=0)
    >>> model.fit((["+", "-"] * 20, ["a good film", "a bad film"] * 20)).score((["-"], ["bad bad"]))
    1.0
    """

    def __init__(self, layer: Embedding | OneHot, words: Words, classes: Sequence[str], seed: int) -> None:
        super().__init__()
        self.layer, self.words, self.classes, self.seed = layer, words, tuple(classes), seed
        self.output = torch.nn.Linear(layer.embedding_dim, len(self.classes), bias=False)
        torch.nn.init.zeros_(self.output.weight)  # so that a word which training never meets says nothing
        self.prior = torch.nn.Parameter(torch.zeros(len(self.classes)))

    @property
    def num_parameters(self) -> int:
        """How many numbers it learns; frozen rows are none."""
        return sum(part.numel() for part in self.parameters() if part.requires_grad)

    def forward(self, texts: Texts) -> Float[Tensor, "texts classes"]:
        """The log-odds of each text; those of a text without known words are the prior."""
        sizes = torch.tensor([len(text) for text in texts])
        text_of = torch.repeat_interleave(torch.arange(len(texts)), sizes)
        votes = self.output(self.layer(torch.cat(texts)))  # of each word, which one-hot vectors can look up
        sums = votes.new_zeros(len(texts), len(self.classes)).index_add(0, text_of, votes)
        logits: Tensor = sums / sizes.clamp(min=1).unsqueeze(1) + self.prior
        return logits

    def fit(self, train: Labelled) -> MeanClassifier:
        """Learn from labels and texts. EvaluationError for fewer than two texts, or a label of no class."""
        texts, targets = self._rows(train[1]), self._targets(train[0])
        if len(texts) < 2 or bool((targets < 0).any()):
            raise EvaluationError(
                f"fit needs two texts at least with labels among {', '.join(self.classes)}, but got "
                f"{len(texts)} with labels {', '.join(sorted(set(train[0])))}"
            )
        lot = torch.Generator().manual_seed(self.seed)
        num_held_back = -(-len(texts) // HELD_BACK)
        order = torch.randperm(len(texts), generator=lot)
        held_back, rest = order[:num_held_back], order[num_held_back:]
        size = min(MOST_TEXTS, -(-len(rest) // LEAST_BATCHES))
        optimizer = optim.Adam([part for part in self.parameters() if part.requires_grad], LEARNING_RATE)
        best, least, best_epoch = deepcopy(self.state_dict()), math.inf, 0
        for epoch in range(MOST_EPOCHS):
            for batch in torch.split(rest[torch.randperm(len(rest), generator=lot)], size):
                optimizer.zero_grad()
                torch.autograd.backward(self._loss(texts, targets, batch))
                optimizer.step()
            with torch.no_grad():
                loss = float(self._loss(texts, targets, held_back))
            if loss < least:
                best, least, best_epoch = deepcopy(self.state_dict()), loss, epoch
            elif epoch - best_epoch >= PATIENCE:
                break
        self.load_state_dict(best)
        return self

    @torch.no_grad()
    def outcomes(self, data: Labelled) -> Float64[np.ndarray, "texts"]:
        """1 for each text whose most likely class is its label, else 0."""
        right: Tensor = self(self._rows(data[1])).argmax(1) == self._targets(data[0])
        return right.numpy().astype(np.float64)

    def score(self, data: Labelled) -> float:
        """Accuracy."""
        return float(self.outcomes(data).mean())

    def _loss(self, texts: Texts, targets: Int64[Tensor, "texts"], chosen: Int64[Tensor, "chosen"]) -> Tensor:
        """Mean cross-entropy of the texts at `chosen`."""
        return F.cross_entropy(self([texts[place] for place in chosen.tolist()]), targets[chosen])

    def _rows(self, texts: Sequence[str]) -> Texts:
        """The rows of the words of each text, one lookup for all."""
        words = [text.split() for text in texts]
        rows = torch.from_numpy(self.words.find_all([*chain.from_iterable(words)]))
        return [each[each >= 0] for each in torch.split(rows, [len(each) for each in words])]

    def _targets(self, labels: Sequence[str]) -> Int64[Tensor, "texts"]:
        """The place of each label among the classes, -1 for others."""
        places = {name: place for place, name in enumerate(self.classes)}
        return torch.tensor([places.get(label, -1) for label in labels], dtype=torch.int64)
