"""Compact tables: layers with the interface of Embedding that store fewer numbers than a full table."""

from rowspace.nn.compact.embedding_layer import EmbeddingLayer
from rowspace.nn.compact.hashed import HashedEmbedding
from rowspace.nn.compact.low_rank import LowRankEmbedding
from rowspace.nn.compact.mixed import Block, MixedDimEmbedding
from rowspace.nn.compact.nested import NestedEmbedding, nested_loss
from rowspace.nn.compact.quotient_remainder import QuotientRemainderEmbedding
from rowspace.nn.compact.tensor_train import TensorTrainEmbedding

__all__ = [
    "Block",
    "EmbeddingLayer",
    "HashedEmbedding",
    "LowRankEmbedding",
    "MixedDimEmbedding",
    "NestedEmbedding",
    "QuotientRemainderEmbedding",
    "TensorTrainEmbedding",
    "nested_loss",
]
