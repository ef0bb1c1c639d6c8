"""The strongest rows for a corpus: several models, post-processed and combined on held-out evidence."""

from __future__ import annotations

from rowspace.selection.best.strongest import best

__all__ = ["best"]
