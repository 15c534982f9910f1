"""The charts of gaps: two groups on one line an indicator, and the funnel of townships."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from wdp_lib.comparison.areas.cases import is_proportion
from wdp_lib.comparison.areas.measures import funnel_limits
from wdp_lib.comparison.areas.tables import AREA_COMPARISON
from wdp_lib.comparison.groups.outlook import latest_gaps
from wdp_lib.core.columns import conform
from wdp_lib.core.errors import Text
from wdp_lib.core.words import word
from wdp_lib.plan import Plan
from wdp_lib.publish.charts.style import (
    FORECAST,
    OBSERVED,
    TARGET,
    chart_style,
    mark_simulated,
    unit_title,
    wrap,
)
from wdp_lib.publish.text.words import bracketed
from wdp_lib.publish.views.report_tables import name_of

FULL_COUNT = "full_count"
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
    "common": Text("各镇合计", "all townships together"),
    "95": Text("95% 控制限", "95 % limits"),
    "998": Text("99.8% 控制限", "99.8 % limits"),
    "areas": Text("乡镇", "townships"),
    "none": Text("无可比较的分镇数据", "no values by township to compare"),
    "no_groups": Text("无可比较的分组数据", "no values by group to compare"),
}


def plot_gaps(gaps: pd.DataFrame, plan: Plan, *, language: str = "zh"):
    """Draw the last values of both groups of each indicator in per cent, joined by a line: women and men, country and town.

    Parameters
    ----------
    gaps : pandas.DataFrame
        From `wdp_lib.group_gaps`; shares of bodies are left out: their second group is the rest of the first.
    plan : Plan
        Names and units.
    language : {"zh", "en"}
        Language of the chart.

    Returns
    -------
    matplotlib.axes.Axes
        The first of two panels, widest gap on top; without any such indicator they say so.
    """
    import matplotlib.pyplot as plt

    last = latest_gaps(gaps)
    percent = [plan.indicator(name).unit == "percent" for name in last["indicator"]]
    last = last[np.array(percent, dtype=bool) & (last["reason"] != FULL_COUNT).to_numpy()]
    parts = [last[last["dimension"] == by] for by in PANELS]
    sizes = [max(len(part), 2) for part in parts]
    with chart_style():
        height = 2.0 + 0.27 * sum(sizes)
        figure, panels = plt.subplots(
            len(parts), 1, figsize=(9.4, height), height_ratios=sizes, sharex=True
        )
        for axes, part, by in zip(panels, parts, PANELS, strict=True):
            _dumbbells(axes, part, plan, language)
            axes.set_title(PANELS[by].in_language(language), loc="left")
        figure.subplots_adjust(left=0.40, right=0.97, top=1 - 0.5 / height, bottom=0.5 / height)
        figure.subplots_adjust(hspace=0.8 * len(parts) / height)
        mark_simulated(figure, bool(last["simulated"].any()), language)
    return panels[0]


def _dumbbells(axes, part: pd.DataFrame, plan: Plan, language: str) -> None:
    if part.empty:
        axes.text(
            0.5,
            0.5,
            LABELS["no_groups"].in_language(language),
            ha="center",
            transform=axes.transAxes,
        )
        axes.set_axis_off()
        return
    part = part.assign(size=part["difference"].abs()).sort_values(
        "size", ascending=False, kind="stable"
    )
    places = np.arange(len(part))
    axes.hlines(
        places, part["first_value"], part["second_value"], color="#aab7b8", linewidth=2.2, zorder=1
    )
    for side, marker, size in (("first", "o", 6.5), ("second", "s", 3.8)):
        group = part[side].iloc[0]
        name = word("sex" if group in ("female", "male") else "residence", group, language)
        axes.plot(
            part[f"{side}_value"], places, marker, color=COLOURS.get(group, OBSERVED), markersize=size, label=name, zorder=2
        )  # fmt: skip
    names = [
        bracketed(name_of(row.indicator, plan, language), str(row.year), language)
        for row in part.itertuples()
    ]
    axes.set_yticks(places, [wrap(name, 48) for name in names], fontsize=7.5)
    axes.set_ylim(len(part) - 0.4, -0.6)
    axes.tick_params(labelbottom=True)
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncol=2, frameon=False, fontsize=8)


def plot_funnel(
    compared: pd.DataFrame,
    plan: Plan,
    indicator: str,
    names: Mapping[str, str],
    *,
    language: str = "zh",
):
    """Draw the townships in one indicator by their size, with the limits within which chance alone would leave them.

    Parameters
    ----------
    compared : pandas.DataFrame
        From `wdp_lib.compare_all_areas` or `wdp_lib.compare_areas`.
    plan : Plan
        Name and unit.
    indicator : str
        The indicator; without values with counts the chart says so.
    names : mapping of str
        Names of the areas.
    language : {"zh", "en"}
        Language of the chart.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.
    """
    import matplotlib.pyplot as plt

    table = conform(compared, AREA_COMPARISON)
    rows = table[(table["indicator"] == indicator) & table["limit_998_lower"].notna()].sort_values(
        "denominator"
    )
    with chart_style():
        figure, axes = plt.subplots(figsize=(7.6, 4.4))
        figure.subplots_adjust(left=0.1, right=0.96, top=0.86, bottom=0.24)
        if rows.empty:
            axes.text(
                0.5,
                0.5,
                LABELS["none"].in_language(language),
                ha="center",
                transform=axes.transAxes,
            )
            axes.set_axis_off()
            return axes
        _limits(axes, rows, plan, indicator, language)
        _townships(axes, rows, names, language)
        title = bracketed(name_of(indicator, plan, language), str(rows["year"].iloc[0]), language)
        axes.set_title(wrap(title, 64), loc="left")
        axes.set_xlabel(LABELS["size"].in_language(language))
        axes.set_ylabel(unit_title(plan.indicator(indicator).unit, language))
        axes.legend(
            loc="upper center", bbox_to_anchor=(0.5, -0.16), ncol=4, frameon=False, fontsize=8
        )
        mark_simulated(figure, bool(rows["simulated"].any()), language)
    return axes


def _limits(axes, rows: pd.DataFrame, plan: Plan, indicator: str, language: str) -> None:
    entry = plan.indicator(indicator)
    scale = entry.multiplier or 1.0
    first = rows.iloc[0]
    sizes = np.unique(
        np.round(
            np.geomspace(rows["denominator"].min() * 0.8, rows["denominator"].max() * 1.1, GRID)
        )
    )
    settings = {"trials": is_proportion(entry), "inflation": float(first["inflation"])}
    for name, coverage, style in (("95", 0.95, "--"), ("998", 0.998, "-")):
        ends = funnel_limits(
            float(first["common_value"]) / scale, sizes, coverage=coverage, **settings
        )
        label = LABELS[name].in_language(language)
        for end in ends:
            axes.plot(sizes, end * scale, style, color=FORECAST, linewidth=1.0, label=label)
            label = f"_{label}" if not label.startswith("_") else label
    level = np.full(2, first["common_value"])
    axes.plot(
        sizes[[0, -1]],
        level,
        color=TARGET,
        linewidth=1.1,
        label=LABELS["common"].in_language(language),
    )


def _townships(axes, rows: pd.DataFrame, names: Mapping[str, str], language: str) -> None:
    axes.plot(
        rows["denominator"],
        rows["value"],
        "o",
        color=OBSERVED,
        markersize=4,
        label=LABELS["areas"].in_language(language),
    )
    for row in rows.itertuples():
        above = row.value >= row.common_value  # away from the middle, where most of them are
        axes.annotate(
            names.get(row.area, row.area),
            (row.denominator, row.value),
            xytext=(5, 4 if above else -4),
            textcoords="offset points",
            va="bottom" if above else "top",
            fontsize=8,
            color=TARGET if row.outside == "99.8" else OBSERVED,
        )
