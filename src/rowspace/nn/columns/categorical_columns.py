"""CategoricalColumns: many categorical columns as one layer, beside numeric ones."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int64, Integer
from torch import Tensor

from rowspace.errors import RecipeError, RowIdError, ShapeError
from rowspace.nn.columns import column_file
from rowspace.nn.columns.column_table import from_table, known_rows, to_table
from rowspace.nn.columns.column_vocabulary import FIRST, UNKNOWN
from rowspace.nn.columns.dimension import Dims, dims_of
from rowspace.nn.columns.encoder import Encoded, Encoder
from rowspace.nn.columns.layout import Layout
from rowspace.nn.columns.report import ColumnsReport
from rowspace.nn.embedding import Embedding
from rowspace.nn.initializers import Initializer
from rowspace.table import Table

UNKNOWN_RATE = 0.03
SHOWN_NAMES = 8


class CategoricalColumns(torch.nn.Module):
    """The categories of a frame's columns as vectors side by side, with its numbers behind them.

    `fit` learns a vocabulary for each column, `encode` turns a frame into row ids, and the layer turns
    ids into vectors: (rows, columns) into (rows, output_dim). Every column has a row for unknown
    categories (0), one for missing values (1), and one for each category of training. All columns of one
    dim share one table, so a lookup is one gather for each distinct dim, however many columns there are.

    In training a random share `unknown_rate` of the known categories is replaced by the unknown row, each
    category equally often, so that the row has learned something before it is needed; it starts from
    zeros. Rare categories (`min_count`) have it for good.

    >>> frame = {"city": ["Oslo", "Rome", "Oslo"], "job": ["cook", None, "cook"], "age": [31, 40, 49]}
    >>> layer = CategoricalColumns.fit(frame, ["city", "job"], dims=4, numeric=["age"])
    >>> encoded = layer.encode({"age": [40], "job": [None], "city": ["Lima"], "more": [0]})
    >>> encoded.ids, encoded.numbers
    (tensor([[0, 1]]), tensor([[0.]]))
    >>> layer(*encoded).shape
    torch.Size([1, 9])
    >>> print(layer.report())
    column  unknown  missing  unknown values
    city     100.0%     0.0%  Lima
    job        0.0%   100.0%
    age        0.0%     0.0%
    """

    _sizes: Tensor
    _first_rows: Tensor
    _unknown_rates: Tensor

    def __init__(
        self,
        encoder: Encoder,
        dims: Iterable[int],
        *,
        unknown_rate: float = UNKNOWN_RATE,
        init: str | Initializer = "normal_scaled",
    ) -> None:
        """Make a layer with a dim for each column of an encoder; most use `fit`, `load` or `from_tables`.

        Raises RecipeError for a rate outside [0, 1].
        """
        super().__init__()
        if not 0 <= unknown_rate <= 1:
            raise RecipeError(
                f"unknown_rate is a share of values and must lie in [0, 1], but is {unknown_rate}"
            )
        self.encoder, self.unknown_rate = encoder, unknown_rate
        self.layout = Layout.of([each.num_rows for each in encoder.vocabularies], list(dims))
        self.tables = torch.nn.ModuleDict()
        for group in self.layout.groups:
            name = self._describe(group.columns)
            self.tables[group.key] = Embedding(group.num_rows, group.dim, init=init, name=name)
        for name, values in self._constants().items():
            self.register_buffer(name, values, persistent=False)
        for place in range(len(encoder.vocabularies)):
            self._rows(place)[UNKNOWN] = 0
        self._report: ColumnsReport | None = None

    @classmethod
    def fit(
        cls,
        frame: object,
        columns: Iterable[str] | None = None,
        dims: Dims = None,
        *,
        numeric: Iterable[str] = (),
        min_count: int = 1,
        unknown_rate: float = UNKNOWN_RATE,
        init: str | Initializer = "normal_scaled",
    ) -> CategoricalColumns:
        """Learn the vocabularies of `columns` (default: all but the numeric ones) from training rows.

        `frame` is a pandas or Polars frame, an Arrow table, a dict of columns, a list of dicts, or a NumPy
        record array. `dims` is one dim for all, a rule (a function of the number of categories), or a
        mapping by name; without it, and for columns not named, ``rounded(deep_cross)``. A category that
        occurs fewer than `min_count` times is unknown. Values of one column must be of one kind: text,
        numbers, truth values or dates. Raises ShapeError naming the column, and RecipeError.
        """
        encoder = Encoder.learn(frame, columns, numeric=numeric, min_count=min_count)
        chosen = dims_of(dims, {each.name: len(each.words) for each in encoder.vocabularies})
        return cls(encoder, chosen, unknown_rate=unknown_rate, init=init)

    @property
    def names(self) -> tuple[str, ...]:
        """The categorical columns, in the order of the ids."""
        return self.encoder.names

    @property
    def output_names(self) -> tuple[str, ...]:
        """What each value of the output belongs to: a column's name dim times, then the numbers."""
        own = [name for name, dim in zip(self.names, self.layout.dims, strict=True) for _ in range(dim)]
        return (*own, *self.encoder.number_names)

    @property
    def output_dim(self) -> int:
        """The width of the output: all dims and numbers together."""
        return sum(self.layout.dims) + len(self.encoder.number_names)

    def encode(self, frame: object) -> Encoded:
        """A frame as row ids and standardised numbers, on the CPU; columns are found by name.

        Unknown and rare categories have id 0, missing values 1 (or 0, where training missed none). What
        was unknown is told by `report`. Raises ShapeError for a column that the frame lacks or that holds
        values of another kind than in training. Cost is linear in the cells.
        """
        encoded, self._report = self.encoder.encode(frame)
        return encoded

    def report(self) -> ColumnsReport:
        """What the last call of `encode` did not know; RecipeError before the first."""
        if self._report is None:
            raise RecipeError("a report tells of the frame encoded last; call encode(frame) first")
        return self._report

    def forward(
        self, ids: Integer[Tensor, "*batch columns"], numbers: Float[Tensor, "*batch numbers"] | None = None
    ) -> Float[Tensor, "*batch output_dim"]:
        """The vectors of each row side by side, in the order of the columns, and its numbers behind them.

        Raises RowIdError naming the column for an id outside it (on a GPU at a later call or by `check`,
        naming the columns of its dim), and ShapeError for ids or numbers of another shape.
        """
        self._check_shapes(ids, numbers)
        ids = ids.long()
        rows = ids + self._first_rows
        if self.training and self.unknown_rate:
            rows = self._some_unknown(rows)
        wrong = (ids < 0) | (ids >= self._sizes)
        try:
            vectors = self._gather(rows.masked_fill_(wrong, -1))  # which no table takes
        except RowIdError as error:
            raise self._name_column(ids, wrong, error) from None
        return vectors if numbers is None else torch.cat([vectors, numbers.to(vectors.dtype)], -1)

    def check(self) -> None:
        """Raise now for an id out of range that a GPU has met since the last call; waits for the GPU."""
        for key in self.tables:
            table: Any = self.tables[key]
            table.check()

    def to_tables(self) -> dict[str, Table]:
        """Each column as a Table of its categories, with keys for the unknown and the missing row too."""
        return {
            vocabulary.name: to_table(vocabulary, self._rows(place).cpu().numpy())
            for place, vocabulary in enumerate(self.encoder.vocabularies)
        }

    @classmethod
    def from_tables(
        cls, columns: Mapping[str, Table], *, unknown_rate: float = UNKNOWN_RATE
    ) -> CategoricalColumns:
        """A layer of one column a table, with its keys as categories and its rows.

        Tables of `to_tables` come back as they were. A column of any other table holds text, and the
        unknown and the missing row start as the mean of all rows.
        """
        read = [from_table(name, table) for name, table in columns.items()]
        encoder = Encoder(tuple(vocabulary for vocabulary, _ in read))
        layer = cls(encoder, [rows.shape[1] for _, rows in read], unknown_rate=unknown_rate)
        for place, (_, rows) in enumerate(read):
            layer._rows(place).copy_(torch.from_numpy(rows))
        return layer

    def take_rows_(self, name: str, table: Table) -> int:
        """Start the categories of a column from pre-trained rows; return how many the table knows.

        Keys are compared as text. The others keep their rows, but the unknown and the missing row become
        the mean of those taken. Raises ShapeError for a table of another dim.
        """
        if name not in self.names:
            raise ShapeError(f"the layer must have a column {name!r}, but has {', '.join(self.names)}")
        place = self.names.index(name)
        if table.dim != self.layout.dims[place]:
            raise ShapeError(
                f"column {name!r} has dim {self.layout.dims[place]}, but the table has {table.dim}; "
                f"fit with dims={{{name!r}: {table.dim}}}"
            )
        rows, vectors = known_rows(self.encoder.vocabularies[place], table)
        if len(rows):
            own = self._rows(place)
            own[torch.from_numpy(rows)] = torch.from_numpy(vectors).to(own)
            own[:FIRST] = torch.from_numpy(vectors.mean(axis=0)).to(own)
        return len(rows)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write vocabularies, statistics and rows into one safetensors file, wholly or not at all."""
        rows = {group.key: self._settled(group.key).cpu().numpy() for group in self.layout.groups}
        contents = column_file.Contents(self.encoder, self.layout.dims, self.unknown_rate, rows)
        return column_file.write(contents, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> CategoricalColumns:
        """Read what `save` wrote; FormatError for a damaged or foreign file."""
        contents = column_file.read(path)
        layer = cls(contents.encoder, contents.dims, unknown_rate=contents.unknown_rate)
        for key, rows in contents.rows.items():
            layer._settled(key).copy_(torch.from_numpy(rows))
        return layer

    def extra_repr(self) -> str:
        """Columns, rows and dims."""
        columns = zip(self.names, self.layout.sizes, self.layout.dims, strict=True)
        return ", ".join(f"{name}: {rows} x {dim}" for name, rows, dim in columns)

    def _gather(self, rows: Int64[Tensor, "*batch columns"]) -> Float[Tensor, "*batch dims"]:
        """One lookup for each dim, and the vectors in the order of the columns."""
        groups = self.layout.groups
        if len(groups) == 1:
            vectors: Tensor = self.tables[groups[0].key](rows)
            return vectors.flatten(-2)
        parts: dict[int, Tensor] = {}
        for group in groups:
            own = rows.index_select(-1, self.get_buffer(f"_columns_{group.key}")) - group.first_row
            # unbind, since its gradient is one stack where that of indexing would be a tensor a column.
            parts.update(zip(group.columns, self.tables[group.key](own).unbind(-2), strict=True))
        return torch.cat([parts[place] for place in range(len(parts))], -1)

    def _some_unknown(self, rows: Int64[Tensor, "*batch columns"]) -> Int64[Tensor, "*batch columns"]:
        """Rows with the unknown one of their column in place of a random share of categories."""
        rates = self._unknown_rates[
            rows.clamp(0, len(self._unknown_rates) - 1)
        ]  # wrong ids are told of later
        return torch.where(torch.rand_like(rates) < rates, self._first_rows, rows)

    def _constants(self) -> dict[str, Tensor]:
        """What forward needs beside the rows; it follows the layer to its device, and no file holds it."""
        layout, vocabularies = self.layout, self.encoder.vocabularies
        order = [place for group in layout.groups for place in group.columns]
        rates = [vocabularies[place].unknown_rates(self.unknown_rate) for place in order]
        return {
            "_sizes": torch.tensor(layout.sizes),
            "_first_rows": torch.tensor(layout.first_rows),
            "_unknown_rates": torch.from_numpy(np.concatenate(rates)),
            **{f"_columns_{group.key}": torch.tensor(group.columns) for group in layout.groups},
        }

    def _check_shapes(self, ids: Tensor, numbers: Tensor | None) -> None:
        if ids.ndim < 1 or ids.shape[-1] != len(self.names):
            raise ShapeError(
                f"ids must have shape (rows, {len(self.names)}), one for each of {', '.join(self.names)}, "
                f"but have {tuple(ids.shape)}; encode(frame) makes them"
            )
        if ids.is_floating_point() or ids.is_complex() or ids.dtype == torch.bool:
            raise ShapeError(f"ids must be whole numbers, but are {ids.dtype}; encode(frame) makes them")
        width = len(self.encoder.number_names)
        given = None if numbers is None else tuple(numbers.shape)
        if given != (*ids.shape[:-1], width) and not (given is None and width == 0):
            raise ShapeError(
                f"numbers must have shape {(*ids.shape[:-1], width)}, but "
                f"{'are not given' if given is None else f'have {given}'}; call layer(*layer.encode(frame))"
            )

    def _name_column(self, ids: Tensor, wrong: Tensor, error: RowIdError) -> RowIdError:
        """The error for ids of this call, or `error` as it is where these are right."""
        if not wrong.any():
            return error
        *place, column = wrong.nonzero()[0].tolist()
        more = int(wrong.sum()) - 1
        return RowIdError(
            f"column {self.names[column]!r} has row ids in [0, {self.layout.sizes[column]}), but row "
            f"{', '.join(map(str, place))} holds {int(ids[*place, column])}"
            f"{f' (and {more} more ids are wrong)' if more else ''}; encode(frame) makes ids that fit"
        )

    def _describe(self, columns: Sequence[int]) -> str:
        """The name of a table in errors."""
        names = [repr(self.names[place]) for place in columns]
        return f"columns {', '.join(names[:SHOWN_NAMES])}{' ...' if len(names) > SHOWN_NAMES else ''}"

    def _settled(self, key: str) -> Float[Tensor, "rows dim"]:
        """All rows of one table as they are now, sharing its memory."""
        table: Any = self.tables[key]
        table.settle()
        rows: Tensor = table.weight.detach()
        return rows

    def _rows(self, place: int) -> Float[Tensor, "rows dim"]:
        """The rows of one column as they are now, sharing the table's memory."""
        return self._settled(str(self.layout.dims[place]))[self.layout.rows_of(place)]
