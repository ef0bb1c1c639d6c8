"""``rowspace ablate`` on a few labelled lines."""

from __future__ import annotations

import numpy as np
import pytest

import rowspace

pytest.importorskip("torch")


@pytest.fixture
def reviews(tmp_path, monkeypatch):
    monkeypatch.setattr("rowspace.nn.mean_classifier.MOST_EPOCHS", 1)
    rng = np.random.default_rng(0)
    words = {"+": ["king", "queen"], "-": ["man", "woman"]}
    for name in ("train", "test"):
        lines = [f"{label}\t{' '.join(rng.choice(words[label], 3)).title()}\n" for label in "+-" * 20]
        (tmp_path / f"{name}.tsv").write_text("".join(lines))
    return tmp_path


def test_every_variant_in_json(answer, family, reviews):
    flags = [
        "--table",
        family,
        "--test",
        reviews / "test.tsv",
        "--dims",
        "2",
        "4",
        "--seeds",
        "1",
        "--lowercase",
    ]
    found = answer("ablate", reviews / "train.tsv", *flags, "--quiet")
    assert [part["variant"] for part in found["variants"]] == [
        "one-hot", "random frozen 2", "random trained 2", "random frozen 3", "random trained 3",
        "random frozen 4", "random trained 4", "pre-trained frozen 3", "pre-trained fine-tuned 3",
    ]  # fmt: skip
    assert found["baseline"] == "random trained 3"
    assert found["data"] == str(reviews / "train.tsv")
    expected = rowspace.selection.ablate_text(
        reviews / "train.tsv",
        rowspace.open(family),
        test=reviews / "test.tsv",
        dims=[2, 4],
        seeds=1,
        lowercase=True,
    )
    assert [part["mean"] for part in found["variants"]] == [each.mean for each in expected.results.values()]


def test_a_report_for_people_and_a_line_for_each_model(run, reviews):
    told = run("ablate", reviews / "train.tsv", "--dims", "2", "--seeds", "1")
    assert told.exit_code == 0
    assert told.stdout.splitlines()[0].split()[:2] == ["variant", "score"]
    assert [line.split(",")[0] for line in told.stderr.splitlines()] == [
        "one-hot",
        "random frozen 2",
        "random trained 2",
    ]
    assert run("ablate", reviews / "train.tsv", "--dims", "2", "--seeds", "1", "-q").stderr == ""


def test_what_is_refused_is_one_line(refused, reviews):
    (reviews / "bad.tsv").write_text("no tab\n")
    assert "bad.tsv: line 1 must be a label, a tab and a text" in refused("ablate", reviews / "bad.tsv")
    assert "none.tsv" in refused("ablate", reviews / "none.tsv")
