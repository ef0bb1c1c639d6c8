"""What the verbs that read a text share: the argument, and how the text is read."""

from __future__ import annotations

from typing import Annotated

import typer

from rowspace.corpus.tokenizer import Errors

LABELLED = (
    "Labelled texts: lines of label, tab, text; fastText's __label__ lines; CSV, JSON lines or Parquet with "
    "the fields label and text; packed or not."
)
CorpusName = Annotated[
    str,
    typer.Argument(
        metavar="CORPUS",
        help="A file (plain, packed, JSON lines, Parquet), a folder, a glob, or - (standard input).",
        show_default=False,
    ),
]
Lowercase = Annotated[bool, typer.Option("--lowercase", help="Turn the text to lower case.")]
Pattern = Annotated[
    str | None, typer.Option(metavar="REGEX", help="What a token is. Default: all between white space.")
]
OnErrors = Annotated[Errors, typer.Option(help="What to do with text that is not UTF-8.")]
Field = Annotated[
    str | None, typer.Option(metavar="NAME", help="The field of JSON lines, or the column, with the text.")
]
