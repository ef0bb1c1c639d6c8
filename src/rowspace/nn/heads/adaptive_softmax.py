"""AdaptiveSoftmax: frequent rows in one small softmax, rare ones in clusters that are seldom entered."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the name that all of PyTorch's users know
from jaxtyping import Float, Int64, Integer
from torch import Tensor

from rowspace.errors import RecipeError, ShapeError
from rowspace.nn.embedding import Embedding
from rowspace.nn.heads.adaptive_parts import TiedRows
from rowspace.nn.heads.cutoffs import choose_cutoffs, width_of_tail
from rowspace.nn.heads.logits import best_rows, exact
from rowspace.nn.heads.samplers import CountOfEachRow
from rowspace.nn.heads.targets import HeadOutput, Reduction, Targets


class AdaptiveSoftmax(torch.nn.Module):
    """The adaptive softmax of Grave et al. (2017), for ids in any order.

    The `cutoffs[0]` most frequent rows and one logit for each tail form the head. Tail i, counted from
    1, holds the rows from cutoffs[i - 1] on, in a width of dim // div_value**i, and is computed only for
    positions whose target lies in it. Training is exact: there is no sampling. The parameters, their
    names and the results are those of torch.nn.AdaptiveLogSoftmaxWithLoss, which

    * takes ids sorted by frequency alone, while `order` names the rows from most to least frequent;
    * takes flat targets, no ignored ones, and no half precision under autocast;
    * has tails of width 0 where dim is small, where the least width is 1 here;
    * leaves the cutoffs to you, while `from_counts` chooses them.

    With a `layer` the output is tied: its rows are looked up, those of a tail by their first values, as
    many as the tail is wide. Every part has a gradient in every step, if only of zeros, so
    DistributedDataParallel needs no search for unused parameters.

    >>> head = AdaptiveSoftmax.from_counts([5, 90, 3, 800, 2], 4, cutoffs=[2])
    >>> hidden, targets = torch.randn(2, 3, 4), torch.tensor([[3, 1, 0], [4, 3, 2]])
    >>> head(hidden, targets).output.shape
    torch.Size([2, 3])
    >>> bool((head.log_prob(hidden).argmax(-1) == head.predict(hidden)).all())
    True
    """

    order: Int64[Tensor, "rows"] | None  # row ids from most to least frequent; None: 0, 1, 2, ...
    ranks: Int64[Tensor, "rows"] | None  # the place of each row in `order`

    def __init__(
        self,
        dim: int,
        num_rows: int,
        cutoffs: Sequence[int],
        *,
        div_value: float = 4.0,
        head_bias: bool = False,
        order: Int64[Tensor, "rows"] | None = None,
        layer: Embedding | None = None,
        ignore_index: int = -100,
        reduction: Reduction = "mean",
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        """Make the parts; without cutoffs there is no tail, and the head is a softmax over all rows.

        `device` and `dtype` are those of the layer where one is given. Raises RecipeError for cutoffs
        that do not rise within (0, num_rows), and ShapeError for a layer or an order of another size.
        """
        super().__init__()
        _check(dim, num_rows, cutoffs, div_value)
        self.dim, self.num_rows, self.cutoffs = dim, num_rows, [*cutoffs, num_rows]
        self.div_value, self.head_bias, self.layer = div_value, head_bias, layer
        made: dict[str, Any] = {"device": device, "dtype": dtype}
        if layer is not None:
            _check_layer(layer, dim, num_rows)
            made = {"device": layer.weight.device, "dtype": layer.weight.dtype}
        self.register_buffer("order", _checked_order(order, num_rows, made["device"]))
        self.register_buffer("ranks", None, persistent=False)
        self.head = self._rows(0, dim, made, extra=len(cutoffs), bias=head_bias)
        self.tail = torch.nn.ModuleList()
        for number in range(1, len(self.cutoffs)):
            width = width_of_tail(dim, div_value, number)
            project = torch.nn.Linear(dim, width, bias=False, **made)
            self.tail.append(torch.nn.Sequential(project, self._rows(number, width, made)))
        self._follow_order()
        hooks: Any = self  # torch left this method without types
        hooks.register_load_state_dict_post_hook(AdaptiveSoftmax._follow_order)
        self._targets = Targets("AdaptiveSoftmax", dim, num_rows, ignore_index, reduction)

    @classmethod
    def from_counts(
        cls,
        counts: CountOfEachRow,
        dim: int,
        *,
        cutoffs: Sequence[int] | None = None,
        batch_size: int = 1024,
        max_tails: int = 4,
        div_value: float = 4.0,
        **options: Any,
    ) -> AdaptiveSoftmax:
        """A head for rows of these counts, whose ids may stand in any order.

        The cutoffs, unless given, are those with which a step of `batch_size` positions is expected to
        cost least (rowspace.nn.heads.choose_cutoffs). `options` are those of the constructor.
        """
        each = torch.as_tensor(counts).cpu()
        if each.ndim != 1:
            raise ShapeError(f"counts must be one number a row, but have the shape {tuple(each.shape)}")
        if not bool((each >= 0).all()):
            raise RecipeError("counts must not be negative or NaN, but some are; mend them")
        order = torch.argsort(each, descending=True, stable=True)
        if cutoffs is None:
            cutoffs = choose_cutoffs(
                each[order].numpy(), dim, batch_size=batch_size, div_value=div_value, max_tails=max_tails
            )
        return cls(dim, len(each), cutoffs, div_value=div_value, order=order, **options)

    def forward(self, hidden: Float[Tensor, "*batch dim"], targets: Integer[Tensor, "*batch"]) -> HeadOutput:
        """The loss and the log-probability of each target, both exact in training as in eval mode.

        Raises ShapeError for shapes that do not belong together, and RowIdError for a target that is
        no row.
        """
        batch = self._targets.batch(hidden, targets)
        return batch.result(self._log_probabilities(batch.hidden, batch.targets))

    def log_prob(self, hidden: Float[Tensor, "*batch dim"]) -> Float[Tensor, "*batch rows"]:
        """The log-probability of every row; costs a product with every cluster."""
        head = F.log_softmax(exact(self.head(hidden)), -1)
        parts = [head[..., : self.cutoffs[0]]]
        for number, tail in enumerate(self.tail):
            entered = head[..., self.cutoffs[0] + number, None]
            parts.append(F.log_softmax(exact(tail(hidden)), -1) + entered)
        by_rank = torch.cat(parts, -1)
        return by_rank if self.ranks is None else by_rank.index_select(-1, self.ranks)

    def predict(self, hidden: Float[Tensor, "*batch dim"]) -> Int64[Tensor, "*batch"]:
        """The likeliest row at each position; tails are computed where the head prefers one to every row."""
        flat = hidden.reshape(-1, self.dim)
        best = best_rows(self.head, self.cutoffs[0] + len(self.tail), flat)
        unsure = torch.nonzero(best >= self.cutoffs[0]).squeeze(1)
        rows = best if self.order is None else self.order[best.clamp(max=self.cutoffs[0] - 1)]
        rows = rows.index_copy(0, unsure, best_rows(self.log_prob, self.num_rows, flat[unsure]))
        return rows.reshape(hidden.shape[:-1])

    def extra_repr(self) -> str:
        """What printing a model tells about this head."""
        tied = "" if self.layer is None else ", tied"
        return f"{self.dim}, {self.num_rows}, cutoffs={self.cutoffs[:-1]}, div_value={self.div_value}{tied}"

    def _log_probabilities(
        self, hidden: Float[Tensor, "n dim"], targets: Int64[Tensor, "n"]
    ) -> Float[Tensor, "n"]:
        ranks = targets if self.ranks is None else self.ranks[targets]
        bounds = torch.tensor(self.cutoffs[:-1], device=ranks.device)
        clusters = torch.bucketize(ranks, bounds, right=True)  # 0: the head itself
        columns = torch.where(clusters == 0, ranks, self.cutoffs[0] + clusters - 1)
        output = -F.cross_entropy(exact(self.head(hidden)), columns, reduction="none")
        for number, tail in enumerate(self.tail, start=1):
            places = torch.nonzero(clusters == number).squeeze(1)
            logits = exact(tail(hidden[places]))
            columns = ranks[places] - self.cutoffs[number - 1]
            output = output.index_add(0, places, -F.cross_entropy(logits, columns, reduction="none"))
        return output

    def _rows(
        self, number: int, width: int, made: dict[str, Any], *, extra: int = 0, bias: bool = False
    ) -> torch.nn.Module:
        """The output rows of one cluster: own ones, or those of the layer."""
        first, last = self._span(number)
        if self.layer is None:
            return torch.nn.Linear(width, last - first + extra, bias=bias, **made)
        ids = torch.arange(first, last, device=made["device"])
        return TiedRows(self.layer, ids, width=width, extra=extra, bias=bias)

    def _span(self, number: int) -> tuple[int, int]:
        """The ranks of cluster `number`, where 0 is the head."""
        return list(pairwise([0, *self.cutoffs]))[number]

    def _follow_order(self, _incompatible_keys: Any = None) -> None:
        """Derive from `order` what depends on it, once made and after each loading."""
        if self.order is None:
            return
        self.ranks = torch.argsort(self.order)
        if self.layer is not None:
            for number, part in enumerate([self.head, *(tail.get_submodule("1") for tail in self.tail)]):
                first, last = self._span(number)
                part.ids = self.order[first:last].clone()


def _check(dim: int, num_rows: int, cutoffs: Sequence[int], div_value: float) -> None:
    if dim < 1 or num_rows < 1 or not div_value >= 1:
        raise RecipeError(
            "an adaptive softmax needs dim >= 1, num_rows >= 1 and div_value >= 1, but they are "
            f"{dim}, {num_rows} and {div_value}"
        )
    ends = [0, *cutoffs, num_rows]
    if any(int(end) != end for end in ends) or any(a >= b for a, b in pairwise(ends)):
        raise RecipeError(
            f"cutoffs must be whole numbers that rise within (0, num_rows) = (0, {num_rows}), but are "
            f"{list(cutoffs)}; from_counts chooses them"
        )


def _check_layer(layer: Embedding, dim: int, num_rows: int) -> None:
    if (layer.num_embeddings, layer.embedding_dim) != (num_rows, dim):
        raise ShapeError(
            f"a head tied to a layer has its size, but the layer is ({layer.num_embeddings}, "
            f"{layer.embedding_dim}) and the head ({num_rows}, {dim}); make the head of the layer's size"
        )


def _checked_order(
    order: Int64[Tensor, "rows"] | None, num_rows: int, device: Any
) -> Int64[Tensor, "rows"] | None:
    """The order on the head's device; None where it is 0, 1, 2, ..."""
    if order is None:
        return None
    order, sorted_ids = order.detach().cpu(), torch.arange(num_rows)
    if order.shape != (num_rows,) or not torch.equal(order.sort().values, sorted_ids):
        raise ShapeError(
            f"order must name each of the {num_rows} rows once, but has shape {tuple(order.shape)} and "
            f"{len(torch.unique(order))} different rows; torch.argsort(counts, descending=True) makes one"
        )
    return None if torch.equal(order, sorted_ids) else order.clone().to(device)
