"""What a report shows of a back-test: whether probabilities came true, whether intervals held, what it compares with."""

from __future__ import annotations

import pandas as pd

from wdp_lib.backtesting import BackTest
from wdp_lib.core.errors import Text
from wdp_lib.core.words import word
from wdp_lib.forecasting import MODELS
from wdp_lib.publish.charts.style import FORECAST, OBSERVED, TARGET, chart_style, mark_simulated
from wdp_lib.publish.text.words import bracketed
from wdp_lib.publish.views.show import Table

LIKELY = (0.8, 0.95)
COLOURS = (FORECAST, "#7f8c8d", "#b9770e", "#7d3c98", "#1e8449", "#a04000")
OTHER_MODELS = {
    "growth_ratio": Text("官方增速比（0.95）", "official ratio of growth rates (0.95)"),
    "always_no": Text("一律答“不能达标”", "always answering no"),
}
WORDS = {
    "model": Text("方法", "method"),
    "cases": Text("案例数", "cases"),
    "indicators": Text("指标数", "indicators"),
    "wis_ratio": Text("得分比（保持不变法 = 1，95% 区间）", "score, no change = 1 (95 % interval)"),
    "mae_ratio": Text("误差比（保持不变法 = 1，95% 区间）", "error, no change = 1 (95 % interval)"),
    "coverage": Text("落入 50%/80%/95% 区间", "inside the 50/80/95 % interval"),
    "width": Text("80% 区间宽度（通常年变动的倍数）", "width of the 80 % interval (usual yearly changes)"),
    "brier": Text("达标概率的布赖尔分数", "Brier score of the probabilities"),
    "climatology": Text("同一批案例按其他指标达标比例作答", "always saying what the other indicators achieved, same cases"),
    "horizon": Text("提前年数", "years ahead"),
    "band": Text("事先给出的达标概率", "probability given before"),
    "met": Text("其中实现", "came true"),
    "share": Text("实现比例（95% 区间）", "share that came true (95 % interval)"),
    "share_equal": Text("各指标同权（95% 区间）", "indicators counting equally (95 % interval)"),
    "mean": Text("平均给出的概率", "mean probability given"),
    "rule": Text("判断依据", "rule"),
    "called": Text("判为能达标", "called on track"),
    "called_met": Text("判为能达标者中实现", "of these met"),
    "error": Text("判断错误（95% 区间）", "wrong calls (95 % interval)"),
    "models_caption": Text("各方法对照（提前 1–{0} 年平均）", "The methods side by side (mean of 1–{0} years ahead)"),
    "horizon_caption": Text("{0}：按提前年数", "{0}: by years ahead"),
    "bands_caption": Text("给出的达标概率与实现情况（{0}）", "Probability given and what came true ({0})"),
    "track_caption": Text("“能否达标”只答是或否，错多少", "A plain yes or no to “will it be met”: how often wrong"),
    "no_change": Text("“得分”为加权区间得分，越小越好，同时衡量偏差和区间宽窄；比值小于 1 说明好于保持不变。", "The score is the weighted interval score: smaller is better, for error and width together; below 1 is better than no change."),
    "sampled": Text("{0}只拟合了随机抽取的历史片段，得到 {1} 段的预测。", "{0}: fitted to a random sample of histories, {1} of which gave a forecast."),
    "dependent": Text("同一序列的案例彼此相关，前一区间把它们当作相互独立，偏窄；后一区间按指标重抽样。", "Cases of one series resemble each other: the first interval takes them as independent and is too narrow; the second draws indicators anew."),
    "track_note": Text("只比较尚须达到、且复合增速算得出的目标；“官方增速比”按 0.95 判“进度正常”，基年为历史首年；预测概率按 50% 判“能达标”。", "Only targets still to be reached for which a growth rate exists; the official ratio says on track from 0.95, its base being the first year of the history; the forecast says yes from 50 %."),
    "few": Text("案例过少，不给数值", "too few cases for a figure"),
    "said": Text("事先给出的达标概率（%）", "probability given before (%)"),
    "came": Text("后来实现的比例（%）", "share that came true (%)"),
    "perfect": Text("完全相符", "perfect agreement"),
    "points": Text("实现比例（各指标同权）", "share that came true (indicators equal)"),
    "spread": Text("95% 区间", "95 % interval"),
    "reliability_title": Text("说的和来的是否相符：{0}，{1} 个案例", "What was said and what came: {0}, {1} cases"),
    "coverage_title": Text("{0}% 预测区间实际包含多少", "How much the {0} % interval held"),
    "nominal": Text("应为", "ought to be"),
    "inside": Text("落入区间的比例（%）", "share inside (%)"),
    "ahead": Text("提前几年预测", "years ahead"),
    "not_enough": Text("历史数据不足，不能检验。", "Not enough data for a test."),
    "fits": Text("与事先说的相符", "in line with what was said"),
    "cautious": Text("比事先说的更常实现，预测偏谨慎", "more often than was said: the forecasts are cautious"),
    "bold": Text("不如事先说的常实现，预测偏乐观", "less often than was said: the forecasts are too sure"),
    "unclear": Text("案例过少，说不准", "too few to tell"),
    "line": Text(
        "历史检验：事先认为达标概率为 80%–95% 的 {n_likely} 个案例中，{n_likely_met} 个后来实现（{likely_share}），{likely_verdict}；80% 预测区间实际包含 {coverage_80} 的后来数值。{caveat}",
        "Tested on the past: of the {n_likely} cases given 80–95 %, {n_likely_met} came true ({likely_share}), {likely_verdict}; the 80 % intervals held {coverage_80} of what came. {caveat}",
    ),
    "underlying_rate": Text("罕见事件率，预测的是潜在水平，无法与实际值对照", "rates of rare events: the underlying level is forecast, which is never observed"),
    "too_few_points": Text("数据点太少，没有可用的起报年份", "too few points for any origin"),
    "duplicate_years": Text("同一年有多个数值", "several values in one year"),
    "simulated": Text("检验所用为模拟数据，不能证明方法可靠。", "The data of this test are simulated and cannot prove the method."),
}  # fmt: skip


