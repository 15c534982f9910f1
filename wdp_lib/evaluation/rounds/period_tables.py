"""Values within a year: the record of them, and what comes of setting them beside the value of the year."""

from __future__ import annotations

from wdp_lib.core.columns import Column, Contract
from wdp_lib.core.errors import Text
from wdp_lib.data.records import RecordColumn, RecordContract

REASONS = (
    "",
    "periods_missing",
    "mixed_periods",
    "no_period_value",
    "year_not_reported",
    "year_differs",
)


def _column(name: str, kind: str, zh: str, en: str, **more) -> RecordColumn:
    return RecordColumn(name, kind, Text(zh, en), (zh,), **more)


PERIOD_RECORD = RecordContract(
    "periods.csv",
    (
        _column("indicator", "indicator", "指标", "indicator", required=True),
        _column("area", "area", "地区", "area", required=True),
        _column("year", "year", "年份", "year", required=True),
        _column(
            "period", "word", "时段", "quarter, half-year or month", required=True, topic="period"
        ),
        _column(
            "kind",
            "word",
            "计数方式",
            "of the period alone, or to date",
            required=True,
            topic="period_kind",
        ),
        _column("value", "number", "数值", "value, in the unit of the indicator"),
        _column("numerator", "number", "分子", "numerator"),
        _column("denominator", "number", "分母", "denominator"),
        _column("date", "date", "可知日期", "day from which it was known", required=True),
        _column("source", "text", "来源", "source", required=True),
        _column("note", "text", "备注", "remark"),
    ),
    key=("indicator", "area", "year", "period"),
)

PERIODS = Contract(
    "periods_and_year",
    (
        Column("indicator", "text", Text("指标标识", "identifier of the indicator")),
        Column("area", "text", Text("地区标识", "identifier of the area")),
        Column("year", "integer", Text("年份", "year")),
        Column(
            "length",
            "text",
            Text("时段长度", "length of the periods"),
            ("quarter", "half", "month"),
        ),
        Column(
            "kind",
            "text",
            Text("计数方式", "of the period alone, or to date"),
            ("period", "to_date", ""),
        ),
        Column("n_periods", "integer", Text("已有时段数", "periods recorded")),
        Column("n_expected", "integer", Text("全年时段数", "periods of a year")),
        Column("last_period", "text", Text("最近时段", "last period recorded")),
        Column("value", "number", Text("由各时段得出的全年数", "value of the year by its periods")),
        Column("numerator", "number", Text("由各时段得出的分子", "numerator by the periods")),
        Column("denominator", "number", Text("由各时段得出的分母", "denominator by the periods")),
        Column("reported_value", "number", Text("年度上报数", "value returned for the year")),
        Column("difference", "number", Text("相差", "by the periods less returned")),
        Column(
            "reason", "text", Text("不一致或不能核对的原因代码", "code of what is wrong"), REASONS
        ),
        Column(
            "simulated", "truth", Text("年度数是否模拟数据", "is the value of the year simulated")
        ),
    ),
)
