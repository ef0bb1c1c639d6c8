"""Tables of many categorical columns, beside numeric ones."""

from rowspace.nn.columns.categorical_columns import CategoricalColumns
from rowspace.nn.columns.column_vocabulary import ColumnVocabulary
from rowspace.nn.columns.dimension import rounded
from rowspace.nn.columns.encoder import Encoded, Encoder
from rowspace.nn.columns.numeric_column import NumericColumn
from rowspace.nn.columns.report import ColumnReport, ColumnsReport
from rowspace.vocabulary.dimension_rules import deep_cross, fastai, fourth_root

__all__ = [
    "CategoricalColumns",
    "ColumnReport",
    "ColumnVocabulary",
    "ColumnsReport",
    "Encoded",
    "Encoder",
    "NumericColumn",
    "deep_cross",
    "fastai",
    "fourth_root",
    "rounded",
]