def _say(name: str, language: str, *values: object, **named: object) -> str:
    return WORDS[name].in_language(language).format(*values, **named)


def model_name(model: str, language: str) -> str:
    """Return the name of a model or rule of a back-test."""
    if model in OTHER_MODELS:
        return OTHER_MODELS[model].in_language(language)
    return (
        word("model", model, language)
        if model not in MODELS
        else MODELS[model].title.in_language(language)
    )


def _percent(value: float) -> str:
    """Return a share in whole per cent; one that is neither 0 nor 1 is not rounded onto them."""
    if pd.isna(value):
        return "—"
    per_cent = round(100 * value, 6)
    whole = f"{per_cent:.0f}%"
    if whole not in ("0%", "100%") or per_cent in (0, 100):
        return whole
    return {"0.0%": "<0.1%", "100.0%": ">99.9%"}.get(tenths := f"{per_cent:.1f}%", tenths)


def _ratio(row, name: str) -> str:
    value, low, high = (getattr(row, name + end) for end in ("", "_lower", "_upper"))
    return (
        "—"
        if pd.isna(value)
        else f"{value:.2f}" + ("" if pd.isna(low) else f" [{low:.2f}–{high:.2f}]")
    )


def _share(row, name: str) -> str:
    value, low, high = (getattr(row, name + end) for end in ("", "_lower", "_upper"))
    return _percent(value) + ("" if pd.isna(low) else f" [{_percent(low)}–{_percent(high)}]")


def _inside(row) -> str:
    values = [getattr(row, f"coverage_{level}") for level in (50, 80, 95)]
    return "—" if pd.isna(values[0]) else " / ".join(_percent(value) for value in values)


