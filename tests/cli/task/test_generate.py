"""``rowspace task generate`` on a small grammar."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

pytest.importorskip("torch")

from rowspace.cli.task import generate
from rowspace.errors import CorpusError, FileAccessError, FormatError, RowspaceError

SMALL = ("--dim", 16, "--hidden", 16, "--batch", 4, "--length", 7, "--epochs", 8, "--learning-rate", 0.02)
TEXT = "the cat sat on the mat\nthe dog lay on the rug\n" * 30


def run(*arguments, typed=None):
    return CliRunner().invoke(generate.app, [str(argument) for argument in arguments], input=typed)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A text, and a model that has learned it."""
    folder = tmp_path_factory.mktemp("generate")
    text, model = folder / "text.txt", folder / "names.model"
    text.write_text(TEXT)
    told = run("fit", text, "-o", model, "--validation", text, "--threads", 1, *SMALL)
    assert told.exit_code == 0, told.output
    assert told.stdout.startswith("420 tokens, 10 keys, 8 epochs, perplexity ")
    return text, model


def test_fit_says_its_facts_as_json(files, tmp_path):
    text, _ = files
    facts = json.loads(run("fit", text, "-o", tmp_path / "m.model", "--json", *SMALL, "--epochs", 1).stdout)
    assert facts["recipe"]["hidden"] == 16
    assert facts["tokens"] == 420
    assert len(facts["losses"]) == 1


def test_predict_goes_on_with_each_line(files):
    _, model = files
    told = run("predict", model, "--temperature", 0, typed="the cat\n\nthe dog lay on the rug\n")
    assert told.stdout.splitlines()[0] == "the cat sat on the mat"
    assert told.stdout.splitlines()[2] == "the dog lay on the rug"
    found = json.loads(run("predict", model, "--length", 1, "--json", typed="the dog\n").stdout)
    assert len(found["texts"][0].split()) <= 3


def test_suggest_shows_words_and_chances(files):
    _, model = files
    told = run("suggest", model, "the cat", "-k", 2)
    assert told.stdout.splitlines()[0].startswith("sat ")
    found = json.loads(run("suggest", model, "the cat", "--json").stdout)
    assert found["words"][0] == "sat" and len(found["chances"]) == 5


def test_evaluate_reports_to_people_and_machines(files):
    text, model = files
    assert run("evaluate", model, text).stdout.startswith("perplexity ")
    assert json.loads(run("evaluate", model, text, "--json").stdout)["tokens"] == 420


def test_the_prompt_answers_each_line_of_a_pipe(files):
    _, model = files
    told = run("prompt", model, "--temperature", 0, typed="the cat sat on the mat\nzzz\n\n")
    assert told.exit_code == 0, told.output
    assert len(told.stdout.splitlines()) == 3
    assert "<unk>" not in told.stdout
    first = run("prompt", model, "--temperature", 0, "--json", typed="the cat sat on the mat\n").stdout
    assert json.loads(first)["answer"] == told.stdout.splitlines()[0]
    assert run("prompt", model, typed="").stdout == ""


def test_each_answer_comes_before_the_next_line_is_typed(files):
    _, model = files
    program = "import sys; from rowspace.cli import app; sys.argv[0] = 'rowspace'; app()"
    command = [sys.executable, "-c", program, "task", "generate", "prompt", str(model), "--json"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        for line in ("the cat", "the dog"):
            process.stdin.write(line + "\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["line"] == line
        process.stdin.close()
        assert process.wait(timeout=60) == 0


def test_a_person_is_asked_until_the_input_ends_or_is_interrupted(files, monkeypatch, capsys):
    _, model = files
    for last in (EOFError, KeyboardInterrupt):
        typed = iter(["the cat", last()])

        def ask(text, typed=typed):
            assert text == "> "
            answer = next(typed)
            if isinstance(answer, str):
                return answer
            raise answer

        monkeypatch.setattr("builtins.input", ask)
        monkeypatch.setattr(generate.sys.stdin, "isatty", lambda: True, raising=False)
        generate.prompt(model, temperature=0.0)
        assert capsys.readouterr().out.count("\n") == 1


@pytest.mark.parametrize(
    ("verb", "content", "error"),
    [
        ("fit", None, FileAccessError),
        ("fit", b"\xff\xfe broken", CorpusError),
        ("fit", b"\n \n", CorpusError),
        ("fit", b"too short\n", CorpusError),
        ("evaluate", b"\n", CorpusError),
        ("evaluate", b"caf\xe9 \xff\n", CorpusError),
    ],
)
def test_what_cannot_be_read_is_refused(files, tmp_path, verb, content, error):
    path = tmp_path / "bad.txt"
    if content is not None:
        path.write_bytes(content)
    rest = (path, "-o", tmp_path / "m.model") if verb == "fit" else (files[1], path)
    found = run(verb, *rest).exception
    assert isinstance(found, error) and isinstance(found, RowspaceError), found


def test_another_file_is_no_model(files):
    text, _ = files
    assert isinstance(run("predict", text, typed="a\n").exception, FormatError)
