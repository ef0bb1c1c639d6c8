"""The demo's picture is the map of `rowspace.maps`, written where it is asked for."""

from __future__ import annotations

import sys

import pytest

from rowspace.cli.demo import picture
from rowspace.errors import MissingExtraError
from rowspace.table import Table

PNG = b"\x89PNG\r\n\x1a\n"


def test_draw_writes_a_png(tmp_path, table: Table):
    pytest.importorskip("matplotlib")
    groups = {"k0": ["k0", "k1", "k2"], "k9": ["k9", "k8"]}
    picture.draw(table, groups, tmp_path / "p.png", title="Keys")
    assert (tmp_path / "p.png").read_bytes().startswith(PNG)


def test_without_matplotlib_the_error_gives_the_remedy(monkeypatch, tmp_path, table: Table):
    monkeypatch.setitem(sys.modules, "matplotlib.backends.backend_agg", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'rowspace\[viz\]'"):
        picture.draw(table, {"k0": ["k0"]}, tmp_path / "p.png", title="")
