"""rowspace: the whole life of an embedding table.

>>> import rowspace as rs
>>> table = rs.Word2Vec(dim=8, min_count=1).fit([["a", "rose", "is", "a", "rose"]] * 20)
>>> table["rose"].shape
(8,)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from rowspace.version import __version__

if TYPE_CHECKING:
    from rowspace import evaluation, formats, maps, selection, tasks
    from rowspace.corpus import learn_phrases, open_corpus
    from rowspace.errors import (
        CorpusError,
        DivergedError,
        EvaluationError,
        FileAccessError,
        FormatError,
        MissingExtraError,
        RecipeError,
        RowIdError,
        RowspaceError,
        ShapeError,
        UnknownKeyError,
        UnwritableKeyError,
    )
    from rowspace.formats import open, read, write
    from rowspace.search.analogy import analogy
    from rowspace.search.neighbors import nearest
    from rowspace.selection.best import best
    from rowspace.selection.dimension import choose_dim
    from rowspace.table import Table
    from rowspace.training import PPMI, FastText, GloVe, Word2Vec, continue_training, grow, merge, shrink

__all__ = [  # noqa: RUF022 - in the order of str
    "CorpusError",
    "DivergedError",
    "EvaluationError",
    "FastText",
    "FileAccessError",
    "FormatError",
    "GloVe",
    "MissingExtraError",
    "PPMI",
    "RecipeError",
    "RowIdError",
    "RowspaceError",
    "ShapeError",
    "Table",
    "UnknownKeyError",
    "UnwritableKeyError",
    "Word2Vec",
    "__version__",
    "analogy",
    "best",
    "choose_dim",
    "continue_training",
    "evaluation",
    "formats",
    "grow",
    "learn_phrases",
    "maps",
    "merge",
    "nearest",
    "open",
    "open_corpus",
    "read",
    "selection",
    "shrink",
    "tasks",
    "write",
]

# A name's module is imported when the name is first asked for: a program pays for what it uses (PEP 562).
_NAMES_OF = {
    "rowspace.corpus": ("learn_phrases", "open_corpus"),
    "rowspace.errors": (
        "CorpusError",
        "DivergedError",
        "EvaluationError",
        "FileAccessError",
        "FormatError",
        "MissingExtraError",
        "RecipeError",
        "RowIdError",
        "RowspaceError",
        "ShapeError",
        "UnknownKeyError",
        "UnwritableKeyError",
    ),
    "rowspace.formats": ("open", "read", "write"),
    "rowspace.search": ("analogy", "nearest"),
    "rowspace.selection": ("best", "choose_dim"),
    "rowspace.table": ("Table",),
    "rowspace.training": (
        "PPMI",
        "FastText",
        "GloVe",
        "Word2Vec",
        "continue_training",
        "grow",
        "merge",
        "shrink",
    ),
}
_MODULES = [
    "arrays",
    "corpus",
    "errors",
    "evaluation",
    "formats",
    "kernels",
    "maps",
    "nn",
    "search",
    "selection",
    "stores",
    "table",
    "tasks",
    "training",
    "vocabulary",
]
_HOMES = {name: home for home, names in _NAMES_OF.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import what a public name stands for, and keep it."""
    if name in _MODULES:
        return import_module(f"rowspace.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return [*globals(), *__all__]
