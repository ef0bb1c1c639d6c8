"""``rowspace demo`` from end to end."""

from __future__ import annotations

import pytest

import rowspace
from rowspace.cli import demo
from rowspace.cli.demo.harvest import harvest

HEADINGS = [
    "The training",
    "The matrix",
    "A lookup",
    "Neighbours",
    "Analogies",
    "An unknown word",
    "The file",
]


def test_a_small_file(run, text, tmp_path):
    out = tmp_path / "out"
    result = run("demo", text, "--out", out)
    assert result.exit_code == 0, result.output
    places = [result.stdout.index(f"{place}. {heading}") for place, heading in enumerate(HEADINGS, start=1)]
    assert places == sorted(places)
    assert f"rowspace nearest {out / 'words.rows'}" in result.stdout
    table = rowspace.open(out / "words.rows", verify=True)
    assert set(table.keys) == {"<unk>", *text.read_text().split()}


def test_colors_are_near_colors(answer, text, tmp_path):
    facts = answer("demo", text, "--out", tmp_path)
    colors = {"red", "green", "blue", "white", "black"}
    for word, near in facts["neighbors"].items():
        assert [(part["key"] in colors) == (word in colors) for part in near[:4]] == [True] * 4
    assert len(facts["next"]) == 3
    assert facts["file"]["same"] is True
    assert str(tmp_path / "words.rows") in facts["files"]


def test_the_documentation_of_this_python(answer, tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "harvest", lambda: harvest(max_words=60_000))
    facts = answer("demo", "--out", tmp_path)
    assert facts["text"]["words"] >= 60_000
    assert facts["matrix"]["rows"] > 1000
    assert facts["text"]["path"] == str(tmp_path / "corpus.txt")
    assert facts["files"][0] == facts["text"]["path"]


@pytest.mark.parametrize("content", [b"two words\n", b"a\nb\n" * 3, "東京 大阪 京都\n".encode() * 30])
def test_tiny_texts(run, tmp_path, content):
    (tmp_path / "t.txt").write_bytes(content)
    result = run("demo", tmp_path / "t.txt", "--out", tmp_path / "out")
    assert result.exit_code == 0, (result.output, result.exception)


@pytest.mark.parametrize(
    ("content", "words"), [(b"", "hold tokens"), (b"123 456\n", "hold tokens"), (b"caf\xe9 noir\n", "UTF-8")]
)
def test_unusable_texts_are_one_line(run, tmp_path, content, words):
    (tmp_path / "t.txt").write_bytes(content)
    result = run("demo", tmp_path / "t.txt", "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert words in result.stderr.splitlines()[-1]


def test_a_missing_text_and_an_impossible_folder(run, refused, text, tmp_path):
    assert run("demo", tmp_path / "missing.txt", "--out", tmp_path / "out").exit_code == 2
    assert "--out" in refused("demo", text, "--out", text / "below-a-file")
