"""Geometry: how the rows of a table lie, whatever they mean."""

from rowspace.evaluation.geometry.measuring import geometry
from rowspace.evaluation.geometry.report import GeometryReport

__all__ = ["GeometryReport", "geometry"]
