"""The charts: outlook of one indicator, many at once, probabilities of meeting the promises, data at hand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.core.errors import ParameterError, Text
from wdp_lib.core.words import word
from wdp_lib.data import headline
from wdp_lib.plan import Indicator, Plan
from wdp_lib.publish.charts.style import (
    FORECAST,
    OBSERVED,
    RISK_COLOURS,
    TARGET,
    chart_style,
    mark_simulated,
    unit_title,
    wrap,
)
from wdp_lib.publish.text.words import bracketed, marked_name, number, probability

YEARS_SHOWN = (
    15  # years before the last value that a panel shows, so that the recent ones can be read
)
BANDS = ((0.025, 0.975, 0.14), (0.1, 0.9, 0.24), (0.25, 0.75, 0.36))
LABELS = {
    "observed": Text("实际值", "observed"),
    "band": Text("{0}% 预测区间", "{0} % forecast interval"),
    "median": Text("预测中位数", "median forecast"),
    "target": Text("目标", "target"),
    "break": Text("口径变动", "break in definition"),
    "no_forecast": Text("无预测：", "no forecast: "),
    "year": Text("年份", "year"),
    "probability": Text("达标概率（%）", "probability of meeting the target (%)"),
}


def _label(name: str, language: str, *values: object) -> str:
    return LABELS[name].in_language(language).format(*values)


def plot_outlook(
    forecasts: pd.DataFrame,
    observations: pd.DataFrame,
    plan: Plan,
    indicator: str,
    *,
    language: str = "zh",
):
    """Draw one indicator: observed values, forecast with 50, 80 and 95 % intervals, target.

    Parameters
    ----------
    forecasts, observations : pandas.DataFrame
        Tables by the contracts ``FORECASTS`` and ``OBSERVATIONS``.
    plan : Plan
        Names, unit and promise.
    indicator : str
        Identifier of the indicator.
    language : {"zh", "en"}
        Language of the chart.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on. The title says area, unit, sample size, model and evidence grade; simulated values are marked.
    """
    import matplotlib.pyplot as plt

    entry = plan.indicator(indicator)
    with chart_style():
        figure, axes = plt.subplots(figsize=(7.6, 4.2))
        rows = _forecast_rows(forecasts, plan, entry)
        series = _series(observations, plan, entry)
        _draw_outlook(axes, rows, series, entry, language, bands=BANDS)
        axes.set_title(wrap(marked_name(entry, language), 64), loc="left", pad=20)
        subtitle = _subtitle(plan, rows, language)
        axes.text(0, 1.02, subtitle, transform=axes.transAxes, fontsize=8, color="#566573")
        axes.set_ylabel(unit_title(entry.unit, language))
        axes.set_xlabel(_label("year", language))
        axes.legend(
            loc="upper center", bbox_to_anchor=(0.5, -0.16), ncol=7, frameon=False, fontsize=7.5,
            columnspacing=1.0, handlelength=1.6,
        )  # fmt: skip
        figure.subplots_adjust(left=0.1, right=0.9, top=0.82, bottom=0.24)
        mark_simulated(figure, _simulated(rows, series), language)
    return axes


def plot_small_multiples(
    forecasts: pd.DataFrame,
    observations: pd.DataFrame,
    plan: Plan,
    indicators: list[str],
    *,
    columns: int = 3,
    language: str = "zh",
):
    """Draw several indicators side by side, each with its own scale: observed, 80 % interval, median, target.

    A panel shows the values of the last 15 years; :func:`plot_outlook` shows all.

    Parameters
    ----------
    forecasts, observations, plan, language
        As in :func:`plot_outlook`.
    indicators : list of str
        Identifiers, in the order in which they are to stand.
    columns : int
        Panels in a row.

    Returns
    -------
    matplotlib.axes.Axes
        The first panel; the figure holds the others.

    Raises
    ------
    ParameterError
        When no indicator is named.
    """
    import matplotlib.pyplot as plt

    if not len(indicators):
        raise ParameterError(Text("没有要画的指标。", "There is no indicator to draw."))
    lines = -(-len(indicators) // columns)
    with chart_style():
        height = 0.9 + 2.2 * lines
        figure, grid = plt.subplots(lines, columns, figsize=(10.4, height), squeeze=False)
        simulated = False
        for axes, name in zip(grid.flat, indicators, strict=False):
            entry = plan.indicator(name)
            rows, series = (
                _forecast_rows(forecasts, plan, entry),
                _series(observations, plan, entry),
            )
            series = series[series["year"] >= series["year"].max() - YEARS_SHOWN]
            _draw_outlook(axes, rows, series, entry, language, bands=((0.1, 0.9, 0.26),))
            _panel_title(axes, entry, language)
            simulated = simulated or _simulated(rows, series)
        for axes in grid.flat[len(indicators) :]:
            axes.set_axis_off()
        _shared_legend(figure, grid)
        figure.subplots_adjust(left=0.05, right=0.96, top=1 - 0.5 / height, bottom=0.6 / height)
        figure.subplots_adjust(hspace=0.62, wspace=0.3)
        mark_simulated(figure, simulated, language)
    return grid[0, 0]


def plot_probabilities(risks: pd.DataFrame, plan: Plan, *, most: int = 40, language: str = "zh"):
    """Draw the probability of meeting each graded promise, the least likely on top.

    Parameters
    ----------
    risks : pandas.DataFrame
        Risk table (contract ``RISKS``).
    plan : Plan
        Names of the indicators.
    most : int
        Bars at the most; the title says how many were left out.
    language : {"zh", "en"}
        Language of the chart.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on; without any graded promise they say so.
    """
    import matplotlib.pyplot as plt
    import seaborn as sns

    graded = risks[risks["risk"] != "not_graded"].sort_values("p_meet", kind="stable")
    shown = graded.head(most)
    with chart_style():
        figure, axes = plt.subplots(figsize=(8.6, 1.5 + 0.27 * max(len(shown), 2)))
        names = [wrap(marked_name(plan.indicator(i), language), 46) for i in shown["indicator"]]
        if len(shown):
            colours = [RISK_COLOURS[name] for name in shown["risk"]]
            sns.barplot(
                x=shown["p_meet"] * 100, y=list(range(len(shown))), orient="h", ax=axes, width=0.62
            )
            axes.containers[0].set_label(_label("probability", language))
            for bar, colour in zip(axes.patches, colours, strict=True):
                bar.set_facecolor(colour)
            axes.set_yticks(range(len(shown)), names, fontsize=8)
            for place, row in enumerate(shown.itertuples()):
                said = (
                    f"{probability(row.p_meet, language)}  {word('risk_short', row.risk, language)}"
                )
                axes.text(row.p_meet * 100 + 1, place, said, va="center", fontsize=8)
        else:
            axes.text(
                0.5,
                0.5,
                word("risk", "not_graded", language),
                ha="center",
                transform=axes.transAxes,
            )
        axes.set_xlim(0, 118)
        axes.set_xticks(range(0, 101, 20))
        axes.set_ylabel("")
        axes.set_xlabel(_label("probability", language))
        axes.set_title(_probability_title(len(shown), len(graded), language), loc="left")
        figure.subplots_adjust(left=0.42, right=0.97, top=1 - 0.75 / figure.get_figheight())
        figure.subplots_adjust(bottom=0.6 / figure.get_figheight())
        mark_simulated(figure, bool(shown["simulated"].any()), language)
    return axes


def plot_coverage(
    coverage: pd.DataFrame, observations: pd.DataFrame, plan: Plan, *, language: str = "zh"
):
    """Draw, by domain and year, the share of indicators that have a value.

    Parameters
    ----------
    coverage : pandas.DataFrame
        Result of :func:`wdp_lib.data.coverage`: one row an indicator of the plan.
    observations : pandas.DataFrame
        Observation table (contract ``OBSERVATIONS``).
    plan : Plan
        Domains and indicators.
    language : {"zh", "en"}
        Language of the chart.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.
    """
    import matplotlib.pyplot as plt
    import seaborn as sns

    domain = {i.id: plan.goal(i.goals[0]).domain for i in plan.indicators}
    used = headline(observations, plan)
    cells = (
        used.assign(domain=used["indicator"].map(domain))
        .groupby(["domain", "year"])["indicator"]
        .nunique()
    )
    sizes = coverage["indicator"].map(domain).value_counts()
    names = [d.id for d in plan.domains]
    last = int(used["year"].max()) if len(used) else plan.baseline_year
    years = list(range(max(int(used["year"].min()) if len(used) else last, last - 15), last + 1))
    share = cells.unstack("year").reindex(index=names, columns=years).fillna(0)
    share = share.div(sizes.reindex(names).to_numpy(), axis=0) * 100
    labels = [
        bracketed(plan.domain(d).name.in_language(language), str(sizes.get(d, 0)), language)
        for d in names
    ]
    with chart_style():
        figure, axes = plt.subplots(figsize=(9.2, 1.5 + 0.42 * len(names)))
        sns.heatmap(
            share, ax=axes, vmin=0, vmax=100, cmap="crest", annot=True, fmt=".0f", linewidths=0.6, cbar=False,
            annot_kws={"fontsize": 8}, yticklabels=labels, xticklabels=[str(y) for y in years],
        )  # fmt: skip
        axes.set_xlabel(_label("year", language))
        axes.set_ylabel("")
        axes.tick_params(axis="x", rotation=0, labelsize=8)
        axes.tick_params(axis="y", rotation=0, labelsize=8)
        title = Text(
            "有数据的指标占本领域指标的比例（%）",
            "share of a domain's indicators that have a value (%)",
        )
        axes.set_title(title.in_language(language), loc="left")
        figure.subplots_adjust(left=0.24, right=0.98, top=0.86, bottom=0.16)
        mark_simulated(figure, bool(used["simulated"].any()), language)
    return axes


def _forecast_rows(forecasts: pd.DataFrame, plan: Plan, entry: Indicator) -> pd.DataFrame:
    return forecasts[(forecasts["indicator"] == entry.id) & (forecasts["area"] == plan.area)]


def _series(observations: pd.DataFrame, plan: Plan, entry: Indicator) -> pd.DataFrame:
    used = headline(observations[observations["indicator"] == entry.id], plan)
    return used.sort_values("year")


def _simulated(rows: pd.DataFrame, series: pd.DataFrame) -> bool:
    return bool(rows["simulated"].any() or series["simulated"].any())


def _subtitle(plan: Plan, rows: pd.DataFrame, language: str) -> str:
    first = rows.iloc[0]
    area = plan.area_name.in_language(language)
    if first["reason"]:
        return (
            f"{area} · {_label('no_forecast', language)}{word('reason', first['reason'], language)}"
        )
    method, grade = word("model", first["model"], language), word("grade", first["grade"], language)
    said = Text(
        f"n = {first['n']} · 方法：{method} · 证据等级 {grade}",
        f"n = {first['n']} · {method} · grade {grade}",
    )
    return f"{area} · {said.in_language(language)}"


def _draw_outlook(
    axes, rows: pd.DataFrame, series: pd.DataFrame, entry: Indicator, language: str, *, bands
) -> None:
    fan = rows[rows["value"].notna()].pivot_table(index="year", columns="quantile", values="value")
    for lower, upper, alpha in bands if len(fan) else ():
        label = _label("band", language, round(100 * (upper - lower)))
        axes.fill_between(
            fan.index, fan[lower], fan[upper], color=FORECAST, alpha=alpha, linewidth=0, label=label
        )
    if len(fan):
        axes.plot(
            fan.index,
            fan[0.5],
            color=FORECAST,
            linestyle="--",
            linewidth=1.4,
            label=_label("median", language),
        )
    observed = _label("observed", language)
    # the line stops at a break: the values before it are of another definition
    for part in _between_breaks(series):
        axes.plot(
            part["year"],
            part["value"],
            color=OBSERVED,
            marker="o",
            markersize=3.4,
            linewidth=1.3,
            label=observed,
        )
        observed = f"_{observed}"
    _draw_breaks(axes, series, language)
    _draw_target(axes, entry, series, fan, language)
    axes.xaxis.get_major_locator().set_params(integer=True)


def _between_breaks(series: pd.DataFrame) -> list[pd.DataFrame]:
    return [part for _, part in series.groupby((series["series_break"] != "").cumsum())]


def _draw_breaks(axes, series: pd.DataFrame, language: str) -> None:
    label = _label("break", language)
    for year in series.loc[series["series_break"] != "", "year"]:
        axes.axvline(year - 0.5, color="#7d3c98", linestyle=":", linewidth=1.2, label=label)
        label = "_"


def _draw_target(
    axes, entry: Indicator, series: pd.DataFrame, fan: pd.DataFrame, language: str
) -> None:
    if not entry.target.is_number:
        return
    promise = entry.target.range()
    years = [*series["year"], *fan.index, entry.target.year]
    label = _label("target", language)
    if promise.two_sided:
        axes.fill_between(
            [min(years), max(years)],
            promise.lower,
            promise.upper,
            color=TARGET,
            alpha=0.10,
            linewidth=0,
            label=label,
        )
        label = "_"
    for edge in (promise.lower, promise.upper):
        if np.isfinite(edge):
            axes.plot(
                [min(years), max(years)],
                [edge, edge],
                color=TARGET,
                linewidth=1.1,
                linestyle="-.",
                label=label,
            )
            axes.annotate(
                number(edge, entry.unit), (max(years), edge), xytext=(4, 0), textcoords="offset points",
                va="center", fontsize=8, color=TARGET, annotation_clip=False,
            )  # fmt: skip
            label = "_"


def _panel_title(axes, entry: Indicator, language: str) -> None:
    unit = unit_title(entry.unit, language)
    name = marked_name(entry, language)
    lines = wrap(bracketed(name, unit, language), 44).split("\n")
    text = "\n".join(lines[:2]) + ("…" if len(lines) > 2 else "")
    axes.set_title(text, loc="left", fontsize=8.5)
    axes.tick_params(labelsize=7.5)


def _shared_legend(figure, grid) -> None:
    known: dict[str, object] = {}
    for axes in grid.flat:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            known.setdefault(label, handle)
    figure.legend(
        known.values(), known.keys(), loc="lower center", ncol=len(known), frameon=False, fontsize=8
    )


def _probability_title(shown: int, all_of: int, language: str) -> str:
    if language == "en":
        return f"Probability of meeting the promise ({shown} of {all_of} graded)"
    return f"各项目标的达标概率（已评级 {all_of} 项，图示 {shown} 项）"
