"""``rowspace task generate``: learn a language model, go on with texts, talk to it, and score it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from rowspace.cli.output import aligned, emit, note, say, shown
from rowspace.cli.tables import Json
from rowspace.cli.task.learning import ModelPath, Texts, evaluate_command, fit_command, lines_of, opened
from rowspace.tasks.generation import GenerationModel, TextGenerator

DATA = "A text with a sentence a line."
ASKED = "> "

Length = Annotated[int, typer.Option(min=0, metavar="WORDS", help="The most words to generate.")]
Temperature = Annotated[float, typer.Option(help="Below 1 likely words become likelier; 0: the likeliest.")]
TopK = Annotated[int, typer.Option(help="Draw from so many of the likeliest words; 0: from all.")]
TopP = Annotated[float, typer.Option(help="Draw from the likeliest words that together have this chance.")]
Repetition = Annotated[float, typer.Option(help="Above 1 words that are there already become less likely.")]
Seed = Annotated[int, typer.Option(min=0, help="Of the draws.")]


def predict(
    model: ModelPath,
    texts: Texts = "-",
    *,
    length: Length = 30,
    temperature: Temperature = 1.0,
    top_k: TopK = 0,
    top_p: TopP = 1.0,
    repetition: Repetition = 1.0,
    seed: Seed = 1,
    as_json: Json = False,
) -> None:
    """Go on with each line to the end of its sentence: the line, and what follows it."""
    fitted: GenerationModel = opened(model, GenerationModel)
    found = fitted.complete(
        list(lines_of(texts)),
        length=length, temperature=temperature, top_k=top_k, top_p=top_p, repetition=repetition, seed=seed,
    )  # fmt: skip
    if as_json:
        emit({"model": model, "texts": found})
        return
    for text in found:
        say(shown(text))


def suggest(
    model: ModelPath,
    prefix: Annotated[str, typer.Argument(metavar="PREFIX", help="The beginning of a sentence.")] = "",
    *,
    k: Annotated[int, typer.Option("-k", min=1, help="How many words.")] = 5,
    as_json: Json = False,
) -> None:
    """Show the likeliest next words behind PREFIX and their chances."""
    found = opened(model, GenerationModel).suggest(prefix, k)
    if as_json:
        emit({"model": model, "prefix": prefix, "words": [word for word, _ in found],
              "chances": [chance for _, chance in found]})  # fmt: skip
        return
    say(aligned([[shown(word), f"{chance:.4f}"] for word, chance in found], right=[1]))


def prompt(
    model: ModelPath,
    *,
    length: Length = 30,
    temperature: Temperature = 0.8,
    top_k: TopK = 0,
    top_p: TopP = 0.95,
    repetition: Repetition = 1.2,
    seed: Seed = 1,
    as_json: Json = False,
) -> None:
    """Answer each line that is typed with the sentence expected after it, until the input ends or Ctrl-C."""
    conversation = opened(model, GenerationModel).converse(
        length=length, temperature=temperature, top_k=top_k, top_p=top_p, repetition=repetition, seed=seed
    )
    try:
        for line in _typed():
            answer = conversation.answer(line)
            if as_json:
                emit({"line": line, "answer": answer})
            else:
                say(shown(answer))
            sys.stdout.flush()
    except KeyboardInterrupt:
        note("")  # the shell's own prompt begins on a line of its own


def _typed() -> Iterator[str]:
    """The lines of standard input: asked for where a person types, else as they come."""
    if not sys.stdin.isatty():
        yield from lines_of("-")
        return
    while True:
        try:
            yield input(ASKED)
        except EOFError:
            note("")
            return


def _told(model: GenerationModel) -> str:
    facts = model.facts
    scores = facts["perplexities"]
    best = f", perplexity {min(scores):.2f} after epoch {facts['best_epoch']}" if scores else ""
    return f"{facts['tokens']:,} tokens, {len(model.words):,} keys, {len(facts['losses'])} epochs{best}"


app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Go on with texts: a language model.")
app.command("fit")(fit_command(TextGenerator, "Learn a language model from a text.", data=DATA, told=_told))
app.command("predict")(predict)
app.command("suggest")(suggest)
app.command("prompt")(prompt)
app.command("evaluate")(
    evaluate_command(GenerationModel, "Score a language model on a text: its perplexity.", data=DATA)
)
