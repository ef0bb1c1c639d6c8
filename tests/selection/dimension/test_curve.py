"""How a curve is shown and written."""

from __future__ import annotations

import json

from rowspace.selection.dimension.curve import DimensionCurve

CURVE = DimensionCurve(
    dims=[8, 16, 300],
    measures={"agreement": [0.125, 0.25, None], "PIP loss": [0.9, 0.8, 0.75]},
    deciding="agreement",
    recommended=16,
    flat=(16, 16),
    reason="16 is the best",
    rules={"fourth root": 9, "other": 600},
    warnings=["too small"],
)


def test_str_is_a_table_with_the_reason_and_rules():
    lines = str(CURVE).splitlines()
    assert lines[0].split() == ["dim", "agreement", "PIP", "loss"]
    assert lines[2].split() == ["16", "*", "0.25", "0.8"]
    assert lines[3].split() == ["300", "-", "0.75"]
    assert len({len(line) for line in lines[:4]}) == 1
    assert "recommended: 16; 16 is the best" in lines
    assert "rules, for comparison: fourth root 9, other 600" in lines
    assert lines[-1] == "note: too small"


def test_without_rules_no_line_speaks_of_them():
    assert "rules" not in str(DimensionCurve([1], {"loss": [0.5]}, "loss", 1, (1, 1), "one dim", {}))


def test_dict_survives_json():
    facts = CURVE.to_dict()
    assert json.loads(json.dumps(facts)) == facts
    assert facts["flat"] == [16, 16]
    assert facts["measures"]["agreement"] == [0.125, 0.25, None]
