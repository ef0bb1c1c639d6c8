"""The programs in examples/ run on small data and print what they promise."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import rowspace

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
SENTENCES = [
    "the cat chased the mouse",
    "a dog chased a rabbit",
    "bread tastes of butter",
    "butter makes bread soft",
]


def run(name: str, *arguments: str, folder: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, EXAMPLES / name, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_text("\n".join(SENTENCES * 50), "utf-8")
    return path


def test_train_and_search(text: Path, tmp_path: Path):
    lines = run("train_and_search.py", "text.txt", "--dim", "8", "--table", "text.rows", folder=tmp_path)
    assert {line.split()[0] for line in lines} == {
        "chased",
        "bread",
        "butter",
        "mouse",
        "rabbit",
        "tastes",
        "makes",
    }
    assert all(len(line.split()) == 6 for line in lines)
    assert rowspace.open(tmp_path / "text.rows").dim == 8


def test_embed_documents(text: Path, tmp_path: Path):
    table = rowspace.Word2Vec(dim=16, min_count=1, epochs=1).fit(text, threads=1)
    rowspace.write(table, tmp_path / "text.rows")
    lines = run("embed_documents.py", "text.rows", "text.txt", "butter makes bread soft", folder=tmp_path)
    assert lines[0] == "1.000  butter makes bread soft"
    assert len(lines) == len(SENTENCES)


def test_census_income(tmp_path: Path):
    lines = run("census_income.py", folder=tmp_path)
    losses = {line.split()[0]: float(line.split()[-1]) for line in lines[:2]}
    assert losses["embeddings"] < losses["one-hot"] - 0.05
    report = {line.split()[0]: line.split()[1:] for line in lines[3:]}
    assert report["country"][2] == "Nepal"
    assert float(report["country"][0].rstrip("%")) == pytest.approx(100 / 6, abs=3)
    assert float(report["job"][1].rstrip("%")) == pytest.approx(100 / 6, abs=3)


def scores_of(lines: list[str]) -> dict[str, float]:
    """The scores in the table of an ablation."""
    cells = [re.split(" {2,}", line) for line in lines[1:]]
    return {name: float(score) for name, score, *rest in (each for each in cells if len(each) > 1)}


def test_sentiment_ablation(tmp_path: Path):
    lines = run("sentiment_ablation.py", folder=tmp_path)
    scores = scores_of(lines)
    assert len(scores) == 7
    assert scores["pre-trained fine-tuned 16"] > scores["random trained 16"] + 0.1
    assert any(line.startswith("pre-trained fine-tuned 16 gains") for line in lines)


def test_census_ablation(tmp_path: Path):
    scores = scores_of(run("census_ablation.py", folder=tmp_path))
    assert len(scores) == 5
    assert scores["random trained 8"] > scores["random frozen 8"]
    assert all(-0.69 < score < 0 for score in scores.values())  # better than a coin


def test_every_example_is_run_here():
    own = Path(__file__).read_text("utf-8")
    assert all(f'run("{path.name}"' in own for path in EXAMPLES.glob("*.py"))
