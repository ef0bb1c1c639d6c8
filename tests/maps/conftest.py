"""Rendering a figure, and texts that cover each other in it."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from typing import Any

import pytest

FIRST_BYTES = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}


@pytest.fixture
def render() -> Callable[..., None]:
    """Render as PNG and more: a warning, for instance of a missing letter, is an error; pyplot stays out."""

    def each(figure: Any, *more: str) -> None:
        had_pyplot = "matplotlib.pyplot" in sys.modules
        for kind in ("png", *more):
            file = io.BytesIO()
            figure.savefig(file, format=kind, dpi=40)
            assert file.getvalue().startswith(FIRST_BYTES[kind])
        assert ("matplotlib.pyplot" in sys.modules) == had_pyplot

    return each


@pytest.fixture
def overlaps() -> Callable[[Any, list[Any]], list[tuple[str, str]]]:
    """The pairs of texts that cover each other in the rendered figure."""

    def found(figure: Any, texts: list[Any]) -> list[tuple[str, str]]:
        figure.draw_without_rendering()
        boxes = [(text.get_text(), text.get_window_extent()) for text in texts if text.get_text()]
        return [
            (name, other)
            for place, (name, box) in enumerate(boxes)
            for other, second in boxes[:place]
            if box.overlaps(second)
        ]

    return found
