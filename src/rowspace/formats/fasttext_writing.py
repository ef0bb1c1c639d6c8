"""Writing fastText's and floret's binary models, a block of rows at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import numpy as np
from tqdm import tqdm

from rowspace.arrays import Counts, PackedKeys, RowIds, Vectors
from rowspace.errors import ShapeError
from rowspace.formats.fasttext_head import CBOW, FLORET_MODE, NEGATIVE_SAMPLING, SKIPGRAM, write_head
from rowspace.formats.fasttext_parts import WORD
from rowspace.stores import Store
from rowspace.table import Table
from rowspace.vocabulary.floret import SEED, Floret
from rowspace.vocabulary.ngrams import NGrams
from rowspace.vocabulary.subwords import Subwords

ROWS_A_STEP = 1 << 14
# fastText's own defaults, for tables that do not say how they were trained.
DEFAULTS: Mapping[str, int | float] = {
    "ws": 5, "epoch": 5, "minCount": 5, "neg": 5, "lrUpdateRate": 100, "t": 1e-4,
}  # fmt: skip
FIELDS = {"ws": "window", "epoch": "epochs", "minCount": "min_count", "neg": "negatives", "t": "subsample"}


def write_model(file: BinaryIO, table: Table, keys: PackedKeys, *, progress: bool) -> None:
    """Write head, dictionary, input and output rows; ShapeError for a table that fastText has no form for.

    The file says that negative sampling trained it, since its output rows can be nothing else: the
    table's context rows where it has one a word, else zeros.
    """
    if not len(keys):
        raise ShapeError("fastText cannot load a model without words; write .rows, which may be empty")
    shared, extra = _shared_rows(table)
    counts = np.ones(len(keys), np.int64) if table.counts is None else table.counts
    args = _args(table) | extra | {"bucket": len(shared)}
    file.write(write_head(args, num_words=len(keys), num_tokens=_num_tokens(table, counts)))
    _write_entries(file, keys, counts)
    total = 2 * len(keys) + len(shared)
    with tqdm(total=total, unit="row", unit_scale=True, delay=1, disable=None if progress else True) as bar:
        _write_matrix(file, len(keys) + len(shared), table.dim, _input_blocks(table, shared), bar)
        _write_matrix(file, len(keys), table.dim, _output_blocks(table), bar)


def _shared_rows(table: Table) -> tuple[RowIds, dict[str, int | float]]:
    """The store's row for each bucket, and the arguments that say how keys come to buckets."""
    vocabulary = table.vocabulary
    splitter = vocabulary.splitter if isinstance(vocabulary, Subwords) else NGrams(0, 0, 0)
    if isinstance(splitter, Floret):
        if splitter.seed != SEED:
            raise ShapeError(
                f"floret's models hash with seed {SEED}, but this table does with {splitter.seed}"
            )
        extra = {"mode": FLORET_MODE, "hashCount": splitter.hashes}
        return np.arange(splitter.buckets), _bounds(splitter) | extra
    if not isinstance(splitter, NGrams):
        raise ShapeError(
            f"fastText knows no subwords but hashed n-grams, and this table has {splitter.kind}; write .rows "
            "to keep them, or .vec for the vectors of the keys alone"
        )
    if splitter.kept is None:
        return len(table) + np.arange(splitter.num_rows), _bounds(splitter)
    if (splitter.kept < 0).any():
        raise ShapeError(
            "fastText loads pruned n-grams from quantised models only, and these are not quantised; write "
            ".rows to keep them, or .vec for the vectors of the keys alone"
        )
    return len(table) + splitter.kept.astype(np.int64), _bounds(splitter)


def _bounds(splitter: NGrams | Floret) -> dict[str, int | float]:
    return {"minn": splitter.min_n, "maxn": splitter.max_n}


def _args(table: Table) -> dict[str, int | float]:
    """The arguments of the training, from the recipe or from the file that the table was read from."""
    source, recipe = table.metadata.get("source"), table.metadata.get("recipe")
    before = source.get("args") if isinstance(source, Mapping) else None
    args = dict(DEFAULTS)
    cbow = False
    if isinstance(before, Mapping):
        args |= {name: _number(before.get(name), args[name]) for name in DEFAULTS}
        cbow = before.get("model") == CBOW
    if isinstance(recipe, Mapping):
        args |= {name: _number(recipe.get(field), args[name]) for name, field in FIELDS.items()}
        cbow = recipe.get("model") == "cbow"
    fixed = {"wordNgrams": 1, "loss": NEGATIVE_SAMPLING, "model": CBOW if cbow else SKIPGRAM}
    return {"dim": table.dim, **args, **fixed}


def _num_tokens(table: Table, counts: Counts) -> int:
    """The tokens of the corpus: those of the words, and of rarer ones where a file told them."""
    source, known = table.metadata.get("source"), int(counts.sum())
    told = source.get("tokens") if isinstance(source, Mapping) else None
    return told if type(told) is int and known <= told < 2**63 else known


def _number(value: Any, default: int | float) -> int | float:
    """`value` if it is a number that an int32, or for shares a float, can hold."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not -(2**31) <= value < 2**31:
        return default
    return float(value) if isinstance(default, float) else int(value)


def _write_entries(file: BinaryIO, keys: PackedKeys, counts: Counts) -> None:
    tails = np.zeros(len(keys), np.dtype([("zero", "u1"), ("count", "<i8"), ("type", "i1")]))
    tails["count"], tails["type"] = counts, WORD
    ends, width = tails.tobytes(), tails.itemsize
    for start in range(0, len(keys), ROWS_A_STEP):
        places = range(start, min(start + ROWS_A_STEP, len(keys)))
        file.write(b"".join(keys.bytes_at(i) + ends[i * width : (i + 1) * width] for i in places))


def _write_matrix(file: BinaryIO, rows: int, dim: int, blocks: Iterator[Vectors], bar: Any) -> None:
    file.write(np.array([False]).tobytes() + np.array([rows, dim], "<i8").tobytes())
    for block in blocks:
        file.write(np.ascontiguousarray(block, "<f4").data)
        bar.update(len(block))


def _input_blocks(table: Table, shared: RowIds) -> Iterator[Vectors]:
    vocabulary = table.vocabulary
    if isinstance(vocabulary, Subwords) and not vocabulary.splitter.own_rows:
        yield from _floret_words(table)
    else:
        yield from _gathered(table.store, np.arange(len(table)))
    yield from _gathered(table.store, shared)


def _floret_words(table: Table) -> Iterator[Vectors]:
    """Zeros for words, which have no rows; but floret adds a row to the bag of the first: its own mean."""
    first: Vectors = np.zeros((1, table.dim), np.float32)
    first[0] = table[table.keys[0]]
    yield first
    yield from _zeros(len(table) - 1, table.dim)


def _output_blocks(table: Table) -> Iterator[Vectors]:
    context = table.context
    if context is not None and context.shape[0] == len(table):
        return _gathered(context, np.arange(len(table)))
    return _zeros(len(table), table.dim)


def _gathered(store: Store, rows: RowIds) -> Iterator[Vectors]:
    for start in range(0, len(rows), ROWS_A_STEP):
        yield store.gather(rows[start : start + ROWS_A_STEP])


def _zeros(rows: int, dim: int) -> Iterator[Vectors]:
    for start in range(0, rows, ROWS_A_STEP):
        yield np.zeros((min(ROWS_A_STEP, rows - start), dim), np.float32)
