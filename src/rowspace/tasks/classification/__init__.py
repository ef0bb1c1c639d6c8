"""Text classification: the fast linear model, as a recipe, a fitted model and a scikit-learn estimator."""

from __future__ import annotations

from rowspace.tasks.classification.estimator import TextClassifierEstimator
from rowspace.tasks.classification.explanation import Explanation
from rowspace.tasks.classification.linear_model import LinearTextModel
from rowspace.tasks.classification.report import ClassificationReport, LabelScore
from rowspace.tasks.classification.text_classifier import TextClassifier
from rowspace.tasks.classification.tuning import Tuning

__all__ = [
    "ClassificationReport",
    "Explanation",
    "LabelScore",
    "LinearTextModel",
    "TextClassifier",
    "TextClassifierEstimator",
    "Tuning",
]
