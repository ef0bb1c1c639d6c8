"""Flags come from a recipe's fields and from nowhere else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

import pytest
import typer
from typer.testing import CliRunner

from rowspace.cli.flags import recipe_command
from rowspace.errors import RecipeError


@dataclass(frozen=True)
class Recipe:
    dim: int = field(default=100, metadata={"help": "values in a vector"})
    learning_rate: float = field(default=0.5, metadata={"help": "size of the first step"})
    shuffled: bool = field(default=True, metadata={"help": "mix the documents"})
    kind: Literal["a", "b"] = field(default="a", metadata={"help": "which one"})
    max_size: int | None = field(default=None, metadata={"help": "most rows"})


def invoke(*arguments):
    seen = {}

    def run(recipe: Recipe, corpus: Annotated[str, typer.Argument()], *, quiet: bool = False) -> None:
        """Train."""
        seen.update(recipe=recipe, corpus=corpus, quiet=quiet)

    app = typer.Typer()
    app.command()(recipe_command(Recipe, run, "Do it."))
    return CliRunner().invoke(app, list(arguments)), seen


def test_without_flags_the_recipe_has_its_defaults():
    result, seen = invoke("text")
    assert result.exit_code == 0, result.output
    assert seen == {"recipe": Recipe(), "corpus": "text", "quiet": False}


def test_every_field_is_a_flag():
    flags = ["--dim", "7", "--learning-rate", ".25", "--no-shuffled", "--kind", "b", "--max-size", "9"]
    result, seen = invoke("text", *flags, "--quiet")
    assert result.exit_code == 0, result.output
    assert seen["recipe"] == Recipe(dim=7, learning_rate=0.25, shuffled=False, kind="b", max_size=9)
    assert seen["quiet"] is True


def test_help_shows_name_default_and_help():
    result, _ = invoke("--help")
    for words in ("--learning-rate", "0.5", "size of the first step", "--no-shuffled", "most rows"):
        assert words in result.output


@pytest.mark.parametrize("wrong", [["--dim", "many"], ["--kind", "c"], ["--unheard-of"]])
def test_a_wrong_flag_is_a_usage_error(wrong):
    result, _ = invoke("text", *wrong)
    assert result.exit_code == 2


def test_a_flag_has_one_meaning():
    def run(recipe: Recipe, dim: int = 3) -> None: ...

    with pytest.raises(RecipeError, match="dim"):
        recipe_command(Recipe, run, "Do it.")
