"""One look for every chart: fonts, colours, the mark of simulated data."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

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
TICK = "tick"  # marks a text that is no part of what a chart says
LINE = {"color": TARGET, "linestyle": "-.", "linewidth": 1}
MARK = {"zh": "模拟数据 SIMULATED DATA", "en": "SIMULATED DATA 模拟数据"}
FRAME = {"boxstyle": "round,pad=0.25", "facecolor": "white", "edgecolor": TARGET, "linewidth": 0.8}


@contextmanager
def chart_style(*, grid: bool = True) -> Iterator[None]:
    """Draw with the house's fonts and lines; the settings of the session are left as they were.

    No text is read as a formula: what comes from data is shown as it is.
    """
    import matplotlib as mpl
    import seaborn as sns

    settings = sns.axes_style("whitegrid") | {
        "axes.unicode_minus": True,
        "axes.grid": grid,
        "font.size": 9,
        "axes.titlesize": 10,
        "axes.titleweight": "normal",
        "axes.titlelocation": "left",
        "axes.titley": 1.0,
        "axes.labelsize": 9,
        "grid.color": GRID,
        "axes.edgecolor": "#909497",
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

    Parameters
    ----------
    margins : dict
        ``left, right, top, bottom`` of the panels, as shares of the figure.
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


def light_ticks(axes, size: float = 7.5) -> None:
    """Write numbers and grid of small axes as plain texts and lines; limits must be set before."""
    from matplotlib.collections import LineCollection
    from matplotlib.ticker import MaxNLocator

    for axis, name, whole in ((axes.xaxis, "x", True), (axes.yaxis, "y", False)):
        low, high = getattr(axes, f"get_{name}lim")()
        ticks = MaxNLocator(5, integer=whole).tick_values(low, high)
        ticks = [tick for tick in ticks if low <= tick <= high]
        decimals = max((len(f"{tick:.10g}".partition(".")[2]) for tick in ticks), default=0)
        across = axes.get_xaxis_transform() if name == "x" else axes.get_yaxis_transform()
        ends = [((t, 0), (t, 1)) if name == "x" else ((0, t), (1, t)) for t in ticks]
        lines = LineCollection(ends, transform=across, color=GRID, linewidth=0.8, zorder=0.5)
        axes.add_collection(lines, autolim=False)
        aligned = {"ha": "center", "va": "top"} if name == "x" else {"ha": "right", "va": "center"}
        for tick in ticks:
            place = (tick, -0.05) if name == "x" else (-0.02, tick)
            shown = f"{tick:.{decimals}f}".replace("-", "−")
            axes.text(*place, shown, transform=across, fontsize=size, gid=TICK, **aligned)
        axis.set_visible(False)
        getattr(axes, f"set_{name}lim")(low, high)
