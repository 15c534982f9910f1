"""The charts of groups, areas and back-tests."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.backtesting import BackTest
from wdp_lib.comparison.groups import latest_gaps
from wdp_lib.comparison.known import is_proportion
from wdp_lib.comparison.measures import funnel_limits
from wdp_lib.core.errors import Text
from wdp_lib.publish.charts.labels import place_names
from wdp_lib.publish.charts.style import (
    FORECAST,
    LINE,
    MARKERS,
    OBSERVED,
    TARGET,
    canvas,
    say_instead,
    wrap,
)
from wdp_lib.publish.context import Context
from wdp_lib.publish.text.words import bracketed
from wdp_lib.publish.views.choose import bands_of, model_name
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
SIDES = (("first", "o", 6.5), ("second", "s", 3.8))
GRID = 24  # sizes at which the limits of a funnel are computed
MODELS = (FORECAST, "#7f8c8d", "#b9770e", "#7d3c98", "#1e8449", "#a04000")
LABELS = {
    "size": Text("分母（人数、件数）", "denominator (persons, cases)"),
    "common": Text("各{parts}合计", "all {parts} together"),
    "95": Text("95% 控制限", "95 % limits"),
    "998": Text("99.8% 控制限", "99.8 % limits"),
    "areas": Text("{parts}", "{parts}"),
    "none": Text("无可比较的分{part}数据", "no values by {part} to compare"),
    "no_groups": Text("无可比较的分组数据", "no values by group to compare"),
    "perfect": Text("完全相符", "perfect agreement"),
    "not_enough": Text("历史数据不足，不能检验。", "Not enough data for a test."),
    "said": Text("事先给出的达标概率（%）", "probability given before (%)"),
    "came": Text("后来实现的比例（%）", "share that came true (%)"),
    "reliability_title": Text(
        "预测概率与实现比例：{0}，{1} 个案例",
        "Probabilities given and what came true: {0}, {1} cases",
    ),
    "spread": Text("95% 区间", "95 % interval"),
    "points": Text("实现比例（各指标同权）", "share that came true (indicators equal)"),
    "nominal": Text("名义水平", "nominal level"),
    "inside": Text("落入区间的比例（%）", "share inside the interval (%)"),
    "coverage_title": Text("{0}% 预测区间的实际覆盖率", "Actual coverage of the {0} % interval"),
    "ahead": Text("预测提前的年数", "years ahead"),
}


def _label(name: str, context: Context, *values: object) -> str:
    return context.text(LABELS[name]).format(*values, **context.facts)


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
    units = {i.id: i.unit for i in context.plan.indicators}
    last = latest_gaps(gaps)
    last = last[last["indicator"].map(units).eq("percent") & last["reason"].ne(FULL_COUNT)]
    parts = [last[last["dimension"] == by] for by in PANELS]
    sizes = [max(len(part), 2) for part in parts]
    height = 2.0 + 0.27 * sum(sizes)
    margins = {"left": 0.40, "right": 0.97, "top": 1 - 0.5 / height, "bottom": 0.5 / height}
    margins["hspace"] = 0.8 * len(parts) / height
    shape = {"rows": 2, "figsize": (9.4, height), "height_ratios": sizes, "sharex": True}
    simulated = bool(last["simulated"].any())
    with canvas(simulated, context.language, margins=margins, **shape) as (_, panels):
        for axes, part, by in zip(panels, parts, PANELS, strict=True):
            if part.empty:
                say_instead(axes, _label("no_groups", context))
            else:
                _dumbbells(axes, part, context)
            axes.set_title(context.text(PANELS[by]))
    return panels[0]


def _dumbbells(axes, part: pd.DataFrame, context: Context) -> None:
    order = part["difference"].abs().sort_values(ascending=False, kind="stable").index
    part, places = part.loc[order], np.arange(len(part))
    ends = part["first_value"], part["second_value"]
    axes.hlines(places, *ends, color="#aab7b8", linewidth=2.2, zorder=1)
    for (side, marker, size), values in zip(SIDES, ends, strict=True):
        group = part[side].iloc[0]
        name = context.word("sex" if group in ("female", "male") else "residence", group)
        look = {"color": COLOURS.get(group, OBSERVED), "markersize": size, "zorder": 2}
        axes.plot(values, places, marker, label=name, **look)
    names = [
        bracketed(context.name(indicator), str(year), context.language)
        for indicator, year in zip(part["indicator"], part["year"], strict=True)
    ]
    axes.set_yticks(places, [wrap(name, 48) for name in names], fontsize=7.5)
    axes.set_ylim(len(part) - 0.4, -0.6)
    axes.tick_params(labelbottom=True)
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncol=2)


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
    indicator = context.plan.indicator(indicator).id if indicator else ""
    rows = compared[(compared["indicator"] == indicator) & compared["limit_998_lower"].notna()]
    rows, simulated = rows.sort_values("denominator"), bool(rows["simulated"].any())
    margins = {"left": 0.1, "right": 0.96, "top": 0.86, "bottom": 0.24}
    with canvas(simulated, context.language, margins=margins, figsize=(7.6, 4.4)) as (_, axes):
        if rows.empty:
            say_instead(axes, _label("none", context))
            return axes
        _limits(axes, rows, context, indicator)
        _areas(axes, rows, context)
        title = bracketed(context.name(indicator), str(rows["year"].iloc[0]), context.language)
        axes.set_title(wrap(title, 64))
        axes.set_xlabel(_label("size", context))
        axes.set_ylabel(context.word("unit", context.unit_of(indicator)))
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncol=4)
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
    dots = {"color": OBSERVED, "markersize": 4, "label": _label("areas", context)}
    axes.plot(rows["denominator"], rows["value"], "o", **dots)
    points = rows[["denominator", "value"]].to_numpy(float)
    above = (rows["value"] >= rows["common_value"]).to_numpy()  # away from the middle, if there
    look = [TARGET if one == "99.8" else OBSERVED for one in rows["outside"]]
    place_names(axes, points, list(map(context.area, rows["area"])), above, look)


def plot_reliability(test: BackTest, context: Context):
    """Draw the share that came true against the probability given before, with counts.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on; without enough data they say so.
    """
    bands = bands_of(test)
    bands = bands[bands["n"] > 0] if not test.reason else bands.iloc[:0]
    margins = {"left": 0.12, "right": 0.96, "top": 0.88, "bottom": 0.11}
    shape = {"margins": margins, "figsize": (6.2, 5.6)}
    with canvas(test.simulated, context.language, **shape) as (_, axes):
        axes.plot([0, 100], [0, 100], label=_label("perfect", context), **LINE)
        if len(bands):
            _draw_bands(axes, bands, context)
            axes.legend(loc="upper left", fontsize="medium")
        else:
            axes.text(
                0.5, 0.9, _label("not_enough", context), ha="center", transform=axes.transAxes
            )
        axes.set(xlim=(-3, 103), ylim=(-9, 104))
        axes.set_xlabel(_label("said", context))
        axes.set_ylabel(_label("came", context))
        name, n = model_name(test.model, context), int(bands["n"].sum())
        axes.set_title(_label("reliability_title", context, name, n))
    return axes


def _draw_bands(axes, bands: pd.DataFrame, context: Context) -> None:
    said, came = 100 * bands["mean_probability"], 100 * bands["share_equal"]
    spread = pd.DataFrame(
        {
            "x": said,
            "low": 100 * bands["share_equal_lower"],
            "high": 100 * bands["share_equal_upper"],
        }
    ).dropna()
    if len(spread):
        look = {"color": FORECAST, "alpha": 0.6, "label": _label("spread", context)}
        axes.vlines(spread["x"], spread["low"], spread["high"], **look)
    dots = {"color": FORECAST, "marker": "o", "markersize": 5, "linewidth": 1}
    axes.plot(said, came, label=_label("points", context), **dots)
    for x, n in zip(said, bands["n"], strict=True):
        axes.text(x, -5, f"n={n}", ha="center", va="center", fontsize=7, color=OBSERVED)


def plot_interval_coverage(test: BackTest, context: Context):
    """Draw, by years ahead, how much of what came lay inside the 80 and the 95 % interval.

    Returns
    -------
    matplotlib.axes.Axes
        The first of two panels; without enough data they say so.
    """
    shown = test.scores[(test.scores["horizon"] > 0) & test.scores["coverage_80"].notna()]
    margins = {"left": 0.08, "right": 0.98, "top": 0.86, "bottom": 0.26, "wspace": 0.08}
    shape = {"margins": margins, "columns": 2, "figsize": (9.6, 4.2), "sharey": True}
    with canvas(test.simulated, context.language, **shape) as (figure, panels):
        for axes, level in zip(panels, (80, 95), strict=True):
            _draw_coverage(axes, shown, level, test, context)
        panels[0].set_ylabel(_label("inside", context))
        figure.legend(*panels[0].get_legend_handles_labels(), loc="lower center", ncol=3)
    return panels[0]


def _draw_coverage(axes, shown: pd.DataFrame, level: int, test: BackTest, context: Context) -> None:
    steps = sorted(shown["horizon"].unique()) or [1]
    axes.plot([steps[0], steps[-1]], [level, level], label=_label("nominal", context), **LINE)
    for place, (model, rows) in enumerate(shown.groupby("model", sort=False)):
        own, name = model == test.model, model_name(model, context)
        if own:
            ends = (100 * rows[f"coverage_{level}_{end}"] for end in ("lower", "upper"))
            label = bracketed(name, _label("spread", context), context.language)
            band = {"color": FORECAST, "alpha": 0.15, "linewidth": 0, "label": label}
            axes.fill_between(rows["horizon"], *ends, **band)
        dots = {"color": MODELS[place % len(MODELS)], "marker": MARKERS[place % len(MARKERS)]}
        dots |= {"markersize": 4}
        share, thick = 100 * rows[f"coverage_{level}"], 2 if own else 1
        axes.plot(rows["horizon"], share, linewidth=thick, label=name, **dots)
    if shown.empty:
        axes.text(0.5, 0.5, _label("not_enough", context), ha="center", transform=axes.transAxes)
    axes.set(ylim=(0, 102))
    axes.set_title(_label("coverage_title", context, level))
    axes.set_xlabel(_label("ahead", context))
    axes.xaxis.get_major_locator().set_params(integer=True)
