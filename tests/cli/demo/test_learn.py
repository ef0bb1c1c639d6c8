"""The demo's text and training."""

from __future__ import annotations

import pytest

from rowspace.cli.demo.harvest import Harvest
from rowspace.cli.demo.learn import learn_step, read_step, recipe_for


def test_a_harvest_is_saved_one_text_a_line(tmp_path):
    found = Harvest([["read", "the", "file"], ["é", "b"]], 5, 2, packages={"one": 3, "two": 2})
    step = read_step(found, tmp_path / "corpus.txt")
    assert (tmp_path / "corpus.txt").read_text(encoding="utf-8") == "read the file\né b\n"
    assert step.facts["words"] == 5


def test_text_of_others_is_cut_into_lower_case_words(tmp_path):
    path = tmp_path / "t.txt"
    path.write_text("The King, the QUEEN; the king!\n" * 20)
    step, table = learn_step(path, is_cut=False)
    assert sorted(table.keys) == ["<unk>", "king", "queen", "the"]
    assert step.facts["corpus"]["tokens"] == 120


def test_text_that_is_cut_is_left_as_it_is(tmp_path):
    path = tmp_path / "t.txt"
    path.write_text("The king, 3\n" * 20)
    _, table = learn_step(path, is_cut=True)
    assert sorted(table.keys) == ["3", "<unk>", "The", "king,"]


@pytest.mark.parametrize(("num_words", "epochs", "min_count"), [(0, 30, 1), (300_000, 30, 5), (10**9, 2, 10)])
def test_small_texts_are_read_more_often(num_words, epochs, min_count):
    recipe = recipe_for(num_words)
    assert (recipe.epochs, recipe.min_count) == (epochs, min_count)
