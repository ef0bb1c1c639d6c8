"""Letters of every script and none at all."""

from __future__ import annotations

import pytest

from rowspace.maps import lettering
from rowspace.maps.canvas import FONT, blank
from rowspace.maps.lettering import UNDRAWABLE, one_line, set_letters_

pytest.importorskip("matplotlib")

NOBODYS = "\U000f1234"  # a private letter, which no font has


def test_long_and_unprintable_keys():
    assert one_line("a" * 500) == "a" * 27 + "…"
    assert one_line("a" * 28) == "a" * 28
    assert one_line("\x1b[2J\n") == "\\x1b[2J\\n"
    assert one_line("") == ""


def test_a_letter_that_no_font_has_becomes_a_box(render):
    figure = blank(3, 2)
    text = figure.text(0.1, 0.5, f"a{NOBODYS}é\nb", weight="bold")
    set_letters_(figure)
    assert text.get_text() == f"a{UNDRAWABLE}é\nb"
    render(figure)


@pytest.mark.parametrize(
    "key", ["東京", "नमस्ते", "ሰላም", "𓀀", "😀", "Ω≈ç", "$x$", "_^{", "%", "\u200d", "caf\udce9"]
)
def test_keys_of_any_script_are_drawn_without_a_warning(render, key):
    figure = blank(3, 2)
    for weight in ("normal", "bold"):
        figure.text(0.1, 0.5, one_line(key), weight=weight)
    set_letters_(figure)
    render(figure, "svg", "pdf")


def test_dollars_are_dollars():
    figure = blank(3, 2)
    text = figure.text(0, 0, "$x$")
    set_letters_(figure)
    assert text.get_text() == "$x$"
    assert not text.get_parse_math()


def test_a_rare_letter_costs_a_text_its_bold_face_and_leaves_the_others_theirs():
    figure = blank(3, 2)
    plain, rare = (figure.text(0, 0, text, weight="bold") for text in ("plain", NOBODYS))
    set_letters_(figure)
    assert (plain.get_fontweight(), rare.get_fontweight()) == ("bold", "normal")


def test_other_fonts_are_asked_only_for_what_is_missing(monkeypatch):
    """Of two fonts, the one that has more of the rare letters comes first; one without any never."""
    known = {FONT: "ab", "few": "c", "many": "cd", "none": "a"}
    monkeypatch.setattr(lettering, "_upright_fonts", lambda: list(known))
    monkeypatch.setattr(lettering, "_known_by", lambda name, letters, *_: set(known[name]) & set(letters))
    assert list(lettering._other_fonts({"c", "d", "e"})) == ["many"]


def test_fonts_are_searched_without_a_word(caplog):
    """Matplotlib would log each face that a font does not have."""
    figure = blank(3, 2)
    figure.text(0, 0, f"東京{NOBODYS}", weight="bold")
    set_letters_(figure)
    figure.draw_without_rendering()
    assert caplog.records == []
