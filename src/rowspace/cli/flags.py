"""Flags made from a recipe's fields, so that the command line and Python cannot drift apart."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import MISSING, Field, fields
from typing import Annotated, Any, get_type_hints

import typer

from rowspace.errors import RecipeError


def recipe_command(recipe: type[Any], run: Callable[..., None], text: str) -> Callable[..., None]:
    """A command with the flags of `run` and one more for each field of `recipe`; `text` is its help.

    `run` takes the finished recipe as its first argument and the values of its own flags by name.
    """
    hyper = [_parameter(entry, hint) for entry, hint in _hinted_fields(recipe)]
    _, *own = inspect.signature(run, eval_str=True).parameters.values()
    names = [parameter.name for parameter in hyper]
    clash = {parameter.name for parameter in own}.intersection(names)
    if clash:
        raise RecipeError(f"a flag must have one meaning, but the recipe repeats {', '.join(sorted(clash))}")

    def command(**values: Any) -> None:
        run(recipe(**{name: values.pop(name) for name in names}), **values)

    parameters = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in (*own, *hyper)]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    command.__doc__ = text
    return command


def _hinted_fields(recipe: type[Any]) -> list[tuple[Field[Any], Any]]:
    hints = get_type_hints(recipe)
    return [(entry, hints[entry.name]) for entry in fields(recipe) if entry.init]


def _parameter(entry: Field[Any], hint: Any) -> inspect.Parameter:
    """One flag: the field's name in kebab case, its type, default and help."""
    flag = f"--{entry.name.replace('_', '-')}"
    names = (flag, flag.replace("--", "--no-", 1)) if hint is bool else (flag,)
    option = typer.Option(
        "/".join(names), help=entry.metadata.get("help", ""), rich_help_panel="Recipe", show_default=True
    )
    return inspect.Parameter(
        entry.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=inspect.Parameter.empty if entry.default is MISSING else entry.default,
        annotation=Annotated[hint, option],
    )
