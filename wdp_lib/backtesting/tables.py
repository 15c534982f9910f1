"""The tables of a back-test: what each column means."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from wdp_lib.core.columns import Column, Contract
from wdp_lib.core.errors import Text

ALL_HORIZONS = 0
_MODEL = Column("model", "text", Text("模型", "model"))
_HORIZON = Column(
    "horizon", "integer", Text("提前年数；0 为各年数平均", "years ahead; 0 = mean of all of them")
)
_CASE = (
    _MODEL,
    Column("series_id", "text", Text("序列标识", "identifier of the series")),
    Column(
        "group",
        "text",
        Text("指标（同一指标的序列同属一组）", "indicator that the series belongs to"),
    ),
    Column("kind", "text", Text("数值类型", "kind of value")),
    Column(
        "origin", "integer", Text("起报年份：只用至该年的数据", "year up to which data were shown")
    ),
    Column("horizon", "integer", Text("提前年数", "years ahead")),
)
_COUNTS = (
    Column("n_cases", "integer", Text("案例数", "cases")),
    Column("n_series", "integer", Text("序列数", "series")),
    Column("n_groups", "integer", Text("指标数", "indicators")),
)
_REASON = Column(
    "reason",
    "text",
    Text("不给数值的原因代码", "code of the reason why there are no figures"),
    ("", "too_few_cases"),
)


def _interval(name: str, zh: str, en: str) -> tuple[Column, Column]:
    return (
        Column(
            f"{name}_lower",
            "number",
            Text(f"{zh} 95% 区间下限", f"lower end of the 95 % interval of {en}"),
        ),
        Column(
            f"{name}_upper",
            "number",
            Text(f"{zh} 95% 区间上限", f"upper end of the 95 % interval of {en}"),
        ),
    )


CASES = Contract(
    "backtest_cases",
    (
        *_CASE,
        Column("n", "integer", Text("所用数据点数", "points shown")),
        Column("value", "number", Text("后来的实际值", "value that came")),
        Column("median", "number", Text("预测中位数", "median forecast")),
        Column(
            "usual_change",
            "number",
            Text("通常年变动，即误差的计量单位", "usual yearly change, the unit of errors"),
        ),
        Column(
            "wis",
            "number",
            Text("加权区间得分（以通常年变动计）", "weighted interval score, in usual changes"),
        ),
        Column(
            "crps",
            "number",
            Text("连续分级概率得分（以通常年变动计）", "CRPS by quantiles, in usual changes"),
        ),
        Column(
            "error",
            "number",
            Text("中位数绝对误差（以通常年变动计）", "absolute error of the median, likewise"),
        ),
        Column(
            "reference_wis",
            "number",
            Text("保持不变法的加权区间得分", "weighted interval score of no change"),
        ),
        Column(
            "reference_error", "number", Text("保持不变法的绝对误差", "absolute error of no change")
        ),
        Column(
            "inside_50",
            "number",
            Text("落入 50% 区间（1 是）", "inside the 50 % interval (1 = yes)"),
        ),
        Column(
            "inside_80",
            "number",
            Text("落入 80% 区间（1 是）", "inside the 80 % interval (1 = yes)"),
        ),
        Column(
            "inside_95",
            "number",
            Text("落入 95% 区间（1 是）", "inside the 95 % interval (1 = yes)"),
        ),
        Column(
            "width_80",
            "number",
            Text("80% 区间宽度（以通常年变动计）", "width of the 80 % interval, in usual changes"),
        ),
        Column(
            "width_95",
            "number",
            Text("95% 区间宽度（以通常年变动计）", "width of the 95 % interval, in usual changes"),
        ),
    ),
)

SCORES = Contract(
    "backtest_scores",
    (
        _MODEL,
        _HORIZON,
        *_COUNTS,
        Column(
            "wis",
            "number",
            Text("加权区间得分，越小越好", "weighted interval score, lower is better"),
        ),
        Column("crps", "number", Text("连续分级概率得分，越小越好", "CRPS, lower is better")),
        Column("mae", "number", Text("平均绝对误差", "mean absolute error")),
        Column(
            "wis_ratio",
            "number",
            Text("得分与保持不变法之比", "score relative to no change, same cases"),
        ),
        *_interval("wis_ratio", "该比值", "this ratio"),
        Column(
            "mae_ratio",
            "number",
            Text("误差与保持不变法之比", "error relative to no change, same cases"),
        ),
        *_interval("mae_ratio", "该比值", "this ratio"),
        Column(
            "coverage_50",
            "number",
            Text("落入 50% 区间的比例（0–1）", "share inside the 50 % interval, 0-1"),
        ),
        Column(
            "coverage_80",
            "number",
            Text("落入 80% 区间的比例（0–1）", "share inside the 80 % interval, 0-1"),
        ),
        *_interval("coverage_80", "该比例", "this share"),
        Column(
            "coverage_95",
            "number",
            Text("落入 95% 区间的比例（0–1）", "share inside the 95 % interval, 0-1"),
        ),
        *_interval("coverage_95", "该比例", "this share"),
        Column("width_80", "number", Text("80% 区间平均宽度", "mean width of the 80 % interval")),
        Column("width_95", "number", Text("95% 区间平均宽度", "mean width of the 95 % interval")),
        _REASON,
    ),
)

PIT = Contract(
    "backtest_pit",
    (
        _MODEL,
        Column("lower", "number", Text("分位下限（0–1）", "lower quantile level, 0-1")),
        Column("upper", "number", Text("分位上限（0–1）", "upper quantile level, 0-1")),
        Column(
            "expected", "number", Text("应占比例（0–1）", "share that ought to lie between, 0-1")
        ),
        Column("share", "number", Text("实占比例（0–1）", "share that did, 0-1")),
        Column("n_cases", "integer", Text("案例数", "cases")),
    ),
)

TARGET_CASES = Contract(
    "backtest_target_cases",
    (
        *_CASE,
        Column(
            "direction",
            "text",
            Text("方向：up 越高越好，down 越低越好", "up: higher is better; down: lower"),
            ("up", "down"),
        ),
        Column(
            "aim",
            "text",
            Text("reach 尚须达到，keep 已达到须保持", "reach: not yet there; keep: there already"),
            ("reach", "keep"),
        ),
        Column(
            "steps",
            "integer",
            Text("与末值相距几个通常年变动", "usual changes between last value and target"),
        ),
        Column("target", "number", Text("目标值", "target")),
        Column(
            "probability",
            "number",
            Text("事先给出的达标概率（0–1）", "probability given before, 0-1"),
        ),
        Column("met", "number", Text("是否达标（1 是）", "met (1 = yes)")),
        Column(
            "climatology",
            "number",
            Text(
                "其他指标同类目标的达标比例（0–1）",
                "share of such targets met by the other indicators, 0-1",
            ),
        ),
        Column(
            "official",
            "number",
            Text(
                "官方增速比规则是否判为“进度正常”（1 是）",
                "called on track by the official rule (1 = yes)",
            ),
        ),
    ),
)

TARGETS = Contract(
    "backtest_targets",
    (
        _MODEL,
        _HORIZON,
        *_COUNTS,
        Column("met", "number", Text("达标比例（0–1）", "share met, 0-1")),
        Column("brier", "number", Text("布赖尔分数，越小越好", "Brier score, lower is better")),
        Column(
            "brier_climatology",
            "number",
            Text(
                "一律按其他指标达标比例作答的布赖尔分数",
                "Brier score of always saying the share of the others",
            ),
        ),
        Column("skill", "number", Text("技巧：1 − 两者之比", "skill: 1 - the ratio of the two")),
        *_interval("skill", "技巧", "the skill"),
        _REASON,
    ),
)

RELIABILITY = Contract(
    "backtest_reliability",
    (
        _MODEL,
        _HORIZON,
        Column(
            "lower",
            "number",
            Text("预测概率下限（0–1）", "lower edge of the predicted probability, 0-1"),
        ),
        Column(
            "upper",
            "number",
            Text("预测概率上限（0–1）", "upper edge, 0-1; below it, but for the last band"),
        ),
        Column("n", "integer", Text("案例数", "cases")),
        Column("met", "integer", Text("其中实现的案例数", "of these came true")),
        Column("n_series", "integer", Text("序列数", "series")),
        Column("n_groups", "integer", Text("指标数", "indicators")),
        Column(
            "mean_probability",
            "number",
            Text("平均预测概率（0–1）", "mean predicted probability, 0-1"),
        ),
        Column("share", "number", Text("实现比例（0–1）", "share that came true, 0-1")),
        *_interval(
            "share",
            "实现比例（Wilson，按案例相互独立计）",
            "this share (Wilson, as if cases were independent)",
        ),
        Column(
            "share_equal",
            "number",
            Text("各指标同权的实现比例（0–1）", "share with indicators counting equally, 0-1"),
        ),
        *_interval(
            "share_equal", "该比例（按指标重抽样）", "this share (bootstrap over indicators)"
        ),
    ),
)

ON_TRACK = Contract(
    "backtest_on_track",
    (
        Column(
            "rule",
            "text",
            Text("规则", "rule: growth_ratio, always_no, or the model that says at least 50 %"),
        ),
        _HORIZON,
        *_COUNTS,
        Column("called", "number", Text("判为“能达标”的比例（0–1）", "share called on track, 0-1")),
        Column(
            "called_met",
            "number",
            Text("判为能达标者中实现的比例（0–1）", "of those called on track, share met, 0-1"),
        ),
        Column("error", "number", Text("判断错误的比例（0–1）", "share of wrong calls, 0-1")),
        *_interval("error", "该比例", "this share"),
        _REASON,
    ),
)

LEFT_OUT = Contract(
    "backtest_left_out",
    (
        Column("reason", "text", Text("未检验的原因代码", "code of the reason why not tested")),
        Column("n_series", "integer", Text("序列数", "series")),
    ),
)


@dataclass(frozen=True)
class BackTest:
    """What forecasts of the past were worth; indicators count equally, whatever number of series each has.

    Parameters
    ----------
    cases : pandas.DataFrame
        `CASES`: one row for each model, series, origin and horizon.
    scores : pandas.DataFrame
        `SCORES`: by model and horizon.
    pit : pandas.DataFrame
        `PIT`: how often the outcome fell between which quantiles.
    target_cases, targets, reliability, on_track : pandas.DataFrame
        `TARGET_CASES`, `TARGETS`, `RELIABILITY`, `ON_TRACK`: made-up targets and whether they were met.
    left_out : pandas.DataFrame
        `LEFT_OUT`: series that could not be tested.
    model : str
        The model that reports use: the first of those tested.
    sampled : dict of str to int
        Windows that each slow model was fitted to, where these are not all.
    simulated : bool
        Whether any of the values is simulated.
    reason : str
        ``not_enough_data`` when there are too few cases to say anything, else ``""``.
    """

    cases: pd.DataFrame
    scores: pd.DataFrame
    pit: pd.DataFrame
    target_cases: pd.DataFrame
    targets: pd.DataFrame
    reliability: pd.DataFrame
    on_track: pd.DataFrame
    left_out: pd.DataFrame
    model: str
    sampled: dict[str, int]
    simulated: bool
    reason: str
