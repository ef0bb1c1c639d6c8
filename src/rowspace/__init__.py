"""rowspace: the whole life of an embedding table.

>>> import rowspace as rs
>>> table = rs.Word2Vec(dim=8, min_count=1).fit([["a", "rose", "is", "a", "rose"]] * 20)
>>> table["rose"].shape
(8,)
"""

from importlib.metadata import version

from rowspace import evaluation, formats
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
from rowspace.search import analogy, nearest
from rowspace.table import Table
from rowspace.training import PPMI, FastText, GloVe, Word2Vec, continue_training, grow, merge, shrink

__version__ = version("rowspace")

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
    "continue_training",
    "evaluation",
    "formats",
    "grow",
    "learn_phrases",
    "merge",
    "nearest",
    "open",
    "open_corpus",
    "read",
    "shrink",
    "write",
]
