"""Open a model of any task."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from rowspace.errors import FormatError, MissingExtraError
from rowspace.formats.tensor_file import map_tensors

MODELS = {
    "rowspace-text-classifier": ("classification", "LinearTextModel"),
    "rowspace-network-classifier": ("classification.networks", "NetworkTextModel"),
    "rowspace-tagger": ("tagging", "TaggingModel"),
    "rowspace-translator": ("translation", "TranslationModel"),
    "rowspace-text-generator": ("generation", "GenerationModel"),
}


def open(path: str | Path) -> Any:
    """The model in a file that a model's `save` wrote, of whatever task.

    Raises FileAccessError, FormatError for a file that holds no model or is damaged, and MissingExtraError
    where the model is a network and PyTorch is not installed.

    >>> from tempfile import mkdtemp
    >>> from rowspace.tasks import TextClassifier, open
    >>> model = TextClassifier(dim=4, epochs=5).fit([("warm", "sun"), ("cold", "snow")] * 9)
    >>> open(model.save(Path(mkdtemp()) / "weather.model")).predict(["snow and ice"])
    ['cold']
    """
    kind = map_tensors(path).metadata.get("format")
    if kind not in MODELS:
        raise FormatError(
            path, 8, f"a model of a task has one of the formats {', '.join(MODELS)}, but this is {kind!r}"
        )
    module, name = MODELS[kind]
    try:
        home = import_module(f"rowspace.tasks.{module}")
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise MissingExtraError(
            f"{path} holds a network, which needs PyTorch; pip install 'rowspace[torch]'"
        ) from error
    return getattr(home, name).load(path)
