"""The variants of an ablation: what may stand where a model has its embedding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from rowspace.errors import RecipeError
from rowspace.table import Table
from rowspace.training.ranges import check_choice, check_integer

Kind = Literal["one-hot", "random frozen", "random trained", "pre-trained frozen", "pre-trained fine-tuned"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Variant:
    """One way to turn keys into vectors.

    * "one-hot": no embedding; it has no dim.
    * "random frozen": random rows that stay as they are. What it scores the rest of the model has learned.
    * "random trained": rows that start at random and learn with the model. It is the usual baseline.
    * "pre-trained frozen" and "pre-trained fine-tuned": the rows of `table`, whose dim is the variant's.

    `name` sets variants apart that would read alike, such as two tables of one dim; str() gives it.
    Raises RecipeError where kind, dim and table contradict each other.

    >>> str(Variant("random trained", 16)), str(Variant("one-hot"))
    ('random trained 16', 'one-hot')
    """

    kind: Kind
    dim: int | None = None
    table: Table | None = None
    name: str = ""

    def __post_init__(self) -> None:
        check_choice("kind", self.kind, KINDS)
        if self.is_pretrained != (self.table is not None):
            raise RecipeError(
                f"{self.kind!r} takes {'the rows of a' if self.is_pretrained else 'no'} table, but "
                f"{'none' if self.table is None else 'one'} was given; pass table= for pre-trained rows only"
            )
        if self.table is not None:
            if self.dim not in (None, self.table.dim):
                raise RecipeError(
                    f"pre-trained rows have the dim of their table, {self.table.dim}, but dim is {self.dim}; "
                    "leave dim out"
                )
            object.__setattr__(self, "dim", self.table.dim)
        elif self.kind == "one-hot":
            if self.dim is not None:
                raise RecipeError(f"one-hot vectors are as long as there are keys, but dim is {self.dim}")
        else:
            check_integer("dim", self.dim, 1)

    @property
    def is_pretrained(self) -> bool:
        """Whether the rows come from a table."""
        return self.kind.startswith("pre-trained")

    @property
    def is_frozen(self) -> bool:
        """Whether the vectors stay as they are while the model learns."""
        return self.kind not in ("random trained", "pre-trained fine-tuned")

    def __str__(self) -> str:
        return self.name or (self.kind if self.dim is None else f"{self.kind} {self.dim}")


def standard_variants(table: Table | None = None, dims: Sequence[int] = (16, 64)) -> tuple[Variant, ...]:
    """Every kind: one-hot, random rows of each of `dims`, and with a table its rows, frozen and fine-tuned.

    With a table, random rows of its dim are among them, so that like can be compared with like.

    >>> print(*standard_variants(dims=[8]), sep=", ")
    one-hot, random frozen 8, random trained 8
    """
    sizes = sorted({*dims} | (set() if table is None else {table.dim}))
    random = [Variant(kind, dim) for dim in sizes for kind in KINDS[1:3]]
    pretrained = [] if table is None else [Variant(kind, table=table) for kind in KINDS[3:]]
    return Variant("one-hot"), *random, *pretrained
