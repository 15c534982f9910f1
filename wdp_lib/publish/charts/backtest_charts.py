"""The charts of a back-test: whether probabilities came true, whether intervals held."""

from __future__ import annotations

import pandas as pd

from wdp_lib.backtesting import BackTest
from wdp_lib.core.errors import Text
from wdp_lib.publish.charts.style import FORECAST, OBSERVED, TARGET, chart_style, mark_simulated
from wdp_lib.publish.context import Context
from wdp_lib.publish.text.words import bracketed
from wdp_lib.publish.views.backtest_rows import bands_of, model_name

COLOURS = (FORECAST, "#7f8c8d", "#b9770e", "#7d3c98", "#1e8449", "#a04000")
WORDS = {
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


def _say(name: str, context: Context, *values: object) -> str:
    return context.text(WORDS[name]).format(*values)


def plot_reliability(test: BackTest, context: Context):
    """Draw the share that came true against the probability given before, with counts.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on; without enough data they say so.
    """
    import matplotlib.pyplot as plt

    bands = bands_of(test, context)
    bands = bands[bands["n"] > 0] if not test.reason else bands.iloc[:0]
    with chart_style():
        figure, axes = plt.subplots(figsize=(6.2, 5.6))
        axes.plot(
            [0, 100],
            [0, 100],
            color=TARGET,
            linestyle="-.",
            linewidth=1,
            label=_say("perfect", context),
        )
        if len(bands):
            _draw_bands(axes, bands, context)
            axes.legend(loc="upper left", frameon=False)
        else:
            axes.text(0.5, 0.9, _say("not_enough", context), ha="center", transform=axes.transAxes)
        axes.set(xlim=(-3, 103), ylim=(-9, 104))
        axes.set_xlabel(_say("said", context))
        axes.set_ylabel(_say("came", context))
        name = model_name(test.model, context)
        axes.set_title(
            _say("reliability_title", context, name, int(bands["n"].sum())), loc="left", y=1.0
        )
        figure.subplots_adjust(left=0.12, right=0.96, top=0.88, bottom=0.11)
        mark_simulated(figure, test.simulated, context.language)
    return axes


def _draw_bands(axes, bands: pd.DataFrame, context: Context) -> None:
    said, came = 100 * bands["mean_probability"], 100 * bands["share_equal"]
    low, high = 100 * bands["share_equal_lower"], 100 * bands["share_equal_upper"]
    known = low.notna()
    if known.any():
        axes.vlines(
            said[known],
            low[known],
            high[known],
            color=FORECAST,
            alpha=0.6,
            label=_say("spread", context),
        )
    axes.plot(
        said,
        came,
        color=FORECAST,
        marker="o",
        markersize=5,
        linewidth=1,
        label=_say("points", context),
    )
    for x, n in zip(said, bands["n"], strict=True):
        axes.text(x, -5, f"n={n}", ha="center", va="center", fontsize=7, color=OBSERVED)


def plot_interval_coverage(test: BackTest, context: Context):
    """Draw, by years ahead, how much of what came lay inside the 80 and the 95 % interval.

    Returns
    -------
    matplotlib.axes.Axes
        The first of two panels; without enough data they say so.
    """
    import matplotlib.pyplot as plt

    shown = test.scores[(test.scores["horizon"] > 0) & test.scores["coverage_80"].notna()]
    with chart_style():
        figure, panels = plt.subplots(1, 2, figsize=(9.6, 4.2), sharey=True)
        for axes, level in zip(panels, (80, 95), strict=True):
            _draw_coverage(axes, shown, level, test, context)
        panels[0].set_ylabel(_say("inside", context))
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="lower center", ncol=3, frameon=False, fontsize=8)
        figure.subplots_adjust(left=0.08, right=0.98, top=0.86, bottom=0.26, wspace=0.08)
        mark_simulated(figure, test.simulated, context.language)
    return panels[0]


def _draw_coverage(axes, shown: pd.DataFrame, level: int, test: BackTest, context: Context) -> None:
    steps = sorted(shown["horizon"].unique()) or [1]
    axes.plot(
        [steps[0], steps[-1]],
        [level, level],
        color=TARGET,
        linestyle="-.",
        linewidth=1,
        label=_say("nominal", context),
    )
    for place, (model, rows) in enumerate(shown.groupby("model", sort=False)):
        own, name = model == test.model, model_name(model, context)
        if own:
            low, high = 100 * rows[f"coverage_{level}_lower"], 100 * rows[f"coverage_{level}_upper"]
            spread = bracketed(name, _say("spread", context), context.language)
            axes.fill_between(
                rows["horizon"], low, high, color=FORECAST, alpha=0.15, linewidth=0, label=spread
            )
        axes.plot(
            rows["horizon"],
            100 * rows[f"coverage_{level}"],
            color=COLOURS[place % len(COLOURS)],
            marker="o",
            markersize=4,
            linewidth=2 if own else 1,
            label=name,
        )
    if shown.empty:
        axes.text(0.5, 0.5, _say("not_enough", context), ha="center", transform=axes.transAxes)
    axes.set(ylim=(0, 102))
    axes.set_title(_say("coverage_title", context, level), loc="left", y=1.0)
    axes.set_xlabel(_say("ahead", context))
    axes.xaxis.get_major_locator().set_params(integer=True)
