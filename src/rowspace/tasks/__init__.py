"""What embeddings are for: recipes that learn a task from files and give a model that predicts.

>>> from rowspace.tasks import TextClassifier
>>> TextClassifier(dim=50).epochs
10
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from rowspace.errors import MissingExtraError

if TYPE_CHECKING:
    from rowspace.tasks.classification import TextClassifier, TextClassifierEstimator
    from rowspace.tasks.classification.networks import NetworkClassifier
    from rowspace.tasks.generation import TextGenerator
    from rowspace.tasks.opening import open
    from rowspace.tasks.tagging import Tagger
    from rowspace.tasks.translation import Translator

__all__ = [
    "NetworkClassifier",
    "Tagger",
    "TextClassifier",
    "TextClassifierEstimator",
    "TextGenerator",
    "Translator",
    "open",
]

# A task's module is imported when it is first asked for, so that the linear classifier needs no PyTorch.
_HOMES = {
    "NetworkClassifier": "classification.networks",
    "Tagger": "tagging",
    "TextClassifier": "classification",
    "TextClassifierEstimator": "classification",
    "TextGenerator": "generation",
    "Translator": "translation",
    "open": "opening",
}


def __getattr__(name: str) -> Any:
    """Import what a public name stands for, and keep it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        home = import_module(f"{__name__}.{_HOMES[name]}")
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise MissingExtraError(
            f"{name} is a network and needs PyTorch, which is not installed; pip install 'rowspace[torch]'"
        ) from error
    value = globals()[name] = getattr(home, name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
