"""Rules by the number of keys."""

from __future__ import annotations

from typing import Any

import pytest

from rowspace.vocabulary.dimension_rules import deep_cross, fastai, fourth_root


@pytest.mark.parametrize("rule", [fourth_root, deep_cross, fastai])
def test_rules_never_fall_and_start_from_one(rule: Any):
    dims = [rule(count) for count in range(1, 5_000)]
    assert dims == sorted(dims)
    assert dims[0] >= 1
