"""Search: exact nearest neighbors and analogies."""

from rowspace.search.analogy import Method, analogy
from rowspace.search.bounds import Metric
from rowspace.search.exact import ExactIndex, Hits, Index
from rowspace.search.neighbors import Neighbors, nearest

__all__ = ["ExactIndex", "Hits", "Index", "Method", "Metric", "Neighbors", "analogy", "nearest"]
