"""What a chart of an indicator shows beside the forecast: values, intervals, breaks, target."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.core.errors import Text
from wdp_lib.forecasting.counts.rates import rate_interval
from wdp_lib.plan import Indicator
from wdp_lib.publish.charts.style import OBSERVED, TARGET
from wdp_lib.publish.context import Context

BREAK = "#7d3c98"
LABELS = {
    "survey": Text("调查估计值（不作判定依据）", "survey estimate (no ground for a verdict)"),
    "survey_interval": Text("调查估计的 95% 区间", "95 % interval of the survey"),
    "observed": Text("实际值", "observed"),
    "open": Text("初步数或估计数", "provisional or estimated"),
    "interval": Text("95% 区间（发生数少）", "95 % interval (few events)"),
    "break": Text("口径变动", "break in definition"),
    "target": Text("目标", "target"),
    "source": Text("来源：{0}", "source: {0}"),
}
NAMED = 2  # sources named below a chart


def draw_observed(axes, series: pd.DataFrame, entry: Indicator, context: Context) -> None:
    """Draw the values of one indicator.

    No line leads to values of another definition, a thin dotted one over years without a value.
    What is elected stays until the next election: steps. What is not final is hollow. A rate of
    few events has its interval.
    """
    points = series[["year", "value"]].to_numpy(float)
    steps, broken = entry.frequency == "term", (series["series_break"] != "").to_numpy()
    _draw_intervals(axes, series, entry, context)
    look = {"color": OBSERVED, "marker": "o", "markersize": 3.4, "linewidth": 1.3}
    look |= {"label": context.text(LABELS["observed"])}
    shown = with_gaps(axes, points, broken, bridged=not steps)
    if steps:
        axes.plot(*stepped(shown, context).T, color=OBSERVED, linewidth=1.3, label="_")
        look |= {"linewidth": 0}
    axes.plot(*shown.T, **look)
    still_open = points[series["status"].isin(["provisional", "estimated"]).to_numpy()]
    if len(still_open):
        apart = np.insert(still_open, np.arange(1, len(still_open)), np.nan, axis=0)
        hollow = {"markerfacecolor": "white", "label": context.text(LABELS["open"]), "zorder": 3}
        axes.plot(*apart.T, color=OBSERVED, marker="o", markersize=3.4, linewidth=0, **hollow)


def stepped(points: np.ndarray, context: Context) -> np.ndarray:
    """Return the corners of a line of steps through points, the last one up to the day of data."""
    if len(points) and context.as_of and int(context.as_of[:4]) > points[-1, 0]:
        points = np.vstack([points, [int(context.as_of[:4]), points[-1, 1]]])
    corners = np.column_stack([points[1:, 0], points[:-1, 1]])  # at the next year, still as high
    return np.insert(points, np.arange(1, len(points)), corners, axis=0)


def with_gaps(
    axes, points: np.ndarray, broken: np.ndarray, *, bridged: bool, colour: str = OBSERVED
) -> np.ndarray:
    """Return points with a hole where no line is to be drawn; years without a value are dotted.

    ``points`` (shape (n, 2)): years and values. ``broken``: which values are the first of another
    definition. ``bridged``: whether years without a value are bridged by dots; else the line just
    goes on.
    """
    gap = np.diff(points[:, 0], prepend=points[:1, 0]) > 1
    cuts = np.flatnonzero(gap & bridged | broken)
    cuts = cuts[cuts > 0]
    bridges = [np.insert(points[c - 1 : c + 1], 2, np.nan, axis=0) for c in cuts if not broken[c]]
    if bridges:
        thin = {"color": colour, "linestyle": ":", "linewidth": 0.9, "label": "_"}
        axes.plot(*np.concatenate(bridges).T, **thin)
    return np.insert(points, cuts, np.nan, axis=0)


def _draw_intervals(axes, series: pd.DataFrame, entry: Indicator, context: Context) -> None:
    if entry.data_kind != "rare_rate":
        return
    counted = series[series["numerator"].notna() & (series["denominator"] > 0)]
    if counted.empty:
        return
    counts = counted["numerator"].astype(float), counted["denominator"].astype(float)
    lower, upper, _ = rate_interval(*counts, multiplier=entry.multiplier or 1.0)
    years = counted["year"].to_numpy(float)
    x = np.column_stack([years, years, years]).ravel()
    y = np.column_stack([lower, upper, np.full(len(years), np.nan)]).ravel()
    label = context.text(LABELS["interval"])
    axes.plot(x, y, color=OBSERVED, linewidth=0.8, alpha=0.45, label=label)


def draw_surveys(axes, surveys: pd.DataFrame, context: Context) -> None:
    """Draw estimates of surveys, each with its interval: they are apart from what was observed."""
    if surveys.empty:
        return
    years, colour = surveys["year"].to_numpy(float), "#7D3C98"
    nothing = np.full(len(years), np.nan)
    ends = np.column_stack([surveys["low"], surveys["high"], nothing]).astype(float).ravel()
    look = {"color": colour, "linewidth": 1.2, "label": context.text(LABELS["survey_interval"])}
    axes.plot(np.repeat(years, 3), ends, **look)
    values = np.column_stack([surveys["value"], nothing]).astype(float).ravel()
    hollow = {"marker": "D", "markersize": 4, "markerfacecolor": "white", "linewidth": 0}
    label = context.text(LABELS["survey"])
    axes.plot(np.repeat(years, 2), values, color=colour, label=label, zorder=3, **hollow)


def draw_breaks(axes, series: pd.DataFrame, context: Context) -> None:
    """Mark each first year of another definition."""
    label = context.text(LABELS["break"])
    for year in series.loc[series["series_break"] != "", "year"]:
        axes.axvline(year - 0.5, color=BREAK, linestyle=":", linewidth=1.2, label=label)
        label = "_"


def draw_target(axes, entry: Indicator, years: list[int], context: Context) -> None:
    """Draw the line of a target that is a number, or its band, with its year and value."""
    inside, label = entry.target.range(), context.text(LABELS["target"])
    edges = [edge for edge in (inside.lower, inside.upper) if np.isfinite(edge)]
    if inside.two_sided:
        band = {"color": TARGET, "alpha": 0.10, "linewidth": 0, "label": label}
        axes.fill_between(years, inside.lower, inside.upper, **band)
        label = "_"
    line = {"color": TARGET, "linewidth": 1.1, "linestyle": "-."}
    for edge in edges:
        axes.plot(years, [edge, edge], label=label, **line)
        label = "_"
    if edges:
        told = "–".join(f"{edge:.10g}" for edge in edges).replace("-", "−")  # as the plan has it
        beside = {"xytext": (4, 0), "textcoords": "offset points", "va": "center", "fontsize": 8}
        place, look = (years[1], float(np.mean(edges))), {"annotation_clip": False, **beside}
        axes.annotate(f"{entry.target.year}\n{told}", place, color=TARGET, **look)


def source_line(series: pd.DataFrame, context: Context) -> str:
    """Return where the values of a chart come from; ``""`` where nothing says so."""
    named = [one for one in dict.fromkeys(series["source"].dropna()) if one]
    more = context.pick("等", " and others") if len(named) > NAMED else ""
    return context.text(LABELS["source"]).format(context.joined(named[:NAMED]) + more) * bool(named)
