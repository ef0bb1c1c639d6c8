"""The PyTorch side: embedding layers, their optimizers, compact tables, columns and output layers.

>>> import torch
>>> import rowspace.nn as rnn
>>> layer = rnn.Embedding(10, 4)
>>> optimizer = rnn.optim.Adam(layer.parameters(), lr=0.1)
>>> layer(torch.tensor([1, 2])).sum().backward()
>>> optimizer.step()
"""

from rowspace.errors import MissingExtraError

try:
    import torch as _torch  # noqa: F401 - asked for once, at the door
except ImportError as error:
    raise MissingExtraError("rowspace.nn needs PyTorch: pip install 'rowspace[torch]'") from error

from rowspace.nn import initializers, optim
from rowspace.nn.columns import CategoricalColumns
from rowspace.nn.compact import (
    HashedEmbedding,
    LowRankEmbedding,
    MixedDimEmbedding,
    NestedEmbedding,
    QuotientRemainderEmbedding,
    TensorTrainEmbedding,
    nested_loss,
)
from rowspace.nn.dropout import Dropout
from rowspace.nn.embedding import Embedding
from rowspace.nn.embedding_bag import EmbeddingBag
from rowspace.nn.heads import AdaptiveSoftmax, LogUniform, SampledSoftmax, TiedOutput, Uniform, Unigram
from rowspace.nn.lora import LoRAEmbedding
from rowspace.nn.one_hot import OneHot
from rowspace.nn.regularizers import AnchorToPretrained, CowClip, FrequencyDecay, MaxNorm, RowL2
from rowspace.nn.row_parameter import RowParameter
from rowspace.nn.row_rates import Thaw, freeze_rows, hold_rows, set_row_rate, unfreeze_rows
from rowspace.nn.unknown import Unknown, UnknownReport

__all__ = [
    "AdaptiveSoftmax",
    "AnchorToPretrained",
    "CategoricalColumns",
    "CowClip",
    "Dropout",
    "Embedding",
    "EmbeddingBag",
    "FrequencyDecay",
    "HashedEmbedding",
    "LoRAEmbedding",
    "LogUniform",
    "LowRankEmbedding",
    "MaxNorm",
    "MixedDimEmbedding",
    "NestedEmbedding",
    "OneHot",
    "QuotientRemainderEmbedding",
    "RowL2",
    "RowParameter",
    "SampledSoftmax",
    "TensorTrainEmbedding",
    "Thaw",
    "TiedOutput",
    "Uniform",
    "Unigram",
    "Unknown",
    "UnknownReport",
    "freeze_rows",
    "hold_rows",
    "initializers",
    "nested_loss",
    "optim",
    "set_row_rate",
    "unfreeze_rows",
]
