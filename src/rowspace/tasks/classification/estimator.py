"""The linear text classifier by the protocol of scikit-learn's estimators, which need not be installed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np

from rowspace.errors import RecipeError
from rowspace.tasks.classification.linear_model import LinearTextModel
from rowspace.tasks.classification.outputs import Chances
from rowspace.tasks.classification.text_classifier import TextClassifier

PARAMETERS = tuple(field.name for field in fields(TextClassifier))


class TextClassifierEstimator:
    """A classifier of texts for pipelines and searches: X is a sequence of strings, y of labels of any type.

    Its parameters are the fields of TextClassifier, and `threads`. `model_` is the fitted model.

    >>> texts, marks = ["a fine film", "a dull film"] * 20, [1, 0] * 20
    >>> TextClassifierEstimator(dim=8, epochs=5, threads=1).fit(texts, marks).predict(["dull"])
    array([0])
    """

    _estimator_type = "classifier"

    def __init__(self, *, threads: int | None = None, **parameters: Any) -> None:
        self.threads = threads
        self._parameters: dict[str, Any] = {field.name: field.default for field in fields(TextClassifier)}
        self.set_params(**parameters)

    def __getattr__(self, name: str) -> Any:
        """The parameter of that name."""
        if name != "_parameters" and name in self._parameters:
            return self._parameters[name]
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """All parameters by name; `deep` means nothing to an estimator without parts."""
        del deep
        return {**self._parameters, "threads": self.threads}

    def set_params(self, **parameters: Any) -> TextClassifierEstimator:
        """Change parameters. Raises RecipeError for a name that there is not."""
        for name, value in parameters.items():
            if name == "threads":
                self.threads = value
            elif name in PARAMETERS:
                self._parameters[name] = value
            else:
                raise RecipeError(f"a parameter must be one of {', '.join(PARAMETERS)}, but is {name!r}")
        return self

    def fit(self, X: Sequence[str], y: Sequence[Any]) -> TextClassifierEstimator:  # noqa: N803
        """Learn from texts and their labels."""
        self.classes_, places = np.unique(np.asarray(y), return_inverse=True)
        # Numbers of one length sort as the classes do, so that columns agree with classes_.
        width = len(str(len(self.classes_)))
        labels = [str(place).zfill(width) for place in places.tolist()]
        recipe: TextClassifier = replace(TextClassifier(), **self._parameters)
        self.model_: LinearTextModel = recipe.fit(
            zip(labels, X, strict=True), threads=self.threads, progress=False
        )
        return self

    def predict(self, X: Sequence[str]) -> np.ndarray:  # noqa: N803
        """The most likely class of each text."""
        found: np.ndarray = self.classes_[self.predict_proba(X).argmax(axis=1)]
        return found

    def predict_proba(self, X: Sequence[str]) -> Chances:  # noqa: N803
        """The chance of each of `classes_`, float32 (texts, classes)."""
        return self.model_.chances([*X])

    def score(self, X: Sequence[str], y: Sequence[Any]) -> float:  # noqa: N803
        """The share of texts whose class is predicted."""
        return float((self.predict(X) == np.asarray(y)).mean())

    def __sklearn_tags__(self) -> Any:
        """What scikit-learn asks of estimators since 1.6."""
        from sklearn.utils import (  # type: ignore[import-untyped]  # noqa: PLC0415
            ClassifierTags,
            InputTags,
            Tags,
            TargetTags,
        )

        return Tags(
            estimator_type="classifier",
            target_tags=TargetTags(required=True),
            classifier_tags=ClassifierTags(),
            input_tags=InputTags(one_d_array=True, two_d_array=False, string=True),
        )

    def __sklearn_is_fitted__(self) -> bool:
        """Whether `fit` was called."""
        return hasattr(self, "model_")
