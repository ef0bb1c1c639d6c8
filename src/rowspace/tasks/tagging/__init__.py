"""Tagging: labelled spans of a text, such as names. Needs PyTorch.

>>> from rowspace.tasks.tagging import Tagger
>>> Tagger(dim=50).epochs
12
"""

from rowspace.tasks.tagging.columns import Sentence, read_sentences
from rowspace.tasks.tagging.crf import LinearChainCRF
from rowspace.tasks.tagging.report import SpanScore, TaggingReport
from rowspace.tasks.tagging.span import Span
from rowspace.tasks.tagging.steps import Steps
from rowspace.tasks.tagging.tagger import Tagger
from rowspace.tasks.tagging.tagging_model import TaggingModel
from rowspace.tasks.tagging.tokens import tokenize

__all__ = [
    "LinearChainCRF",
    "Sentence",
    "Span",
    "SpanScore",
    "Steps",
    "Tagger",
    "TaggingModel",
    "TaggingReport",
    "read_sentences",
    "tokenize",
]
