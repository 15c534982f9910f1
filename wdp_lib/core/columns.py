"""Column contracts of every table that crosses a door between two parts of the library."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from wdp_lib.core.errors import Problem, Text, WdpError

KEY = ("indicator", "area", "sex", "age_group", "residence")
QUANTILES = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)


@dataclass(frozen=True)
class Column:
    """One column of a contract.

    Parameters
    ----------
    name : str
        Name in the table.
    kind : {"text", "number", "integer", "truth"}
        What its cells hold; numbers may be missing, text is ``""`` instead.
    meaning : Text
        One line for the field dictionary, with the unit where there is one.
    allowed : tuple of str, optional
        The only values a text column may hold.
    """

    name: str
    kind: str
    meaning: Text
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contract:
    """The columns a table must have, in order.

    Parameters
    ----------
    name : str
        Name of the table in messages.
    columns : tuple of Column
        Its columns.
    """

    name: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        """Names of the columns, in order."""
        return [column.name for column in self.columns]


def _key_columns() -> tuple[Column, ...]:
    return (
        Column("indicator", "text", Text("指标标识", "identifier of the indicator")),
        Column("area", "text", Text("地区标识", "identifier of the area")),
        Column("sex", "text", Text("性别", "sex"), ("all", "female", "male")),
        Column("age_group", "text", Text("年龄组", "age group; all = every age")),
        Column("residence", "text", Text("城乡", "residence"), ("all", "urban", "rural")),
    )


OBSERVATIONS = Contract(
    "observations",
    (
        *_key_columns(),
        Column("year", "integer", Text("数据年份", "year the value speaks of")),
        Column(
            "value",
            "number",
            Text("数值，单位见计划指标表", "value, in the unit of the plan's indicator"),
        ),
        Column("numerator", "number", Text("分子（人数、件数）", "numerator (persons, cases)")),
        Column("denominator", "number", Text("分母（人数、件数）", "denominator (persons, cases)")),
        Column(
            "status",
            "text",
            Text("数据状态", "state of the value"),
            ("final", "provisional", "estimated"),
        ),
        Column(
            "origin",
            "text",
            Text("数值来历", "how the value came about"),
            ("reported", "derived", "inferred", "modelled"),
        ),
        Column(
            "as_of",
            "text",
            Text("可知日期（年-月-日）", "date from which the value was known (ISO)"),
        ),
        Column("source", "text", Text("来源文件标题", "title of the source")),
        Column("source_address", "text", Text("来源地址", "address of the source")),
        Column(
            "definition_match",
            "text",
            Text("与计划指标口径是否一致", "does the definition match the plan's indicator"),
            ("same", "partial"),
        ),
        Column(
            "series_break",
            "text",
            Text("本年起口径变动说明", "what changed from this year on; empty = nothing"),
        ),
        Column(
            "link_factor",
            "number",
            Text("衔接系数：旧口径数 × 系数 = 新口径数", "old figure x factor = new figure"),
        ),
        Column("used", "truth", Text("是否采用", "is this the row that counts for its cell")),
        Column("unused_reason", "text", Text("不采用的原因", "why not")),
        Column("note", "text", Text("备注", "remark")),
        Column("file", "text", Text("所在文件", "file it was read from")),
        Column("row", "integer", Text("所在行", "line in that file, header = 1")),
        Column("simulated", "truth", Text("是否模拟数据", "is the value simulated")),
    ),
)

FORECASTS = Contract(
    "forecasts",
    (
        *_key_columns(),
        Column("year", "integer", Text("预测年份", "year the forecast speaks of")),
        Column("quantile", "number", Text("分位点（0–1）", "quantile level, 0-1")),
        Column(
            "value",
            "number",
            Text("该分位点的数值，单位同指标", "value at that quantile, in the indicator's unit"),
        ),
        Column(
            "quantity",
            "text",
            Text("预测对象", "what is forecast"),
            ("observed_value", "underlying_rate", ""),
        ),
        Column("model", "text", Text("模型", "model")),
        Column("n", "integer", Text("所用数据点数", "number of points used")),
        Column("first_year", "integer", Text("所用首年", "first year used")),
        Column("last_year", "integer", Text("所用末年", "last year used")),
        Column("grade", "text", Text("证据等级", "evidence grade"), ("A", "B", "C", "D", "none")),
        Column(
            "reason",
            "text",
            Text("无预测的原因代码", "code of the reason why there is no forecast"),
        ),
        Column("simulated", "truth", Text("是否模拟数据", "is it made from simulated values")),
    ),
)

RISKS = Contract(
    "risks",
    (
        *_key_columns(),
        Column("target_kind", "text", Text("目标类型", "kind of promise")),
        Column("target_lower", "number", Text("目标下限", "lower edge of the promise")),
        Column("target_upper", "number", Text("目标上限", "upper edge of the promise")),
        Column("target_year", "integer", Text("目标年份", "year the promise is for")),
        Column(
            "evidence",
            "text",
            Text("目标出处是否核实", "is the target confirmed"),
            ("confirmed", "to_confirm"),
        ),
        Column("baseline_year", "integer", Text("基期年份", "year of the baseline")),
        Column("baseline_value", "number", Text("基期值", "value of the baseline")),
        Column("last_year", "integer", Text("最新年份", "last year with a value")),
        Column("last_value", "number", Text("最新值", "last value")),
        Column("numerator", "number", Text("最新分子", "numerator of the last value")),
        Column("denominator", "number", Text("最新分母", "denominator of the last value")),
        Column(
            "last_lower", "number", Text("最新值 95% 区间下限", "lower end of its 95 % interval")
        ),
        Column(
            "last_upper", "number", Text("最新值 95% 区间上限", "upper end of its 95 % interval")
        ),
        Column("interval_method", "text", Text("区间方法", "method of that interval")),
        Column(
            "margin",
            "number",
            Text("与目标的距离（内为正）", "distance to the nearest edge, positive inside"),
        ),
        Column(
            "state",
            "text",
            Text("现状", "state"),
            ("attained", "nearly", "not_attained", "not_assessable"),
        ),
        Column("state_reason", "text", Text("现状的原因代码", "code of the reason for the state")),
        Column(
            "dips",
            "text",
            Text(
                "计划期内跌破目标线的年份", "years of the plan in which a level to be held was lost"
            ),
        ),
        Column(
            "forecast_lower",
            "number",
            Text("目标年 80% 区间下限", "lower end of the 80 % interval, target year"),
        ),
        Column(
            "forecast_median", "number", Text("目标年预测中位数", "median forecast, target year")
        ),
        Column(
            "forecast_upper",
            "number",
            Text("目标年 80% 区间上限", "upper end of the 80 % interval, target year"),
        ),
        Column(
            "p_meet", "number", Text("达标概率（0–1）", "probability of meeting the promise, 0-1")
        ),
        Column(
            "risk",
            "text",
            Text("完成难度等级", "class of difficulty"),
            ("red", "orange", "yellow", "blue", "clear", "not_graded"),
        ),
        Column(
            "volatility", "text", Text("波动", "volatility"), ("stable", "volatile", "not_assessed")
        ),
        Column("volatility_reason", "text", Text("波动的原因代码", "code of the reason")),
        Column("n", "integer", Text("所用数据点数", "number of points used")),
        Column("grade", "text", Text("证据等级", "evidence grade"), ("A", "B", "C", "D", "none")),
        Column("model", "text", Text("模型", "model")),
        Column(
            "quantity",
            "text",
            Text("预测对象", "what is forecast"),
            ("observed_value", "underlying_rate", ""),
        ),
        Column(
            "reason",
            "text",
            Text("不能评估的原因代码", "code of the reason why it cannot be assessed"),
        ),
        Column("stale", "truth", Text("数据是否陈旧", "is the last value too old for the round")),
        Column(
            "definition_match",
            "text",
            Text("口径是否一致", "does the definition match"),
            ("same", "partial", ""),
        ),
        Column("source", "text", Text("最新值来源", "source of the last value")),
        Column("source_address", "text", Text("最新值来源地址", "address of that source")),
        Column("simulated", "truth", Text("是否模拟数据", "is it made from simulated values")),
    ),
)

VERDICTS = Contract(
    "verdicts",
    (
        Column("goal", "text", Text("目标编号", "identifier of the goal")),
        Column("domain", "text", Text("领域", "domain")),
        Column(
            "kind",
            "text",
            Text("目标性质", "kind of goal"),
            ("quantified", "directional", "qualitative"),
        ),
        Column("n_indicators", "integer", Text("指标数", "indicators")),
        Column(
            "n_judged",
            "integer",
            Text("有判定标准的指标数", "indicators with a promise to judge by"),
        ),
        Column("n_attained", "integer", Text("已达标指标数", "of these attained")),
        Column("n_nearly", "integer", Text("基本达标指标数", "of these nearly attained")),
        Column("n_not_attained", "integer", Text("未达标指标数", "of these not attained")),
        Column("n_not_assessable", "integer", Text("无法判定指标数", "of these not assessable")),
        Column(
            "verdict",
            "text",
            Text("判定", "verdict"),
            ("attained", "nearly", "not_attained", "not_assessable"),
        ),
        Column("verdict_reason", "text", Text("判定原因代码", "code of the reason")),
        Column(
            "outlook",
            "text",
            Text("展望：最难指标的等级", "outlook: class of the hardest indicator"),
            ("red", "orange", "yellow", "blue", "clear", "not_graded"),
        ),
        Column("hardest_indicator", "text", Text("最难的指标", "the hardest indicator")),
        Column(
            "p_hardest",
            "number",
            Text("最难指标达标概率", "its probability of meeting the promise"),
        ),
        Column(
            "evidence",
            "text",
            Text("目标出处是否核实", "is the target confirmed"),
            ("confirmed", "to_confirm"),
        ),
        Column("simulated", "truth", Text("是否模拟数据", "is it made from simulated values")),
        Column(
            "n_evidence",
            "integer",
            Text("有依据的指标数或评定事项数", "indicators or rated items with evidence"),
        ),
        Column("coverage", "number", Text("依据覆盖率（0–1）", "share with evidence, 0-1")),
    ),
)

_DTYPES = {"text": "str", "number": "float64", "integer": "Int64", "truth": "bool"}


_TEXT = pd.Series([""], dtype="object").astype("str").dtype  # what a text column is after a cast


def conform(frame: pd.DataFrame, contract: Contract) -> pd.DataFrame:
    """Return the table with exactly the contract's columns, in its order and types.

    Parameters
    ----------
    frame : pandas.DataFrame
        Any table that holds at least the contract's columns.
    contract : Contract
        What the table must be.

    Returns
    -------
    pandas.DataFrame
        A new table with a fresh index; further columns are left out.

    Raises
    ------
    WdpError
        When a column is missing, or a text column holds a value that is not allowed.
    """
    problems = [_missing(contract, name) for name in contract.names if name not in frame.columns]
    if problems:
        raise WdpError(
            Text(f"{contract.name} 表缺少列", f"The table {contract.name} lacks columns"), problems
        )
    result = pd.DataFrame({c.name: _cast(frame[c.name], c) for c in contract.columns}).reset_index(
        drop=True
    )
    problems = [p for c in contract.columns if c.allowed for p in _forbidden(result, contract, c)]
    if problems:
        raise WdpError(
            Text(f"{contract.name} 表的取值不合规定", f"Values not allowed in {contract.name}"),
            problems,
        )
    return result


def _cast(series: pd.Series, column: Column) -> pd.Series:
    if column.kind == "text":
        if isinstance(series.dtype, pd.StringDtype) and series.dtype == _TEXT:
            return series.fillna("") if series.hasnans else series
        return series.astype("object").where(series.notna(), "").astype("str")
    return series.astype(_DTYPES[column.kind])


def _missing(contract: Contract, name: str) -> Problem:
    return Problem(
        "missing_column",
        contract.name,
        None,
        name,
        Text("没有此列", "no such column"),
        Text("此列", "this column"),
        Text("请提供由 wdp_lib 读入或生成的表。", "Pass a table that wdp_lib read or made."),
    )


def _forbidden(frame: pd.DataFrame, contract: Contract, column: Column) -> list[Problem]:
    bad = sorted(set(frame[column.name].unique()) - set(column.allowed))
    allowed = ", ".join(repr(value) for value in column.allowed)
    return [
        Problem(
            "not_allowed",
            contract.name,
            None,
            column.name,
            repr(value),
            Text(f"{allowed} 之一", f"one of {allowed}"),
            Text("请改正该值。", "Correct the value."),
        )
        for value in bad
    ]
