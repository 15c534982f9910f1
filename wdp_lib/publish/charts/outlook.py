"""The charts: outlook of one indicator, many at once, probabilities of meeting the targets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from wdp_lib.assessment.risks import class_probability
from wdp_lib.core.errors import Text
from wdp_lib.data import headline
from wdp_lib.plan import Indicator
from wdp_lib.publish.charts.observed import (
    draw_breaks,
    draw_observed,
    draw_surveys,
    draw_target,
    source_line,
)
from wdp_lib.publish.charts.style import (
    FORECAST,
    OBSERVED,
    RISK_COLOURS,
    Panel,
    canvas,
    chart_style,
    mark_simulated,
    wrap,
)
from wdp_lib.publish.context import Context
from wdp_lib.publish.text.words import bracketed, marked_name, probability
from wdp_lib.publish.views.choose import domains, forecast_targets

COLUMNS = 3  # panels in a row
YEARS_SHOWN = 15  # before the last value, in a small panel, so that the recent years can be read
BANDS = ((0.025, 0.975, 0.14), (0.1, 0.9, 0.24), (0.25, 0.75, 0.36))
LABELS = {
    "band": Text("{0}% 预测区间", "{0} % forecast interval"),
    "median": Text("预测中位数", "median forecast"),
    "no_forecast": Text("无预测：{0}", "no forecast: {0}"),
    "made": Text("n = {0} · 方法：{1} · 证据等级 {2}", "n = {0} · {1} · grade {2}"),
    "nothing": Text("没有可以绘图的指标", "no indicator to draw"),
    "year": Text("年份", "year"),
    "probability": Text("达标概率（%）", "probability of meeting the target (%)"),
    "probabilities": Text(
        "各项目标的达标概率（已评级 {1} 项，图示 {0} 项）",
        "Probability of meeting the target ({0} of {1} graded)",
    ),
    "coverage": Text(
        "有数据的指标占本领域指标的比例（%）",
        "share of a domain's indicators that have a value (%)",
    ),
}


def label_of(name: str, context: Context, *values: object) -> str:
    """Return words of a chart in the language of the context."""
    return context.text(LABELS[name]).format(*values)


def plot_outlook(
    forecasts: pd.DataFrame,
    observations: pd.DataFrame,
    context: Context,
    indicator: str,
    *,
    area: str = "",
    surveys: pd.DataFrame | None = None,
):
    """Draw one indicator: observed values, forecast with 50, 80 and 95 % intervals, target.

    Parameters
    ----------
    forecasts, observations : pandas.DataFrame
        Tables by the contracts ``FORECASTS`` and ``OBSERVATIONS``.
    area : str
        An area of the tables; the plan's own by default.
    surveys : pandas.DataFrame, optional
        Estimates of surveys (contract ``SURVEYS``), drawn apart, each with its interval.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on. The title says area, unit, sample size, model and evidence grade;
        simulated values are marked.
    """
    entry, area = context.plan.indicator(indicator), context.area_named(area)
    rows, series = outlook_tables(forecasts, observations, context, [entry.id], area)[entry.id]
    margins = {"left": 0.1, "right": 0.9, "top": 0.83, "bottom": 0.29}  # three rows of a legend
    shape = {"margins": margins, "figsize": (7.6, 4.5)}
    with canvas(_simulated(rows, series), context.language, **shape) as (figure, axes):
        figure.text(0.02, 0.02, wrap(source_line(series, context), 120), fontsize=7, va="bottom")
        draw_outlook(axes, rows, series, entry, context, bands=BANDS)
        if surveys is not None:
            own = pd.Series({"indicator": entry.id, "area": area, **entry.stratum})
            draw_surveys(axes, surveys[(surveys[own.index] == own).all(axis=1)], context)
        axes.set_title(wrap(marked_name(entry, context.language), 64), pad=20)
        subtitle = {"transform": axes.transAxes, "fontsize": 8, "color": "#566573"}
        axes.text(0, 1.02, _subtitle(rows, series, area, context), **subtitle)
        axes.set_ylabel(context.word("unit", entry.unit))
        axes.set_xlabel(label_of("year", context))
        axes.xaxis.get_major_locator().set_params(integer=True)
        below = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.16), "ncol": 4}
        axes.legend(**below, fontsize=7.5, columnspacing=1.0, handlelength=1.6)
    return axes


def plot_small_multiples(
    forecasts: pd.DataFrame,
    observations: pd.DataFrame,
    context: Context,
    indicators: list[str],
    *,
    heading: str = "",
    area: str = "",
    columns: int = COLUMNS,
):
    """Draw several indicators side by side, each with its own scale.

    A panel shows the values of the last 15 years; :func:`plot_outlook` shows all.

    Parameters
    ----------
    heading : str
        Words above all panels.
    area : str
        An area of the tables; the plan's own by default.
    columns : int
        Panels in a row; two for a page that is printed.

    Returns
    -------
    matplotlib.figure.Figure
        Without any indicator it says so.
    """
    import matplotlib.pyplot as plt

    indicators = [context.plan.indicator(name).id for name in indicators]
    area = context.area_named(area)
    tables = outlook_tables(forecasts, observations, context, indicators, area)
    wide, height = 10.4 / 3 * columns, 0.9 + 2.2 * max(-(-len(indicators) // columns), 1)
    with chart_style(grid=False):
        figure = plt.figure(figsize=(wide, height))
        figure.text(0.05, 1 - 0.22 / height, heading, fontsize=12, va="center")
        for place, name in enumerate(indicators):
            line, column = divmod(place, columns)
            low = (height - 2.2 - 2.2 * line) / height
            left = (0.52 + 3.293 * column) / wide
            box = (left, low, 2.635 / wide, 1.3 / height)
            _draw_panel(Panel(figure, box), *tables[name], context.plan.indicator(name), context)
        if not indicators:
            figure.text(0.5, 0.5, label_of("nothing", context), ha="center")
        _shared_legend(figure, columns)
        simulated = any(_simulated(*pair) for pair in tables.values())
        mark_simulated(figure, simulated, context.language)
    return figure


def _draw_panel(panel: Panel, rows, series, entry: Indicator, context: Context) -> None:
    series = series[series["year"] >= series["year"].max() - YEARS_SHOWN]
    draw_outlook(panel, rows, series, entry, context, bands=BANDS[1:2])
    unit, name = context.word("unit", entry.unit), marked_name(entry, context.language)
    lines = wrap(bracketed(name, unit, context.language), 44).split("\n")
    panel.finish("\n".join(lines[:2]) + "…" * (len(lines) > 2))


def plot_domains(forecasts: pd.DataFrame, observations: pd.DataFrame, context: Context) -> list:
    """Draw every indicator that has a number as target and a forecast, a figure a domain.

    In the plan's order of domains.
    """
    plan = context.plan
    chosen = pd.Series(forecast_targets(plan, forecasts), dtype=object)
    found = {domain: list(part) for domain, part in chosen.groupby(domains(plan, chosen))}
    chapters = [(context.text(d.name), found[d.id]) for d in plan.domains if d.id in found]
    return [
        plot_small_multiples(forecasts, observations, context, names, heading=heading)
        for heading, names in chapters or [("", [])]
    ]


def plot_probabilities(risks: pd.DataFrame, context: Context, *, most: int = 40):
    """Draw the probability of meeting each graded target, the least likely on top.

    Parameters
    ----------
    most : int
        Bars at the most; the title says how many were left out.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on; without any graded target they say so.
    """
    graded = risks.assign(p_class=class_probability(risks))
    graded = graded[graded["risk"] != "not_graded"].sort_values("p_class", kind="stable")
    shown = graded.head(most)
    height = 1.5 + 0.27 * max(len(shown), 2)
    margins = {"left": 0.42, "right": 0.97, "top": 1 - 0.75 / height, "bottom": 0.6 / height}
    shape = {"margins": margins, "figsize": (8.6, height)}
    with canvas(bool(shown["simulated"].any()), context.language, **shape) as (_, axes):
        if len(shown):
            _bars(axes, shown, context)
        else:
            said = context.word("risk", "not_graded")
            axes.text(0.5, 0.5, said, ha="center", transform=axes.transAxes)
        axes.set_xlim(0, 118)
        axes.set_xticks(range(0, 101, 20))
        axes.set_xlabel(label_of("probability", context))
        axes.set_title(label_of("probabilities", context, len(shown), len(graded)))
    return axes


def _bars(axes, shown: pd.DataFrame, context: Context) -> None:
    places = range(len(shown))
    names = [marked_name(context.plan.indicator(i), context.language) for i in shown["indicator"]]
    colours = [RISK_COLOURS[name] for name in shown["risk"]]
    label = label_of("probability", context)
    axes.barh(places, shown["p_class"] * 100, 0.62, color=colours, label=label)
    axes.set_yticks(places, [wrap(name, 46) for name in names], fontsize=8)
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.grid(axis="y", visible=False)
    for place, row in enumerate(shown.itertuples()):
        chance = probability(row.p_class, context.language)
        said = f"{chance}  {context.word('risk_short', row.risk)}"
        axes.text(row.p_class * 100 + 1, place, said, va="center", fontsize=8)


def plot_coverage(coverage: pd.DataFrame, observations: pd.DataFrame, context: Context):
    """Draw, by domain and year, the share of indicators that have a value.

    Parameters
    ----------
    coverage : pandas.DataFrame
        Result of :func:`wdp_lib.data.coverage`: one row an indicator of the plan.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.
    """
    plan, used = context.plan, headline(observations, context.plan)
    sizes = domains(plan, coverage["indicator"]).value_counts()
    sizes = sizes.reindex([d.id for d in plan.domains], fill_value=0)
    last = int(used["year"].max()) if len(used) else plan.baseline_year
    first = max(int(used["year"].min()) if len(used) else last, last - YEARS_SHOWN)
    used = used.assign(domain=domains(plan, used["indicator"]))
    counted = used.groupby(["domain", "year"])["indicator"].nunique().unstack("year")
    counted = counted.reindex(index=sizes.index, columns=range(first, last + 1)).fillna(0)
    share = (100 * counted.div(sizes, axis=0)).fillna(0)
    names = [
        bracketed(context.text(d.name), str(sizes[d.id]), context.language) for d in plan.domains
    ]
    margins = {"left": 0.24, "right": 0.98, "top": 0.86, "bottom": 0.16}
    shape = {"margins": margins, "figsize": (9.2, 1.5 + 0.42 * len(names))}
    with canvas(bool(used["simulated"].any()), context.language, **shape) as (_, axes):
        _heat(axes, share)
        axes.set_xticks(range(share.shape[1]), [str(year) for year in share.columns], fontsize=8)
        axes.set_yticks(range(len(names)), names, fontsize=8)
        axes.set_xlabel(label_of("year", context))
        axes.set_title(label_of("coverage", context))
    return axes


def _heat(axes, share: pd.DataFrame) -> None:
    look = {"vmin": 0, "vmax": 100, "cmap": "YlGnBu", "aspect": "auto"}
    axes.imshow(share, **look).set_label("_")
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    lines, columns = (np.arange(1, size) - 0.5 for size in share.shape)
    axes.hlines(lines, -0.5, share.shape[1] - 0.5, color="white", linewidth=0.6)
    axes.vlines(columns, -0.5, len(share) - 0.5, color="white", linewidth=0.6)
    for (line, column), value in np.ndenumerate(share.to_numpy()):
        colour = "white" if value > 55 else OBSERVED
        axes.text(column, line, f"{value:.0f}", ha="center", va="center", fontsize=8, color=colour)


def outlook_tables(
    forecasts, observations, context: Context, indicators, area: str
) -> dict[str, tuple]:
    """Return the forecast and the observed series of each indicator in an area."""
    entries = tuple(context.plan.indicator(name) for name in dict.fromkeys(indicators))
    plan = replace(context.plan, area=area, indicators=entries)
    series = headline(observations[observations["indicator"].isin(indicators)], plan)
    made = forecasts[forecasts["indicator"].isin(indicators) & (forecasts["area"] == area)]
    rows, seen = (dict(list(table.groupby("indicator"))) for table in (made, series))
    return {i.id: (rows.get(i.id, made[:0]), seen.get(i.id, series[:0])) for i in entries}


def _simulated(rows: pd.DataFrame, series: pd.DataFrame) -> bool:
    return bool(rows["simulated"].any() or series["simulated"].any())


def _subtitle(rows: pd.DataFrame, series: pd.DataFrame, area: str, context: Context) -> str:
    if rows.empty and len(series):
        return context.area(area)  # the table of forecasts is of other areas
    reason = "no_data" if rows.empty else rows["reason"].iloc[0]
    if reason:
        said = label_of("no_forecast", context, context.word("reason", reason))
    else:
        first = rows.iloc[0]
        words = (context.word(topic, first[topic]) for topic in ("model", "grade"))
        said = label_of("made", context, first["n"], *words)
    return f"{context.area(area)} · {said}"


def draw_outlook(
    axes, rows: pd.DataFrame, series: pd.DataFrame, entry: Indicator, context: Context, *, bands
) -> None:
    """Draw one indicator on axes, or on what has the verbs of a `Panel`."""
    ahead, fan = _fan(rows, series)
    for lower, upper, alpha in bands if len(ahead) else ():
        label = label_of("band", context, round(100 * (upper - lower)))
        look = {"color": FORECAST, "alpha": alpha, "linewidth": 0, "label": label}
        axes.fill_between(ahead, fan[lower], fan[upper], **look)
    if len(ahead):
        median = {"linestyle": "--", "linewidth": 1.4, "label": label_of("median", context)}
        axes.plot(ahead, fan[0.5], color=FORECAST, **median)
    draw_observed(axes, series, entry, context)
    draw_breaks(axes, series, context)
    if entry.target.is_number:
        years = [*series["year"], *ahead, entry.target.year]
        draw_target(axes, entry, [min(years), max(years)], context)


def _fan(rows: pd.DataFrame, series: pd.DataFrame) -> tuple[np.ndarray, dict[float, np.ndarray]]:
    """The years of a forecast and its values by quantile; it opens at what is known."""
    known = rows["value"].notna().to_numpy()
    year, quantile, value = (rows[one].to_numpy()[known] for one in ("year", "quantile", "value"))
    (years, line), (quantiles, column) = (
        np.unique(x, return_inverse=True) for x in (year, quantile)
    )
    values = np.full((len(years), len(quantiles)), np.nan)
    values[line, column] = value
    if len(years) and len(series) and (rows["quantity"] == "observed_value").all():
        last, place = series["year"].iloc[-1], np.searchsorted(years, series["year"].iloc[-1])
        values = np.insert(values[years != last], place, series["value"].iloc[-1], axis=0)
        years = np.insert(years[years != last], place, last)
    return years, dict(zip(quantiles.tolist(), values.T, strict=True))


def _shared_legend(figure, columns: int) -> None:
    known: dict[str, object] = {}
    for artist in figure.artists:
        if not artist.get_label().startswith("_"):
            known.setdefault(artist.get_label(), artist)
    across = max(min(len(known), 3 * columns - 3), 1)  # of what there is room for
    figure.legend(known.values(), known.keys(), loc="lower center", ncol=across)
