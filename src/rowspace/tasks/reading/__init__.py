"""Data with answers, for tasks: labelled texts from files and iterables."""

from __future__ import annotations

from rowspace.tasks.reading.labelled_texts import LabelledTexts
from rowspace.tasks.reading.opening import open_labelled

__all__ = ["LabelledTexts", "open_labelled"]
