"""The charts of gaps: two groups on one line an indicator, and the funnel of areas."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.comparison.groups import latest_gaps
from wdp_lib.comparison.known import is_proportion
from wdp_lib.comparison.measures import funnel_limits
from wdp_lib.core.errors import Text
from wdp_lib.publish.charts.style import (
    FORECAST,
    OBSERVED,
    TARGET,
    chart_style,
    mark_simulated,
    say_instead,
    wrap,
)
from wdp_lib.publish.context import Context
from wdp_lib.publish.text.words import bracketed
from wdp_lib.publish.views.rows import FULL_COUNT

PANELS = {
    "sex": Text(
        "男女比较（%，最新年份，差距从大到小）", "Women and men (%, latest year, widest gap first)"
    ),
    "residence": Text(
        "城乡比较（%，最新年份，差距从大到小）",
        "Country and town (%, latest year, widest gap first)",
    ),
}
COLOURS = {"female": "#c0392b", "male": "#1f618d", "rural": "#7d6608", "urban": "#5b2c6f"}
GRID = 24
LABELS = {
    "size": Text("分母（人数、件数）", "denominator (persons, cases)"),
    "common": Text("各{parts}合计", "all {parts} together"),
    "95": Text("95% 控制限", "95 % limits"),
    "998": Text("99.8% 控制限", "99.8 % limits"),
    "areas": Text("{parts}", "{parts}"),
    "none": Text("无可比较的分{part}数据", "no values by {part} to compare"),
    "no_groups": Text("无可比较的分组数据", "no values by group to compare"),
}


def _label(name: str, context: Context) -> str:
    return context.text(LABELS[name]).format(**context.facts)


def plot_gaps(gaps: pd.DataFrame, context: Context):
    """Draw the last values of both groups of each indicator in per cent, joined by a line.

    Parameters
    ----------
    gaps : pandas.DataFrame
        From `wdp_lib.group_gaps`; shares of bodies are left out: their second group is the
        rest of the first.

    Returns
    -------
    matplotlib.axes.Axes
        The first of two panels, widest gap on top; without any such indicator they say so.
    """
    import matplotlib.pyplot as plt

    units = {i.id: i.unit for i in context.plan.indicators}
    last = latest_gaps(gaps)
    last = last[last["indicator"].map(units).eq("percent") & last["reason"].ne(FULL_COUNT)]
    parts = [last[last["dimension"] == by] for by in PANELS]
    sizes = [max(len(part), 2) for part in parts]
    with chart_style():
        height = 2.0 + 0.27 * sum(sizes)
        figure, panels = plt.subplots(
            len(parts), 1, figsize=(9.4, height), height_ratios=sizes, sharex=True
        )
        for axes, part, by in zip(panels, parts, PANELS, strict=True):
            if part.empty:
                say_instead(axes, _label("no_groups", context))
            else:
                _dumbbells(axes, part, context)
            axes.set_title(context.text(PANELS[by]), loc="left", y=1.0)
        figure.subplots_adjust(left=0.40, right=0.97, top=1 - 0.5 / height, bottom=0.5 / height)
        figure.subplots_adjust(hspace=0.8 * len(parts) / height)
        mark_simulated(figure, bool(last["simulated"].any()), context.language)
    return panels[0]


def _dumbbells(axes, part: pd.DataFrame, context: Context) -> None:
    order = part["difference"].abs().sort_values(ascending=False, kind="stable").index
    part, places = part.loc[order], np.arange(len(part))
    axes.hlines(
        places, part["first_value"], part["second_value"], color="#aab7b8", linewidth=2.2, zorder=1
    )
    for side, marker, size in (("first", "o", 6.5), ("second", "s", 3.8)):
        group = part[side].iloc[0]
        name = context.word("sex" if group in ("female", "male") else "residence", group)
        axes.plot(
            part[f"{side}_value"],
            places,
            marker,
            color=COLOURS.get(group, OBSERVED),
            markersize=size,
            label=name,
            zorder=2,
        )
    names = [
        bracketed(context.name(row.indicator), str(row.year), context.language)
        for row in part.itertuples()
    ]
    axes.set_yticks(places, [wrap(name, 48) for name in names], fontsize=7.5)
    axes.set_ylim(len(part) - 0.4, -0.6)
    axes.tick_params(labelbottom=True)
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncol=2, frameon=False, fontsize=8)


def plot_funnel(compared: pd.DataFrame, context: Context, indicator: str):
    """Draw the areas in one indicator by their size.

    Parameters
    ----------
    compared : pandas.DataFrame
        From `wdp_lib.compare_all_areas` or `wdp_lib.compare_areas`; without values with
        counts the chart says so.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.
    """
    import matplotlib.pyplot as plt

    rows = compared[(compared["indicator"] == indicator) & compared["limit_998_lower"].notna()]
    rows = rows.sort_values("denominator")
    with chart_style():
        figure, axes = plt.subplots(figsize=(7.6, 4.4))
        figure.subplots_adjust(left=0.1, right=0.96, top=0.86, bottom=0.24)
        if rows.empty:
            say_instead(axes, _label("none", context))
            return axes
        _limits(axes, rows, context, indicator)
        _areas(axes, rows, context)
        title = bracketed(context.name(indicator), str(rows["year"].iloc[0]), context.language)
        axes.set_title(wrap(title, 64), loc="left", y=1.0)
        axes.set_xlabel(_label("size", context))
        axes.set_ylabel(context.word("unit", context.unit_of(indicator)))
        axes.legend(
            loc="upper center", bbox_to_anchor=(0.5, -0.16), ncol=4, frameon=False, fontsize=8
        )
        mark_simulated(figure, bool(rows["simulated"].any()), context.language)
    return axes


def _limits(axes, rows: pd.DataFrame, context: Context, indicator: str) -> None:
    entry, first, size = context.plan.indicator(indicator), rows.iloc[0], rows["denominator"]
    scale = entry.multiplier or 1.0
    sizes = np.unique(np.round(np.geomspace(size.min() * 0.8, size.max() * 1.1, GRID)))
    settings = {"trials": is_proportion(entry), "inflation": float(first["inflation"])}
    for name, coverage, style in (("95", 0.95, "--"), ("998", 0.998, "-")):
        middle, label = float(first["common_value"]) / scale, _label(name, context)
        for end in funnel_limits(middle, sizes, coverage=coverage, **settings):
            axes.plot(sizes, end * scale, style, color=FORECAST, linewidth=1.0, label=label)
            label = "_" + label.lstrip("_")
    level, label = np.full(2, first["common_value"]), _label("common", context)
    axes.plot(sizes[[0, -1]], level, color=TARGET, linewidth=1.1, label=label)


def _areas(axes, rows: pd.DataFrame, context: Context) -> None:
    from matplotlib.patheffects import withStroke

    dots = {"color": OBSERVED, "markersize": 4, "label": _label("areas", context)}
    axes.plot(rows["denominator"], rows["value"], "o", **dots)
    halo = [withStroke(linewidth=2, foreground="white")]  # names stay legible on a limit
    for row in rows.itertuples():
        above = row.value >= row.common_value  # away from the middle, where most of them are
        axes.annotate(
            context.area(row.area),
            (row.denominator, row.value),
            xytext=(5, 4 if above else -4),
            textcoords="offset points",
            va="bottom" if above else "top",
            fontsize=8,
            color=TARGET if row.outside == "99.8" else OBSERVED,
            path_effects=halo,
        )