def backtest_table(test: BackTest, *, language: str = "zh") -> Table:
    """Show the methods side by side: error and score relative to no change, coverage, width, Brier score.

    Parameters
    ----------
    test : BackTest
        Result of `wdp_lib.backtesting.run`.
    language : {"zh", "en"}
        Language of the table.
    """
    brier = test.targets[test.targets["horizon"] == 0].set_index("model")
    rows = [
        {
            _say("model", language): model_name(row.model, language),
            _say("cases", language): f"{row.n_cases}",
            _say("indicators", language): f"{row.n_groups}",
            _say("wis_ratio", language): _ratio(row, "wis_ratio"),
            _say("mae_ratio", language): _ratio(row, "mae_ratio"),
            _say("coverage", language): _inside(row),
            _say("width", language): "—" if pd.isna(row.width_80) else f"{row.width_80:.1f}",
            _say("brier", language): _cell(brier, row.model, "brier"),
            _say("climatology", language): _cell(brier, row.model, "brier_climatology"),
        }
        for row in test.scores[test.scores["horizon"] == 0].itertuples()
    ]
    notes = [_say("no_change", language)]
    notes += [
        _say("sampled", language, model_name(name, language), n) for name, n in test.sampled.items()
    ]
    longest = "—" if test.scores.empty else int(test.scores["horizon"].max())
    return Table(pd.DataFrame(rows), _say("models_caption", language, longest), tuple(notes))


def _cell(table: pd.DataFrame, model: str, column: str) -> str:
    value = table[column].get(model)
    return "—" if value is None or pd.isna(value) else f"{value:.3f}"


def backtest_horizon_table(test: BackTest, *, language: str = "zh") -> Table:
    """Show the model that reports use by years ahead; a line with too few cases says so and gives no figure."""
    own = test.scores[(test.scores["model"] == test.model) & (test.scores["horizon"] > 0)]
    rows = [
        {
            _say("horizon", language): f"{row.horizon}",
            _say("cases", language): f"{row.n_cases}",
            _say("indicators", language): f"{row.n_groups}",
            _say("wis_ratio", language): _say("few", language)
            if row.reason
            else _ratio(row, "wis_ratio"),
            _say("mae_ratio", language): _ratio(row, "mae_ratio"),
            _say("coverage", language): _inside(row),
            _say("width", language): "—" if pd.isna(row.width_80) else f"{row.width_80:.1f}",
        }
        for row in own.itertuples()
    ]
    return Table(
        pd.DataFrame(rows), _say("horizon_caption", language, model_name(test.model, language))
    )


def _bands(test: BackTest) -> pd.DataFrame:
    own = (test.reliability["model"] == test.model) & (test.reliability["horizon"] == 0)
    return test.reliability[own]


def backtest_reliability_table(test: BackTest, *, language: str = "zh") -> Table:
    """Show, for bands of the probability given before, how many cases there were and how many came true."""
    rows = [
        {
            _say("band", language): f"{100 * row.lower:.0f}–{100 * row.upper:.0f}%",
            _say("cases", language): f"{row.n}",
            _say("met", language): f"{row.met}",
            _say("indicators", language): f"{row.n_groups}",
            _say("mean", language): _percent(row.mean_probability),
            _say("share", language): _share(row, "share"),
            _say("share_equal", language): _share(row, "share_equal"),
        }
        for row in _bands(test).itertuples()
    ]
    caption = _say("bands_caption", language, model_name(test.model, language))
    return Table(pd.DataFrame(rows), caption, (_say("dependent", language),))


def on_track_table(test: BackTest, *, language: str = "zh") -> Table:
    """Show how often a yes or no is wrong: of the official growth rule, of always no, of the model that reports use."""
    rows = [
        {
            _say("rule", language): model_name(row.rule, language),
            _say("cases", language): f"{row.n_cases}",
            _say("indicators", language): f"{row.n_groups}",
            _say("called", language): _percent(row.called),
            _say("called_met", language): _percent(row.called_met),
            _say("error", language): _share(row, "error"),
        }
        for row in test.on_track[test.on_track["horizon"] == 0].itertuples()
    ]
    return Table(
        pd.DataFrame(rows), _say("track_caption", language), (_say("track_note", language),)
    )


