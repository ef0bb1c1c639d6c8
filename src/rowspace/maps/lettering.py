"""Letters of any script in a picture: as keys have them, and never a warning for one that no font has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from rowspace.maps.canvas import FONT, Figure

LONGEST = 28  # letters of a key
UNDRAWABLE = "\N{WHITE VERTICAL RECTANGLE}"


def one_line(text: str, longest: int = LONGEST) -> str:
    r"""A key as a label: control characters and undecodable bytes as escapes, cut where it is long.

    >>> print(one_line("new\nyork"), one_line("caf\udce9"), one_line("abcdefgh", 5))
    new\nyork caf\udce9 abcd…
    """
    plain = "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
    return plain if len(plain) <= longest else f"{plain[: longest - 1]}…"


def set_letters_(figure: Figure) -> None:
    """Choose fonts that have every letter of the figure; one that none has becomes a box.

    No text is read as mathematics: a `$` is a `$`. Axes must not write their ticks as formulas.
    """
    texts = _texts(figure)
    letters = {letter for text in texts for letter in text.get_text()} - {"\n"}
    rare = letters - _known_by(FONT, letters, "normal", "bold")
    others = list(_other_fonts(rare)) if rare else []
    missing = rare.difference(*(_known_by(name, rare, "normal") for name in others))
    boxes = str.maketrans(dict.fromkeys(missing, UNDRAWABLE))
    for text in texts:
        text.set_parse_math(False)
        text.set_fontfamily([FONT, *others])
        if rare.intersection(text.get_text()):
            text.set_fontweight("normal")  # few of the other fonts are there in bold
            text.set_text(text.get_text().translate(boxes))


def _texts(figure: Figure) -> list[Any]:
    from matplotlib.text import Text  # noqa: PLC0415

    return figure.findobj(Text)


def _other_fonts(rare: set[str]) -> Iterator[str]:
    """The installed fonts that have letters of `rare`, the one with most of them first."""
    rest = set(rare)
    known = {name: _known_by(name, rest, "normal") for name in _upright_fonts()}
    while known and rest:
        best = max(known, key=lambda name: len(known[name] & rest))
        found = known.pop(best) & rest
        if not found:
            return
        rest -= found
        yield best


def _upright_fonts() -> list[str]:
    """The installed fonts of usual weight, without those that have a box for every letter."""
    from matplotlib.font_manager import fontManager  # noqa: PLC0415

    upright = (font for font in fontManager.ttflist if font.style == "normal" and font.weight == 400)
    return sorted({font.name for font in upright if not font.name.startswith(("Last Resort", FONT))})


def _known_by(family: str, letters: Iterable[str], *weights: str) -> set[str]:
    """The letters that a font has in each of the weights."""
    from matplotlib.font_manager import FontProperties, findfont, get_font  # noqa: PLC0415

    known = set(letters)
    with suppress(ValueError, RuntimeError, OSError):  # no such face; a bitmap font, which cannot be scaled
        for weight in weights:
            properties = FontProperties(family=[family], weight=weight)
            font = get_font(findfont(properties, fallback_to_default=False))
            known = {letter for letter in known if font.get_char_index(ord(letter))}
        return known
    return set()
