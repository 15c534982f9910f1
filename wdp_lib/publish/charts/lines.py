"""The chart of several series of one indicator: areas, groups, or both."""

from __future__ import annotations

import pandas as pd

from wdp_lib.plan import Indicator
from wdp_lib.publish.charts.observed import draw_breaks, draw_target, stepped, with_gaps
from wdp_lib.publish.charts.outlook import label_of
from wdp_lib.publish.charts.style import MARKERS, OBSERVED, canvas, say_instead, wrap
from wdp_lib.publish.context import Context
from wdp_lib.publish.text.words import marked_name

COLOURS = (OBSERVED, "#c0392b", "#1f6f8b", "#b9770e", "#7d3c98", "#1e8449", "#a04000", "#5f6a6a")
LINES = ("-", "--", ":", "-.", (0, (5, 1, 1, 1)))
FACTS = ("area", "sex", "residence", "age_group")


def plot_lines(rows: pd.DataFrame, context: Context, entry: Indicator, *, intervals: bool = False):
    """Draw some series of one indicator: a colour an area (or group), a dash a group.

    ``rows``: ``area, sex, residence, age_group, year, value, series_break, simulated``. Returns the
    axes drawn on; the line of the target where it is a number. A line is not drawn across a break
    in definition. With ``intervals`` a thin bar from ``lower`` to ``upper``.
    """
    apart = [fact for fact in FACTS if rows[fact].nunique() > 1] or ["area"]
    steps = entry.frequency == "term"  # what is elected stays until the next election
    places = {fact: list(dict.fromkeys(rows[fact])) for fact in apart}
    frame = {"margins": {"left": 0.1, "right": 0.9, "top": 0.86, "bottom": 0.24}}
    frame["figsize"] = (7.6, 4.2)
    with canvas(bool(rows["simulated"].any()), context.language, **frame) as (_, axes):
        axes.set_title(wrap(marked_name(entry, context.language), 64))
        if rows.empty:
            say_instead(axes, context.word("reason", "no_data"))
            return axes
        for named, part in rows.groupby(apart, sort=False):
            first, *others = (places[f].index(one) for f, one in zip(apart, named, strict=True))
            dash, shape = (
                (others[0], others[0]) if others else (0, first)
            )  # told apart in grey, too
            look = {"color": COLOURS[first % len(COLOURS)], "linestyle": LINES[dash % len(LINES)]}
            said = (_said(fact, one, context) for fact, one in zip(apart, named, strict=True))
            look |= {"marker": MARKERS[shape % len(MARKERS)], "markersize": 3.4, "linewidth": 1.3}
            points, broken = part[["year", "value"]].to_numpy(float), part["series_break"] != ""
            if intervals:
                bar = {"colors": look["color"], "linewidth": 0.9, "alpha": 0.55, "zorder": 1}
                axes.vlines(part["year"], part["lower"], part["upper"], **bar)
            whole = {"bridged": not steps, "colour": str(look["color"])}
            points = with_gaps(axes, points, broken.to_numpy(), **whole)
            if steps:
                line = {"color": look["color"], "linestyle": look["linestyle"], "label": "_"}
                axes.plot(*stepped(points, context).T, **line)
                look |= {"linewidth": 0}
            axes.plot(*points.T, label=" · ".join(said), **look)
        draw_breaks(axes, rows.drop_duplicates("year"), context)
        if entry.target.is_number:
            years = [*rows["year"], entry.target.year]
            draw_target(axes, entry, [min(years), max(years)], context)
        axes.set_ylabel(context.word("unit", entry.unit))
        axes.set_xlabel(label_of("year", context))
        axes.xaxis.get_major_locator().set_params(integer=True)
        below = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.16), "ncol": 4}
        axes.legend(**below, fontsize=7.5, columnspacing=1.0, handlelength=2.4)
    return axes


def _said(fact: str, code: str, context: Context) -> str:
    if fact == "age_group":
        return code
    return context.area(code) if fact == "area" else context.word(fact, code)
