"""Evaluation: word similarity and analogies."""

from rowspace.evaluation.analogies import AnalogyReport, SectionScore, analogies
from rowspace.evaluation.similarity import SimilarityReport, similarity
from rowspace.evaluation.word_pairs import WordPairs, read_pairs

__all__ = [
    "AnalogyReport",
    "SectionScore",
    "SimilarityReport",
    "WordPairs",
    "analogies",
    "read_pairs",
    "similarity",
]
