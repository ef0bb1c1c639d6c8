"""Heads: from hidden vectors to rows, with a loss that a large table can afford."""

from rowspace.nn.heads.adaptive_softmax import AdaptiveSoftmax
from rowspace.nn.heads.cutoffs import choose_cutoffs
from rowspace.nn.heads.distinct import Distinct
from rowspace.nn.heads.sampled_softmax import SampledSoftmax
from rowspace.nn.heads.samplers import LogUniform, Sampler, Uniform, Unigram
from rowspace.nn.heads.targets import HeadOutput
from rowspace.nn.heads.tied import TiedOutput
from rowspace.nn.heads.tied_loss import tied_cross_entropy

__all__ = [
    "AdaptiveSoftmax",
    "Distinct",
    "HeadOutput",
    "LogUniform",
    "SampledSoftmax",
    "Sampler",
    "TiedOutput",
    "Uniform",
    "Unigram",
    "choose_cutoffs",
    "tied_cross_entropy",
]
