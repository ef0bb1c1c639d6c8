"""Evaluation: what a table's vectors know, how they lie, and which of two tables knows more."""

from rowspace.evaluation.analogies import AnalogyReport, analogies
from rowspace.evaluation.categories import CategoryReport, categories
from rowspace.evaluation.compare import compare
from rowspace.evaluation.comparison import Comparison, ComparisonReport
from rowspace.evaluation.geometry import GeometryReport, geometry
from rowspace.evaluation.odd_one_out import OddOneOutReport, odd_one_out
from rowspace.evaluation.overlap import OverlapReport, neighbor_overlap
from rowspace.evaluation.relations import RelationReport, relations
from rowspace.evaluation.shares import SectionScore
from rowspace.evaluation.similarity import SimilarityReport, similarity
from rowspace.evaluation.word_pairs import WordPairs, read_pairs

__all__ = [
    "AnalogyReport",
    "CategoryReport",
    "Comparison",
    "ComparisonReport",
    "GeometryReport",
    "OddOneOutReport",
    "OverlapReport",
    "RelationReport",
    "SectionScore",
    "SimilarityReport",
    "WordPairs",
    "analogies",
    "categories",
    "compare",
    "geometry",
    "neighbor_overlap",
    "odd_one_out",
    "read_pairs",
    "relations",
    "similarity",
]
