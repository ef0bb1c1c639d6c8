"""A hyper-parameter of a recipe: a dataclass field that knows the help text of its flag."""

from __future__ import annotations

from dataclasses import field
from typing import Any


def option(default: Any, text: str) -> Any:
    """A field with a default and the help text of the flag that the command line makes of it."""
    return field(default=default, metadata={"help": text})
