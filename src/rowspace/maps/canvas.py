"""An empty figure and its axes: one look for every picture, by objects alone and without a window."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

from rowspace.errors import MissingExtraError

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Figure  # noqa: PLC0414 - the other modules take it from here
else:
    Figure = Any  # matplotlib is an extra: it is imported when a picture is asked for

# Six colors of Okabe & Ito 2008, which people of all color visions tell apart (their yellow is too pale for
# paper), and two more for pictures of many groups.
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#6f4e9c", "#5b6470")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")  # beside the colors, for prints in gray
PAPER = "#fdfcfa"
INK = "#2b2b2b"
PALE = "#8a8a86"  # what is read last
GRID = "#e4e2dc"
FONT = "DejaVu Sans"  # comes with matplotlib, so labels are as wide on every machine
DPI = 130
MARGIN = 0.18  # inches
LINE = 1.45 / 72  # inches from line to line, for each point of the font


def blank(width: float, height: float, *, layout: str | None = "constrained") -> Figure:
    """An empty figure of that size in inches; MissingExtraError without matplotlib.

    >>> figure = blank(4, 3)
    >>> figure.get_size_inches().tolist(), figure.axes
    ([4.0, 3.0], [])
    """
    figure_type, canvas_type = _matplotlib()
    figure: Figure = figure_type(figsize=(width, height), dpi=DPI, facecolor=PAPER, layout=layout)
    canvas_type(figure)
    return figure


def check_extra() -> None:
    """Raise MissingExtraError unless pictures can be drawn."""
    _matplotlib()


def style_(axes: Any, *, x: str, y: str) -> None:
    """Give axes the look that all pictures share, and name what lies along them, with its unit."""
    axes.set_facecolor(PAPER)
    axes.set_xlabel(x, color=INK, fontsize=10)
    axes.set_ylabel(y, color=INK, fontsize=10)
    axes.tick_params(colors=INK, labelsize=9, labelfontfamily=FONT, which="both", length=3)
    axes.grid(visible=True, which="major", color=GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(PALE)


def head_(figure: Figure, title: str, *lines: str) -> float:
    """Put a title and smaller lines, wrapped, on top of a figure, which grows by what they need.

    What is laid out later keeps off them. Returns where they end, as a share of the new height.
    """
    width, height = (float(size) for size in figure.get_size_inches())
    sized = [(title, 14, "bold", 8.2), *((line, 9.5, "normal", 14.0) for line in lines)]
    parts = [
        (part, points, weight)
        for text, points, weight, letters in sized
        for part in wrap(text, int(letters * (width - 2 * MARGIN)))  # so many letters an inch
    ]
    depth = MARGIN + sum(LINE * points for _, points, _ in parts)
    figure.set_size_inches(width, height + depth)
    top = MARGIN
    for part, points, weight in parts:
        place = MARGIN / width, 1 - top / (height + depth)
        figure.text(*place, part, fontsize=points, weight=weight, color=INK, va="top")
        top += LINE * points
    engine, below = figure.get_layout_engine(), height / (height + depth)
    if engine is not None:
        engine.set(rect=(0, 0, 1, below))  # type: ignore[call-arg]  # the stubs know no engine's own
    return below


def settle_(figure: Figure) -> None:
    """Lay the figure out now and for good, so that what is placed in pixels later stays where it is."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")


def legend_(axes: Any, **placed: Any) -> None:
    """A legend in the look of the picture."""
    axes.legend(
        fontsize=9, labelcolor=INK, facecolor=PAPER, edgecolor=GRID, framealpha=0.9, handlelength=3, **placed
    )


def _matplotlib() -> tuple[Any, Any]:
    """The figure and canvas classes: no pyplot, so no global state and no window system."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
        from matplotlib.figure import Figure as FigureType  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError(
            "a picture needs matplotlib, which is not installed; pip install 'rowspace[viz]'"
        ) from error
    return FigureType, FigureCanvasAgg
