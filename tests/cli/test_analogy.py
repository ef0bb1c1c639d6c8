"""``rowspace analogy`` on a table where the answer is known."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("method", ["add", "mul"])
def test_man_is_to_king_as_woman_is_to_queen(run, family, method):
    result = run("analogy", family, "man", "king", "woman", "-k", "1", "--method", method)
    assert result.stdout.split()[0] == "queen"


def test_json(answer, family):
    found = answer("analogy", family, "man", "king", "woman", "--limit", "4")
    assert found["question"] == ["man", "king", "woman"]
    assert [part["key"] for part in found["answers"]] == ["queen"]


def test_an_unknown_key_is_one_line(refused, family):
    assert "'kign'" in refused("analogy", family, "man", "kign", "woman")
