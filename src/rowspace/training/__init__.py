"""Recipes: frozen hyper-parameters with a `fit` that turns a corpus into a table."""

from __future__ import annotations

from rowspace.training.run import InterruptedTrainingWarning, NothingLearnedWarning
from rowspace.training.word2vec import Word2Vec

__all__ = ["InterruptedTrainingWarning", "NothingLearnedWarning", "Word2Vec"]
