"""Choosing by measurement: with against without the embedding, the dimension, the best rows for a corpus.

`ablate_text` and `embedding` need PyTorch, which is imported when they are first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from rowspace.selection.ablation import ablate
from rowspace.selection.ablation_report import AblationReport
from rowspace.selection.best import best
from rowspace.selection.dimension import DimensionCurve, choose_dim, choose_dim_by, from_models
from rowspace.selection.variant import Variant, standard_variants

if TYPE_CHECKING:
    from rowspace.selection.layers import embedding
    from rowspace.selection.text_ablation import ablate_text

__all__ = [
    "AblationReport",
    "DimensionCurve",
    "Variant",
    "ablate",
    "ablate_text",
    "best",
    "choose_dim",
    "choose_dim_by",
    "embedding",
    "from_models",
    "standard_variants",
]

_HOMES = {"ablate_text": "rowspace.selection.text_ablation", "embedding": "rowspace.selection.layers"}


def __getattr__(name: str) -> Any:
    """Import what needs PyTorch when it is first asked for (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value
