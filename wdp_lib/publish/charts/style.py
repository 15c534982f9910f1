"""One look for every chart: fonts, colours, the mark of simulated data."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from wdp_lib.publish.charts.fonts import register_fonts

RISK_COLOURS = {
    "red": "#c0392b",
    "orange": "#e67e22",
    "yellow": "#d4ac0d",
    "blue": "#2e86c1",
    "clear": "#5f6a6a",
    "not_graded": "#b2babb",
}
OBSERVED = "#1b2631"
FORECAST = "#1f6f8b"
TARGET = "#922b21"
GRID = "#e5e8e8"
EDGE = "#909497"
BESIDE = ("textcoords", "annotation_clip")  # settings of a note that axes want
MARKERS = "os^Dv"  # lines are told apart by more than colour
TICK = "tick"  # marks a text that is no part of what a chart says
LINE = {"color": TARGET, "linestyle": "-.", "linewidth": 1}
MARK = {"zh": "模拟数据 SIMULATED DATA", "en": "SIMULATED DATA 模拟数据"}
WHITE = {  # a white ground with a grid, whatever the session draws on
    **dict.fromkeys(("figure.facecolor", "axes.facecolor"), "white"),
    **dict.fromkeys(("axes.labelcolor", "xtick.color", "ytick.color", "text.color"), ".15"),
    **dict.fromkeys((f"axes.spines.{side}" for side in ("left", "right", "top", "bottom")), True),
    **dict.fromkeys(("xtick.top", "xtick.bottom", "ytick.left", "ytick.right"), False),
    **dict.fromkeys(("xtick.direction", "ytick.direction"), "out"),
    "axes.axisbelow": True,
    "grid.linestyle": "-",
    "lines.solid_capstyle": "round",
    "patch.edgecolor": "w",
    "patch.force_edgecolor": True,
}
FRAME = {"boxstyle": "round,pad=0.25", "facecolor": "white", "edgecolor": TARGET, "linewidth": 0.8}


@contextmanager
def chart_style(*, grid: bool = True) -> Iterator[None]:
    """Draw with the house's fonts and lines; the settings of the session are left as they were.

    No text is read as a formula: what comes from data is shown as it is.
    """
    import matplotlib as mpl

    settings = WHITE | {
        "axes.unicode_minus": True,
        "axes.grid": grid,
        "font.size": 9,
        "axes.titlesize": 10,
        "axes.titleweight": "normal",
        "axes.titlelocation": "left",
        "axes.titley": 1.0,
        "axes.labelsize": 9,
        "grid.color": GRID,
        "axes.edgecolor": EDGE,
        "legend.frameon": False,
        "legend.fontsize": 8,
        "svg.hashsalt": "wdp",
        "figure.constrained_layout.use": False,
        "text.parse_math": False,
        "text.hinting": "no_autohint",
    }
    with mpl.rc_context(settings):
        register_fonts()
        yield


@contextmanager
def canvas(
    simulated: bool,
    language: str,
    *,
    margins: dict[str, float],
    rows: int = 1,
    columns: int = 1,
    **settings: Any,
) -> Iterator[tuple[Any, Any]]:
    """Give a figure and its axes to draw on; then mark it where its values are simulated.

    ``margins``: ``left, right, top, bottom`` of the panels, as shares of the figure.
    """
    import matplotlib.pyplot as plt

    with chart_style():
        figure, axes = plt.subplots(rows, columns, **settings)
        figure.subplots_adjust(**margins)
        yield figure, axes
        mark_simulated(figure, simulated, language)


def mark_simulated(figure, simulated: bool, language: str) -> None:
    """Write 模拟数据 across a figure made from simulated values."""
    if not simulated:
        return
    across = {"ha": "center", "va": "center", "rotation": 20, "fontsize": 26, "alpha": 0.13}
    figure.text(0.5, 0.5, MARK[language], color=TARGET, zorder=10, **across)
    corner = {"ha": "right", "va": "top", "fontsize": 8, "bbox": FRAME}
    figure.text(0.99, 1 - 0.1 / figure.get_figheight(), MARK[language], color=TARGET, **corner)


def width(text: str) -> int:
    """Return the width of a text in half-width characters; a Chinese character counts two."""
    return sum(2 if _wide(c) else 1 for c in text)


def _wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


def wrap(text: str, columns: int) -> str:
    """Break a text into lines of at most ``columns`` half-width characters."""
    lines, line = [], ""
    for piece in _pieces(text):
        if line and width(line + piece.rstrip()) > columns:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return "\n".join([*lines, line.rstrip()]).strip("\n")


def _pieces(text: str) -> Iterator[str]:
    """Split into units that must stay together: a word with its space, a sign."""
    piece = ""
    for character in text:
        clings = character in "，。、；：）》”％%"
        if piece and not clings and (_wide(character) or piece.endswith(" ") or _wide(piece[-1])):
            yield piece
            piece = ""
        piece += character
    if piece:
        yield piece


def say_instead(axes, text: str) -> None:
    """Write on empty axes why nothing is drawn."""
    axes.text(0.5, 0.5, text, ha="center", transform=axes.transAxes)
    axes.set_axis_off()


class Panel:
    """A small picture in a figure, drawn like axes but without the time that axes take.

    Nothing is shown before `finish`.
    """

    def __init__(self, figure: Any, box: tuple[float, float, float, float]):
        self.figure, self.box = figure, box
        self._artists: list[Any] = []
        self._points: list[np.ndarray] = []
        self._upright: list[tuple[float, dict[str, Any]]] = []
        self._notes: list[tuple[str, tuple[float, float], dict[str, Any]]] = []

    def plot(self, x, y, **look: Any) -> None:
        """Draw a line; it stops at missing values."""
        from matplotlib.lines import Line2D

        self._add(Line2D(np.asarray(x, float), np.asarray(y, float), **look), x, y)

    def fill_between(self, x, lower, upper, **look: Any) -> None:
        """Draw a band."""
        from matplotlib.collections import PolyCollection

        x, lower, upper = (np.asarray(one, float) for one in np.broadcast_arrays(x, lower, upper))
        around = [*zip(x, lower, strict=True), *zip(x[::-1], upper[::-1], strict=True)]
        self._add(PolyCollection([around], **look), x, np.stack([lower, upper]))

    def axvline(self, x: float, **look: Any) -> None:
        """Draw a line from bottom to top."""
        self._upright.append((x, look))

    def annotate(self, text: str, place: tuple[float, float], **look: Any) -> None:
        """Write beside a point."""
        self._notes.append((text, place, look))

    def _add(self, artist: Any, x, y) -> None:
        self._artists.append(artist)
        self._points.append(np.stack(np.broadcast_arrays(np.asarray(x, float), y)).reshape(2, -1))

    def finish(self, title: str) -> None:
        """Show all: frame, grid and numbers by the range of the values, title."""
        from matplotlib.transforms import Bbox, BboxTransform

        left, bottom, wide, high = self.box
        x, y = (reach(values) for values in np.concatenate(self._points, axis=1))
        frame = Bbox.from_bounds(left, bottom, wide, high)
        onto = BboxTransform(Bbox.from_extents(x[0], y[0], x[1], y[1]), frame)
        onto += self.figure.transFigure
        for place, look in self._upright:
            self.plot([place, place], y, **look)
        name = {"gid": f"panel {self.box}"}
        above = bottom + high + 6 / 72 / self.figure.get_figheight()
        self.figure.text(left, above, title, fontsize=8.5, va="baseline", **name)
        self._grid(x, y, onto)
        for artist in self._artists:
            artist.set(transform=onto, **name)
            self.figure.add_artist(artist)
        for text, place, look in self._notes:
            self._note(text, place, onto, **look, **name)

    def _note(self, text: str, place, onto, *, xytext, **look: Any) -> None:
        from matplotlib.transforms import ScaledTranslation

        look = {name: one for name, one in look.items() if name not in BESIDE}
        aside = ScaledTranslation(xytext[0] / 72, xytext[1] / 72, self.figure.dpi_scale_trans)
        self.figure.text(*place, text, transform=onto + aside, **look)

    def _grid(self, x: np.ndarray, y: np.ndarray, onto) -> None:
        from matplotlib.collections import LineCollection

        years, levels = ticks(x, whole=True), ticks(y, whole=False)
        lines = [((year, y[0]), (year, y[1])) for year in years]
        lines += [((x[0], level), (x[1], level)) for level in levels]
        frame = [(x[0], y[0]), (x[1], y[0]), (x[1], y[1]), (x[0], y[1]), (x[0], y[0])]
        for shown, look in ((lines, {"color": GRID, "zorder": 0.5}), ([frame], {"color": EDGE})):
            self.figure.add_artist(LineCollection(shown, linewidth=0.8, transform=onto, **look))
        small = {"fontsize": 7.5, "gid": TICK, "transform": onto}
        for year, told in years.items():
            place = (year, y[0] - 0.05 * (y[1] - y[0]))
            self.figure.text(*place, told, ha="center", va="top", **small)
        for level, told in levels.items():
            place = (x[0] - 0.02 * (x[1] - x[0]), level)
            self.figure.text(*place, told, ha="right", va="center", **small)


def reach(values: np.ndarray) -> np.ndarray:
    """Return the range of values with a margin of a twentieth."""
    known = values[np.isfinite(values)]
    low, high = (known.min(), known.max()) if len(known) else (0.0, 1.0)
    aside = 0.05 * (high - low or 2 * abs(low) or 2.0)
    return np.array([low - aside, high + aside])


def ticks(ends: np.ndarray, *, whole: bool) -> dict[float, str]:
    """Return round numbers between two ends, and how they are written."""
    from matplotlib.ticker import MaxNLocator

    found = MaxNLocator(5, integer=whole).tick_values(*ends)
    found = [tick for tick in found if ends[0] <= tick <= ends[1]]
    decimals = max((len(f"{tick:.10g}".partition(".")[2]) for tick in found), default=0)
    return {tick: f"{tick:.{decimals}f}".replace("-", "−") for tick in found}
