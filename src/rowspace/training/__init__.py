"""Recipes: frozen hyper-parameters with a `fit` that turns a corpus into a table; and what comes after."""

from __future__ import annotations

from rowspace.training.fasttext import FastText
from rowspace.training.glove import GloVe
from rowspace.training.growing.continuing import continue_training
from rowspace.training.growing.growth import grow
from rowspace.training.growing.merging import merge
from rowspace.training.growing.shrinking import shrink
from rowspace.training.hooks import HookFailedWarning, Moment
from rowspace.training.ppmi import PPMI
from rowspace.training.run import InterruptedTrainingWarning, NothingLearnedWarning
from rowspace.training.settings import FitOptions
from rowspace.training.word2vec import Word2Vec

__all__ = [
    "PPMI",
    "FastText",
    "FitOptions",
    "GloVe",
    "HookFailedWarning",
    "InterruptedTrainingWarning",
    "Moment",
    "NothingLearnedWarning",
    "Word2Vec",
    "continue_training",
    "grow",
    "merge",
    "shrink",
]
