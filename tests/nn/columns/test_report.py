from __future__ import annotations

import pytest

from rowspace.nn.columns.report import ColumnReport, ColumnsReport


def test_rates_are_shares_of_rows():
    report = ColumnReport("city", 8, num_unknown=2, num_missing=1)
    assert (report.unknown_rate, report.missing_rate) == (0.25, 0.125)
    assert ColumnReport("city", 0, 0, 0).missing_rate == 0


def test_columns_are_found_by_name():
    report = ColumnsReport((ColumnReport("a", 1, 0, 0), ColumnReport("b", 1, 1, 0)))
    assert report["b"].num_unknown == 1
    with pytest.raises(KeyError, match="c"):
        report["c"]


def test_the_table_lines_up():
    report = ColumnsReport((ColumnReport("a", 3, 3, 0, ("x", "y")), ColumnReport("a longer name", 3, 0, 1)))
    lines = str(report).splitlines()
    assert lines[0].index("unknown values") == lines[1].index("x, y")
    assert lines[2].split() == ["a", "longer", "name", "0.0%", "33.3%"]
