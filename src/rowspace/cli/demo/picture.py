"""A picture of groups of neighbouring words, flattened to two dimensions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from rowspace.maps.neighbor_map import draw_groups
from rowspace.maps.saving import save
from rowspace.table import Table


def draw(table: Table, groups: Mapping[str, Sequence[str]], path: Path, *, title: str) -> None:
    """Write a PNG of `groups` (name -> words), one colour each; MissingExtraError without matplotlib."""
    save(draw_groups(table, groups, title=title), path)
