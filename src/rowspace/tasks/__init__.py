"""What embeddings are for: recipes that learn a task from files and give a model that predicts."""

from rowspace.tasks.classification import TextClassifier

__all__ = ["TextClassifier"]
