"""From a frame to tensors: what a layer of columns learned of its training rows, without its vectors."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float32, Int64
from torch import Tensor

from rowspace.errors import RecipeError, ShapeError
from rowspace.nn.columns.column_vocabulary import ColumnVocabulary
from rowspace.nn.columns.frame import check_names, open_frame
from rowspace.nn.columns.numeric_column import NumericColumn
from rowspace.nn.columns.report import ColumnReport, ColumnsReport


class Encoded(NamedTuple):
    """A frame as tensors; `layer(*encoded)` and `TensorDataset(*encoded, labels)` take it as it is."""

    ids: Int64[Tensor, "rows columns"]
    numbers: Float32[Tensor, "rows numbers"]  # no columns where the layer has no numeric ones


@dataclass(frozen=True, eq=False)
class Encoder:
    """The vocabularies of categorical columns, and the statistics of numeric ones.

    >>> encoder = Encoder.learn({"city": ["Oslo", "Rome"], "age": [30, 50]}, numeric=["age"])
    >>> encoded, report = encoder.encode([{"age": 60, "city": "Rome"}, {"age": 30, "city": "Lima"}])
    >>> encoded.ids.tolist(), encoded.numbers.tolist(), report["city"].num_unknown
    ([[3], [0]], [[2.0], [-1.0]], 1)
    """

    vocabularies: tuple[ColumnVocabulary, ...]
    numeric: tuple[NumericColumn, ...] = ()

    def __post_init__(self) -> None:
        if not self.vocabularies:
            raise RecipeError("a layer of columns needs a categorical column at least, but got none")
        check_names([*self.names, *(column.name for column in self.numeric)], "the layer's columns")

    @classmethod
    def learn(
        cls,
        frame: object,
        columns: Iterable[str] | None = None,
        *,
        numeric: Iterable[str] = (),
        min_count: int = 1,
    ) -> Encoder:
        """Read the training rows; `columns` None means all but the numeric ones."""
        source, numbers = open_frame(frame), check_names(numeric, "numeric")
        if columns is None:
            columns = [name for name in source.names if name not in numbers]
        names = check_names(columns, "columns")
        if both := [name for name in names if name in numbers]:
            raise RecipeError(f"a column is categorical or numeric, but {both[0]!r} is named as both")
        found = source.columns([*names, *numbers])
        if not found or not len(found[0]):
            raise ShapeError("a frame to learn from must have columns and rows, but this one has none")
        first = len(names)
        return cls(
            tuple(
                ColumnVocabulary.learn(name, column, min_count=min_count)
                for name, column in zip(names, found[:first], strict=True)
            ),
            tuple(
                NumericColumn.learn(name, column) for name, column in zip(numbers, found[first:], strict=True)
            ),
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The categorical columns, in the order of the ids."""
        return tuple(each.name for each in self.vocabularies)

    @property
    def number_names(self) -> tuple[str, ...]:
        """What each of the numbers tells."""
        return tuple(output for column in self.numeric for output in column.outputs)

    def encode(self, frame: object) -> tuple[Encoded, ColumnsReport]:
        """A frame's columns, found by name, as ids and numbers, and what was unknown or missing in them."""
        found = open_frame(frame).columns([*self.names, *(column.name for column in self.numeric)])
        num_rows, first = len(found[0]), len(self.vocabularies)
        ids, reports = np.empty((num_rows, first), np.int64), []
        for place, vocabulary in enumerate(self.vocabularies):
            own = vocabulary.encode(found[place])
            ids[:, place] = own.ids
            reports.append(
                ColumnReport(vocabulary.name, num_rows, own.num_unknown, own.num_missing, own.examples)
            )
        numbers = [np.empty((num_rows, 0), np.float32)]
        for column, values in zip(self.numeric, found[first:], strict=True):
            outputs, missing = column.encode(values)
            numbers.append(outputs)
            reports.append(ColumnReport(column.name, num_rows, 0, missing))
        encoded = Encoded(torch.from_numpy(ids), torch.from_numpy(np.concatenate(numbers, axis=1)))
        return encoded, ColumnsReport(tuple(reports))
