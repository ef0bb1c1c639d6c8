"""What the layers do to their weight: make it a RowParameter, keep it one, and start its rows."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from rowspace.errors import RecipeError
from rowspace.nn.initializers import Initializer, initializer
from rowspace.nn.regularizers import MaxNorm, Regularizer
from rowspace.nn.row_parameter import RowParameter
from rowspace.nn.unknown import Unknown

Layer = torch.nn.Embedding | torch.nn.EmbeddingBag


def keep_rows(layer: Any) -> None:
    """Make the weight a RowParameter, now and after each loading, and settle it before each saving."""
    layer.weight = RowParameter(layer.weight, layer.weight.requires_grad)
    if layer.max_norm is not None:
        layer.weight.regularizers = (MaxNorm(layer.max_norm, layer.norm_type),)
    layer.register_load_state_dict_pre_hook(_remember)
    layer.register_load_state_dict_post_hook(_restore)
    layer.register_state_dict_pre_hook(_settle)


def start_rows(layer: Layer, init: str | Initializer) -> None:
    """Fill the rows by an initializer or its name; the padding row becomes zeros."""
    fill = initializer(init) if isinstance(init, str) else init
    with torch.no_grad():
        fill(layer.weight, None)
        if layer.padding_idx is not None:
            layer.weight[layer.padding_idx].zero_()


def clear_unknown_row(layer: Layer, unknown: Unknown | None) -> None:
    """Let the row of unknown values start at zeros; buckets stay as they are."""
    if unknown is not None and unknown.row is not None and not unknown.buckets:
        with torch.no_grad():
            layer.weight[unknown.row].zero_()


def add_regularizers(layer: Layer, regularizers: tuple[Regularizer, ...]) -> None:
    """Have steps of the layer's rows call `regularizers` after those that are there."""
    weight = _rows(layer)
    hook: Any = weight.register_post_accumulate_grad_hook
    hook(_refuse_other_optimizers)
    weight.regularizers = (*weight.regularizers, *regularizers)


def _refuse_other_optimizers(weight: Tensor) -> None:
    """A gradient has reached autograd's `grad`, and no optimizer of ours will step it."""
    if isinstance(weight, RowParameter) and weight.collector is None:
        raise RecipeError(
            "regularizers act in the steps of rowspace.nn.optim, but no such optimizer has this weight; make "
            "one over model.parameters() before the backward pass, and keep the weight float32"
        )


def settle(layer: Layer) -> None:
    """Bring every row up to date."""
    _rows(layer).settle()


def _rows(layer: Layer) -> RowParameter:
    assert isinstance(layer.weight, RowParameter)
    return layer.weight


def _remember(layer: Any, *_: Any) -> None:
    """Keep the weight: loading with assign=True, as after a start on the meta device, replaces it.

    Rows are settled first, so that momentum owed to the old rows does not move the loaded ones.
    """
    settle(layer)
    vars(layer)["weight_before_loading"] = layer.weight  # an attribute set as usual would be a parameter


def _restore(layer: Any, _incompatible_keys: Any) -> None:
    before = vars(layer).pop("weight_before_loading")
    if not isinstance(layer.weight, RowParameter):
        layer.weight = RowParameter(layer.weight, layer.weight.requires_grad)
        layer.weight.rates, layer.weight.regularizers = before.rates, before.regularizers


def _settle(layer: Any, _prefix: str, _keep_vars: bool) -> None:
    settle(layer)
