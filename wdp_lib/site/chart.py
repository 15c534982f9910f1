"""An indicator drawn as SVG: the drawing of every other chart on a canvas that themes can colour.

A page of its own chart would cost a third of a second and 30 kB as a picture; this costs 2 ms and
8 kB, follows light, dark and print, and says each value to a pointer and to a screen reader.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from wdp_lib.publish.charts.observed import BREAK
from wdp_lib.publish.charts.outlook import BANDS, draw_outlook
from wdp_lib.publish.charts.style import FORECAST, MARK, OBSERVED, TARGET, reach, ticks
from wdp_lib.publish.context import Context
from wdp_lib.publish.text.words import number

WIDE, HIGH = 720, 340
LEFT, RIGHT, TOP, BOTTOM = 56, 60, 24, 30
CLASSES = {OBSERVED: "observed", FORECAST: "forecast", TARGET: "target", BREAK: "break"}
PLAIN = {"opacity": None, "dash": "", "dots": False, "drawn": True, "thin": False, "hollow": False}
DASHES = {"-": "", "--": "6 4", ":": "2 3", "-.": "8 3 2 3"}


@dataclass
class Sketch:
    """A canvas with the verbs of axes that drawing an indicator needs."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    bands: list[dict[str, Any]] = field(default_factory=list)
    upright: list[dict[str, Any]] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)

    def plot(self, x, y, *, color: str, label="_", linestyle="-", marker="", **more: Any) -> None:
        """Draw a line, which stops at missing values, or dots alone."""
        points = np.column_stack([np.asarray(x, float), np.asarray(y, float)])
        look = {"dash": DASHES[linestyle], "dots": bool(marker), "color": CLASSES[color]}
        look |= {"drawn": more.get("linewidth", 1) > 0, "thin": "alpha" in more}
        look["hollow"] = more.get("markerfacecolor", "") == "white"
        self.lines.append({"points": points, "label": label, **look})

    def fill_between(self, x, lower, upper, *, color: str, alpha: float, label: str, **_) -> None:
        """Draw a band."""
        x, lower, upper = (np.asarray(one, float) for one in np.broadcast_arrays(x, lower, upper))
        edges = np.column_stack([x, lower, upper])
        look = {"color": CLASSES[color], "opacity": alpha}
        self.bands.append({"edges": edges, "label": label, **look})

    def axvline(self, x: float, *, color: str, label: str = "_", **_) -> None:
        """Draw a line from bottom to top."""
        look = {"dash": DASHES[":"], "color": CLASSES[color]}
        self.upright.append({"x": x, "label": label, **look})

    def annotate(self, text: str, place: tuple[float, float], *, color: str, **_) -> None:
        """Write beside a point."""
        self.notes.append({"text": text, "place": place, "color": CLASSES[color]})


@dataclass(frozen=True)
class Chart:
    """A chart ready for the template ``chart.svg.j2``: coordinates, words, description."""

    title: str
    description: str
    unit: str
    mark: str
    bands: tuple[dict[str, Any], ...]
    lines: tuple[dict[str, Any], ...]
    upright: tuple[dict[str, Any], ...]
    notes: tuple[dict[str, Any], ...]
    years: tuple[tuple[float, str], ...]
    levels: tuple[tuple[float, str], ...]
    legend: tuple[dict[str, Any], ...]
    frame = (LEFT, TOP, WIDE - LEFT - RIGHT, HIGH - TOP - BOTTOM)
    size = (WIDE, HIGH)


def chart(rows: Any, series: Any, indicator: str, context: Context) -> Chart | None:
    """Return the chart of an indicator; ``None`` where there is neither value nor forecast.

    ``rows, series``: its forecast and its observed values, of
    `wdp_lib.publish.charts.outlook.outlook_tables`.
    """
    if series.empty and not rows["value"].notna().any():
        return None
    entry, sketch = context.plan.indicator(indicator), Sketch()
    draw_outlook(sketch, rows, series, entry, context, bands=BANDS)
    points = [line["points"] for line in sketch.lines]
    points += [band["edges"][:, [0, n]] for band in sketch.bands for n in (1, 2)]
    known = np.concatenate(points)
    x, y = reach(known[:, 0]), reach(known[:, 1])
    _, _, wide, high = Chart.frame

    def across(values):
        return np.round(LEFT + (values - x[0]) / (x[1] - x[0]) * wide, 1)

    def up(values):
        return np.round(TOP + (y[1] - values) / (y[1] - y[0]) * high, 1)

    def told(value: float) -> str:
        return number(float(value), entry.unit)

    simulated = bool(rows["simulated"].any() or series["simulated"].any())
    return Chart(
        context.name(indicator),
        _description(sketch, told, context),
        context.word("unit", entry.unit),
        MARK[context.language] if simulated else "",
        tuple({**band, "path": _outline(band["edges"], across, up)} for band in sketch.bands),
        tuple(
            {
                **line,
                "path": _path(line["points"], across, up) if line["drawn"] else "",
                "circles": [
                    (x, y, f"{a:.0f}: {told(b)}")
                    for (x, y), (a, b) in zip(
                        _placed(line["points"], across, up), line["points"], strict=True
                    )
                    if line["dots"] and np.isfinite(b)
                ],
            }
            for line in sketch.lines
        ),
        tuple({**one, "at": float(across(one["x"]))} for one in sketch.upright),
        tuple(
            {**note, "at": (float(across(note["place"][0])), float(up(note["place"][1])))}
            for note in sketch.notes
        ),
        tuple((float(across(year)), text) for year, text in ticks(x, whole=True).items()),
        tuple((float(up(level)), text) for level, text in ticks(y, whole=False).items()),
        tuple(
            {**PLAIN, **one}
            for one in (*sketch.lines, *sketch.bands, *sketch.upright)
            if not one["label"].startswith("_")
        ),
    )


def _placed(points: np.ndarray, across, up) -> list[list[float]]:
    return np.column_stack([across(points[:, 0]), up(points[:, 1])]).tolist()


def _path(points: np.ndarray, across, up) -> str:
    """The line through points, begun anew after each missing one."""
    said, move = [], "M"
    for x, y in _placed(points, across, up):
        if np.isfinite(y):
            said.append(f"{move}{x:g} {y:g}")
        move = "L" if np.isfinite(y) else "M"
    return "".join(said)


def _outline(edges: np.ndarray, across, up) -> str:
    edges = edges[np.isfinite(edges).all(axis=1)]
    around = [*edges[:, [0, 1]], *edges[::-1][:, [0, 2]]]
    return _path(np.array(around), across, up) + "Z" if len(edges) else ""


def _description(sketch: Sketch, told, context: Context) -> str:
    """Every value drawn under a name, in words."""
    clauses = []
    for line in sketch.lines:
        if not line["label"].startswith("_"):
            pairs = (f"{x:.0f} {told(y)}" for x, y in line["points"] if np.isfinite(y))
            clauses.append((line["label"], pairs))
    for band in sketch.bands:
        pairs = (f"{x:.0f} {told(low)}–{told(high)}" for x, low, high in band["edges"])
        clauses.append((band["label"], pairs))
    years = {one["label"]: [] for one in sketch.upright if not one["label"].startswith("_")}
    for label in years:
        clauses.append((label, (f"{one['x'] + 0.5:.0f}" for one in sketch.upright)))
    colon = context.pick("：", ": ")
    return context.joined(
        (label + colon + ", ".join(pairs) for label, pairs in clauses), clauses=True
    )
