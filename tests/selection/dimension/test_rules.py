"""The usual rules, at figures that their authors give."""

from __future__ import annotations

import pytest

from rowspace.selection.dimension.rules import usual_rules


@pytest.mark.parametrize(
    ("keys", "root", "fastai"), [(944, 6, 74), (1635, 7, 101), (1_000_000, 32, 600), (1, 1, 2)]
)
def test_at_known_sizes(keys, root, fastai):
    assert list(usual_rules(keys).values()) == [root, fastai]
