"""Pictures as files: by suffix, whole or not at all."""

from __future__ import annotations

import sys

import pytest

from rowspace.errors import FileAccessError, FormatError, MissingExtraError
from rowspace.maps.canvas import blank
from rowspace.maps.saving import check_picture, save

pytest.importorskip("matplotlib")


@pytest.fixture
def figure():
    figure = blank(2, 2)
    figure.text(0.2, 0.5, "text")
    return figure


@pytest.mark.parametrize(
    ("name", "first"),
    [("a.png", b"\x89PNG"), ("a.SVG", b"<?xml"), ("a.b.pdf", b"%PDF"), ("é x.png", b"\x89PNG")],
)
def test_the_suffix_decides_the_format(figure, tmp_path, name, first):
    assert save(figure, str(tmp_path / name)) == tmp_path / name
    assert (tmp_path / name).read_bytes().startswith(first)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["a.jpg", "a", ".png", "a.png.gz"])
def test_another_suffix_is_refused(figure, tmp_path, name):
    for call in (lambda: save(figure, tmp_path / name), lambda: check_picture(tmp_path / name)):
        with pytest.raises(FormatError, match=r"\.png, \.svg, \.pdf"):
            call()
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_refused_before_any_work(figure, tmp_path):
    (tmp_path / "folder.png").mkdir()
    for path, words in [("nowhere/a.png", "does not exist"), ("folder.png", "folder")]:
        for call in (lambda: save(figure, tmp_path / path), lambda: check_picture(tmp_path / path)):  # noqa: B023
            with pytest.raises(FileAccessError, match=words):
                call()


def test_a_failed_save_leaves_the_old_picture(figure, tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    path.write_bytes(b"old")

    def fail(*_, **__):
        raise OSError("the disk is full")

    monkeypatch.setattr(figure, "savefig", fail)
    with pytest.raises(FileAccessError, match="the disk is full"):
        save(figure, path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_check_knows_of_the_extra(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "matplotlib.backends.backend_agg", None)
    with pytest.raises(MissingExtraError, match="viz"):
        check_picture(tmp_path / "a.png")