def backtest_facts(test: BackTest, language: str) -> dict[str, object]:
    """Return what a report says of a back-test.

    Parameters
    ----------
    test : BackTest
        Result of `wdp_lib.backtesting.run`.
    language : {"zh", "en"}
        Language of the texts.

    Returns
    -------
    dict
        Numbers as texts, a dash where there are too few cases; ``backtest_line`` is a whole sentence for a report, which
        says so when there is not enough data.
    """
    own = test.scores[(test.scores["model"] == test.model) & (test.scores["horizon"] == 0)]
    score = next(own.itertuples(), None)
    chances = test.targets[(test.targets["model"] == test.model) & (test.targets["horizon"] == 0)]
    chance = next(chances.itertuples(), None)
    known = score is not None and not test.reason
    facts = {
        "model_name": model_name(test.model, language),
        "n_cases": int(score.n_cases) if score else 0,
        "n_series": int(score.n_series) if score else 0,
        "n_tested": int(score.n_groups) if score else 0,
        "n_left_out": int(test.left_out["n_series"].sum()),
        "left_out": _left_out(test, language),
        "wis_ratio": _ratio(score, "wis_ratio") if known else "—",
        "mae_ratio": _ratio(score, "mae_ratio") if known else "—",
        "coverage_80": _percent(score.coverage_80) if known else "—",
        "coverage_95": _percent(score.coverage_95) if known else "—",
        "brier": f"{chance.brier:.3f}" if chance and not chance.reason else "—",
        "brier_climatology": f"{chance.brier_climatology:.3f}"
        if chance and not chance.reason
        else "—",
        **_likely(test, language),
        **_rule_facts(test),
        "caveat": _say("simulated", language) if test.simulated else "",
    }
    enough = known and facts["n_likely"]
    line = _say("line", language, **facts).strip() if enough else _say("not_enough", language)
    return facts | {"backtest_line": line}


def _left_out(test: BackTest, language: str) -> str:
    said = [
        bracketed(_reason(row.reason, language), str(row.n_series), language)
        for row in test.left_out.itertuples()
    ]
    return {"zh": "、"}.get(language, ", ").join(said) or "—"


def _reason(code: str, language: str) -> str:
    return _say(code, language) if code in WORDS else word("reason", code, language)


def _likely(test: BackTest, language: str) -> dict[str, object]:
    band = next(
        (row for row in _bands(test).itertuples() if (row.lower, row.upper) == LIKELY), None
    )
    if band is None or not band.n or test.reason:
        return {
            "n_likely": 0,
            "n_likely_met": 0,
            "likely_share": "—",
            "likely_verdict": _say("unclear", language),
        }
    verdict = "fits"
    if pd.isna(band.share_equal_lower):
        verdict = "unclear"
    elif band.mean_probability < band.share_equal_lower:
        verdict = "cautious"
    elif band.mean_probability > band.share_equal_upper:
        verdict = "bold"
    said = {
        "n_likely": int(band.n),
        "n_likely_met": int(band.met),
        "likely_share": _percent(band.share),
    }
    return said | {"likely_verdict": _say(verdict, language)}


def _rule_facts(test: BackTest) -> dict[str, str]:
    rules = test.on_track[test.on_track["horizon"] == 0].set_index("rule")
    errors, names = rules["error"], {"rule": "growth_ratio", "no": "always_no", "model": test.model}
    facts = {
        f"error_{short}": _percent(errors.get(name, float("nan"))) for short, name in names.items()
    }
    return facts | {
        "rule_called_met": _percent(rules["called_met"].get("growth_ratio", float("nan")))
    }


