"""Texts with labels, from files and iterables."""

from __future__ import annotations

from rowspace.corpus.labelled.labelled_texts import LabelledTexts
from rowspace.corpus.labelled.opening import open_labelled

__all__ = ["LabelledTexts", "open_labelled"]
