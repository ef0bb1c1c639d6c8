"""rowspace: the whole life of an embedding table.

>>> import rowspace as rs
>>> table = rs.Word2Vec(dim=8, min_count=1).fit([["a", "rose", "is", "a", "rose"]] * 20)
>>> table["rose"].shape
(8,)
"""

from importlib.metadata import version

from rowspace import evaluation, formats
from rowspace.corpus import open_corpus
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
from rowspace.search import analogy, nearest
from rowspace.table import Table
from rowspace.training import Word2Vec

__version__ = version("rowspace")

__all__ = [
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
    "Table",
    "UnknownKeyError",
    "UnwritableKeyError",
    "Word2Vec",
    "__version__",
    "analogy",
    "evaluation",
    "formats",
    "nearest",
    "open",
    "open_corpus",
    "read",
    "write",
]
