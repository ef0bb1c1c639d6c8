"""Choosing a dimension by measurement."""

from rowspace.selection.dimension.curve import DimensionCurve
from rowspace.selection.dimension.task import choose_dim_by, from_models
from rowspace.selection.dimension.words import choose_dim

__all__ = ["DimensionCurve", "choose_dim", "choose_dim_by", "from_models"]
