"""OneHot: the encoding that embeddings replaced, as a layer, so that the two can be compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the name that all of PyTorch's users know
from jaxtyping import Float, Int64
from torch import Tensor
from torch.utils._pytree import tree_map_only

from rowspace.errors import ShapeError
from rowspace.nn.compact.embedding_layer import Ids, table_of_layer
from rowspace.nn.lookup import gather
from rowspace.nn.tracing import has_values
from rowspace.table import Table
from rowspace.vocabulary import Vocabulary

_PRODUCTS = {torch.matmul, torch.mm, Tensor.matmul, Tensor.mm, Tensor.__matmul__}


class OneHot(torch.nn.Module):
    """Row ids to vectors of num_embeddings values, all zero but a one at the id: an identity, untrained.

    It takes the place of an Embedding of dim num_embeddings. What it returns stores the ids alone, and a
    Linear behind it looks its columns up instead of multiplying by zeros: the same result in the memory
    and time of an embedding. Anything else that is done to the vectors writes them out first.

    >>> layer, linear = OneHot(1_000_000), torch.nn.Linear(1_000_000, 2)
    >>> linear(layer(torch.tensor([[3, 999_999]]))).shape
    torch.Size([1, 2, 2])
    >>> OneHot(3)(torch.tensor([2, 0])).to_dense()
    tensor([[0., 0., 1.],
            [1., 0., 0.]])
    """

    def __init__(
        self,
        num_embeddings: int,
        *,
        padding_idx: int | None = None,
        dtype: torch.dtype | None = None,
        name: str = "OneHot",
    ) -> None:
        """Encode ids in [0, num_embeddings); that of the padding becomes all zeros."""
        super().__init__()
        self.ids = Ids(name, num_embeddings, padding_idx)
        self.num_embeddings = self.embedding_dim = num_embeddings
        self.dtype = dtype or torch.get_default_dtype()

    @property
    def padding_idx(self) -> int | None:
        """The id whose vector is zero."""
        return self.ids.padding_idx

    @property
    def num_parameters(self) -> int:
        """None: 0."""
        return 0

    def forward(self, ids: Tensor) -> Float[Tensor, "*batch rows"]:
        """The vectors of row ids of any shape, as OneHotVectors; while PyTorch traces, written out.

        RowIdError for an id outside [0, num_embeddings).
        """
        ids = self.ids.checked(ids, ids.device)
        make = OneHotVectors if has_values(ids) else _written_out
        return make(ids, self.num_embeddings, self.padding_idx, self.dtype)

    def to_table(self, keys: Vocabulary | Iterable[str] | None = None) -> Table:
        """A Table of the identity matrix, which takes num_embeddings ** 2 x 4 bytes."""
        return table_of_layer(self, keys)

    def extra_repr(self) -> str:
        """The size."""
        return f"{self.num_embeddings}, 0 parameters"


class OneHotVectors(Tensor):
    """One-hot vectors (*batch, num_embeddings) that only keep their ids: 8 bytes each.

    Whatever a tensor of their shape takes part in, they take part in: linear maps and products with a
    matrix on their right gather its rows; all else is done with the dense tensor, made for the occasion.
    They cannot be changed in place.
    """

    ids: Int64[Tensor, "*batch"]
    padding_idx: int | None

    @staticmethod
    def __new__(
        cls: type[OneHotVectors],
        ids: Int64[Tensor, "*batch"],
        num_embeddings: int,
        padding_idx: int | None,
        dtype: torch.dtype,
    ) -> OneHotVectors:
        """Wrap ids in [0, num_embeddings); those of the padding mean zero vectors."""
        shape = (*ids.shape, num_embeddings)
        vectors: OneHotVectors = Tensor._make_wrapper_subclass(cls, shape, dtype=dtype, device=ids.device)
        vectors.ids, vectors.padding_idx = ids, padding_idx
        return vectors

    def to_dense(self) -> Float[Tensor, "*batch rows"]:  # type: ignore[override]  # fewer arguments
        """The vectors written out: num_embeddings values each."""
        return _written_out(self.ids, self.shape[-1], self.padding_idx, self.dtype)

    def times(self, matrix: Float[Tensor, "rows dim"]) -> Float[Tensor, "*batch dim"]:
        """The product with a matrix: its rows at the ids."""
        vectors = gather(matrix, self.ids)
        if self.padding_idx is None:
            return vectors
        return vectors.masked_fill((self.ids == self.padding_idx).unsqueeze(-1), 0)

    def __repr__(self) -> str:  # type: ignore[override]
        """Name the ids, not the zeros."""
        return f"OneHotVectors({self.ids}, num_embeddings={self.shape[-1]})"

    def __deepcopy__(self, memo: dict[int, Any]) -> OneHotVectors:
        """A copy with ids of its own."""
        return OneHotVectors(self.ids.clone(), self.shape[-1], self.padding_idx, self.dtype)

    @classmethod
    def __torch_function__(
        cls,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Above autograd: replace products by lookups, whose gradient autograd then knows."""
        if func is Tensor.__setitem__ and isinstance(args[0], OneHotVectors):
            raise _cannot_be_changed()
        if func is F.linear and isinstance(args[0], OneHotVectors):
            return _linear(*args, **(kwargs or {}))
        if func in _PRODUCTS and isinstance(args[0], OneHotVectors) and args[1].ndim == 2:
            return args[0].times(args[1])
        with torch._C.DisableTorchFunctionSubclass():
            return func(*args, **(kwargs or {}))

    @classmethod
    def __torch_dispatch__(  # type: ignore[override]
        cls,
        func: Any,
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[Any, Any] | None = None,
    ) -> Any:
        """Below autograd: do everything else with dense tensors."""
        for declared, given in zip(func._schema.arguments, args, strict=False):
            if isinstance(given, OneHotVectors) and declared.alias_info and declared.alias_info.is_write:
                raise _cannot_be_changed()
        return func(*tree_map_only(cls, cls.to_dense, args), **tree_map_only(cls, cls.to_dense, kwargs or {}))


def _written_out(
    ids: Int64[Tensor, "*batch"], num_embeddings: int, padding_idx: int | None, dtype: torch.dtype
) -> Float[Tensor, "*batch rows"]:
    vectors = torch.zeros(*ids.shape, num_embeddings, dtype=dtype, device=ids.device)
    ones = torch.ones_like(ids) if padding_idx is None else ids != padding_idx
    return vectors.scatter_(-1, ids.unsqueeze(-1), ones.to(dtype).unsqueeze(-1))


def _linear(vectors: OneHotVectors, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    product = vectors.times(weight.t())
    return product if bias is None else product + bias


def _cannot_be_changed() -> ShapeError:
    return ShapeError(
        "one-hot vectors keep their ids alone and cannot be changed in place; change to_dense()"
    )
