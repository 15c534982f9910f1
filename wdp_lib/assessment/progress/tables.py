"""The tables of the descriptive panel: what each column means."""

from __future__ import annotations

from wdp_lib.core.columns import Column, Contract
from wdp_lib.core.errors import Text

MEASURES = (
    "path_share",
    "time_share",
    "pace_ratio",
    "required_change",
    "achieved_change",
    "best_pace",
    "open_sdg",
    "open_sdg_score",
    "un_chart",
    "escap_status",
    "escap_anticipated",
    "reduction_achieved",
    "reduction_trend",
    "reduction_required",
)
FORECAST = "forecast"
SIDES = ("on_track", "off_track", "")

_INDICATOR = Column("indicator", "text", Text("指标标识", "identifier of the indicator"))
_DISAGREE = Column(
    "methods_disagree",
    "truth",
    Text("各方法结论是否相左", "does one method say on track and another not"),
)
_YEARS = (
    Column("first_year", "integer", Text("起点年份", "year the way starts from")),
    Column("last_year", "integer", Text("最新年份", "last year with a value")),
)
_BASELINE = Column(
    "baseline_origin",
    "text",
    Text("基期年份的依据", "who set the baseline year"),
    ("stated", "suggested", "confirmed"),
)
_SIMULATED = Column("simulated", "truth", Text("是否模拟数据", "is it made from simulated values"))

PROGRESS = Contract(
    "progress",
    (
        _INDICATOR,
        Column("measure", "text", Text("测度", "measure"), (*MEASURES, FORECAST)),
        Column(
            "value", "number", Text("数值，单位见“单位”列", "value, in the unit of the column unit")
        ),
        Column("unit", "text", Text("单位", "unit")),
        Column("class", "text", Text("该方法的等级", "class by this method")),
        Column(
            "side",
            "text",
            Text("该方法的结论：按期或滞后", "what the method says: on track or not"),
            SIDES,
        ),
        *_YEARS,
        _BASELINE,
        Column("trace", "text", Text("计算过程", "the calculation in figures")),
        Column(
            "reason",
            "text",
            Text("无数值或不定级的原因代码", "code of the reason why there is no value or class"),
        ),
        _DISAGREE,
        _SIMULATED,
    ),
)

PROGRESS_SUMMARY = Contract(
    "progress_summary",
    (
        _INDICATOR,
        Column("on_track", "text", Text("判为按期的方法", "methods that say on track")),
        Column("off_track", "text", Text("判为滞后的方法", "methods that say not on track")),
        _DISAGREE,
        *_YEARS,
        Column(
            "reason",
            "text",
            Text("没有方法给出结论的原因代码", "code of the reason why no method says anything"),
        ),
        _SIMULATED,
    ),
)