def plot_reliability(test: BackTest, *, language: str = "zh"):
    """Draw the share that came true against the probability given before, with counts; on the diagonal they agree.

    Parameters
    ----------
    test : BackTest
        Result of `wdp_lib.backtesting.run`.
    language : {"zh", "en"}
        Language of the chart.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on; without enough data they say so.
    """
    import matplotlib.pyplot as plt

    bands = _bands(test)
    bands = bands[bands["n"] > 0] if not test.reason else bands.iloc[:0]
    with chart_style():
        figure, axes = plt.subplots(figsize=(6.2, 5.6))
        axes.plot(
            [0, 100],
            [0, 100],
            color=TARGET,
            linestyle="-.",
            linewidth=1,
            label=_say("perfect", language),
        )
        if len(bands):
            _draw_bands(axes, bands, language)
            axes.legend(loc="upper left", frameon=False)
        else:
            axes.text(0.5, 0.9, _say("not_enough", language), ha="center", transform=axes.transAxes)
        axes.set(xlim=(-3, 103), ylim=(-9, 104))
        axes.set_xlabel(_say("said", language))
        axes.set_ylabel(_say("came", language))
        name = model_name(test.model, language)
        axes.set_title(_say("reliability_title", language, name, int(bands["n"].sum())), loc="left")
        figure.subplots_adjust(left=0.12, right=0.96, top=0.88, bottom=0.11)
        mark_simulated(figure, test.simulated, language)
    return axes


def _draw_bands(axes, bands: pd.DataFrame, language: str) -> None:
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
            label=_say("spread", language),
        )
    axes.plot(
        said,
        came,
        color=FORECAST,
        marker="o",
        markersize=5,
        linewidth=1,
        label=_say("points", language),
    )
    for x, n in zip(said, bands["n"], strict=True):
        axes.text(x, -5, f"n={n}", ha="center", va="center", fontsize=7, color=OBSERVED)


def plot_interval_coverage(test: BackTest, *, language: str = "zh"):
    """Draw, by years ahead, how much of what came lay inside the 80 and the 95 % interval, of every method that has one.

    Parameters
    ----------
    test : BackTest
        Result of `wdp_lib.backtesting.run`.
    language : {"zh", "en"}
        Language of the chart.

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
            _draw_coverage(axes, shown, level, test, language)
        panels[0].set_ylabel(_say("inside", language))
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="lower center", ncol=3, frameon=False, fontsize=8)
        figure.subplots_adjust(left=0.08, right=0.98, top=0.86, bottom=0.26, wspace=0.08)
        mark_simulated(figure, test.simulated, language)
    return panels[0]


def _draw_coverage(axes, shown: pd.DataFrame, level: int, test: BackTest, language: str) -> None:
    steps = sorted(shown["horizon"].unique()) or [1]
    axes.plot(
        [steps[0], steps[-1]], [level, level], color=TARGET, linestyle="-.", linewidth=1, label=_say("nominal", language)
    )  # fmt: skip
    for place, (model, rows) in enumerate(shown.groupby("model", sort=False)):
        own, name = model == test.model, model_name(model, language)
        if own:
            low, high = 100 * rows[f"coverage_{level}_lower"], 100 * rows[f"coverage_{level}_upper"]
            spread = bracketed(name, _say("spread", language), language)
            axes.fill_between(
                rows["horizon"], low, high, color=FORECAST, alpha=0.15, linewidth=0, label=spread
            )
        axes.plot(
            rows["horizon"], 100 * rows[f"coverage_{level}"], color=COLOURS[place % len(COLOURS)], marker="o",
            markersize=4, linewidth=2 if own else 1, label=name,
        )  # fmt: skip
    if shown.empty:
        axes.text(0.5, 0.5, _say("not_enough", language), ha="center", transform=axes.transAxes)
    axes.set(ylim=(0, 102))
    axes.set_title(_say("coverage_title", language, level), loc="left")
    axes.set_xlabel(_say("ahead", language))
    axes.xaxis.get_major_locator().set_params(integer=True)
