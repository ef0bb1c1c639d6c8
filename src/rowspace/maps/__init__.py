"""Pictures of tables and of what was measured on them; drawing needs matplotlib (the extra "viz")."""

from rowspace.maps.dimension_curve import dimension_curve
from rowspace.maps.loss_curve import loss_curve
from rowspace.maps.neighbor_map import draw_groups, neighbor_map
from rowspace.maps.saving import save
from rowspace.maps.similarity_scatter import similarity_scatter
from rowspace.maps.spectrum import spectrum

__all__ = [
    "dimension_curve",
    "draw_groups",
    "loss_curve",
    "neighbor_map",
    "save",
    "similarity_scatter",
    "spectrum",
]
