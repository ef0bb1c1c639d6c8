"""The picture: a flat projection, and labels that cover neither each other nor the points."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from rowspace.cli.demo import picture
from rowspace.errors import MissingExtraError
from rowspace.table import Table

PNG = b"\x89PNG\r\n\x1a\n"


def test_projection_keeps_two_separate_groups_apart():
    rng = np.random.default_rng(3)
    centers = np.repeat(rng.standard_normal((2, 20)), 10, axis=0) * 5
    points = picture.project((centers + rng.standard_normal((20, 20)) * 0.1).astype(np.float32))
    assert points.shape == (20, 2)
    assert points.dtype == np.float32
    gap = np.abs(points[:10, 0].mean() - points[10:, 0].mean())
    assert gap > 10 * points[:10, 0].std()


def test_projection_is_the_best_flat_one():
    """No two directions keep more variance than the first two singular values do."""
    rng = np.random.default_rng(4)
    vectors = rng.standard_normal((30, 6)).astype(np.float32)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    sizes = np.linalg.svd(unit - unit.mean(axis=0), compute_uv=False)
    np.testing.assert_allclose((picture.project(vectors) ** 2).sum(), (sizes[:2] ** 2).sum(), rtol=1e-5)


@pytest.mark.parametrize("shape", [(1, 5), (2, 5), (3, 1)])
def test_projection_of_few_or_flat_vectors(shape):
    assert np.isfinite(picture.project(np.zeros(shape, np.float32))).all()


def test_draw_writes_a_png_without_pyplot(tmp_path, table: Table):
    pytest.importorskip("matplotlib")
    groups = {"k0": ["k0", "k1", "k2"], "k9": ["k9", "k8"]}
    picture.draw(table, groups, tmp_path / "p.png", title="Keys")
    assert (tmp_path / "p.png").read_bytes().startswith(PNG)
    assert "matplotlib.pyplot" not in sys.modules


def test_odd_words_are_drawn_too(tmp_path):
    pytest.importorskip("matplotlib")
    words = ["$x$", "東京", "a" * 500, "caf\udce9", "_hidden", "new\nline"]
    table = Table.from_arrays(words, np.eye(6, dtype=np.float32))
    picture.draw(table, {"$x$": words}, tmp_path / "p.png", title="Odd")
    assert (tmp_path / "p.png").stat().st_size > 1000


def test_labels_take_free_places():
    frame, taken = (1000.0, 1000.0), []
    for _ in range(12):  # twelve words on one spot
        box = picture._free_place(500.0, 500.0, 60.0, 14.0, taken, frame)
        assert not any(picture._overlap(box, other) for other in taken)
        taken.append(box)
    corner = picture._free_place(995.0, 995.0, 60.0, 14.0, [], frame)
    assert corner[2] < 1000
    assert corner[3] < 1000


def test_without_matplotlib_the_error_gives_the_remedy(monkeypatch, tmp_path, table: Table):
    monkeypatch.setitem(sys.modules, "matplotlib.backends.backend_agg", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'rowspace\[viz\]'"):
        picture.draw(table, {"k0": ["k0"]}, tmp_path / "p.png", title="")
