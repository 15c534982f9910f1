"""Columns of the warning list and of the list of changes since the last run."""

from __future__ import annotations

from wdp_lib.assessment.scheme import LEVELS
from wdp_lib.core.columns import Column, Contract
from wdp_lib.core.errors import Text

CLASSES = ("red", "orange", "yellow", "blue", "clear", "not_graded")

WARNINGS = Contract(
    "warnings",
    (
        Column("indicator", "text", Text("指标标识", "identifier of the indicator")),
        Column("area", "text", Text("地区标识", "identifier of the area")),
        Column(
            "axis",
            "text",
            Text("预警方面", "what is warned of"),
            ("hard_to_reach", "volatile", "data"),
        ),
        Column("rule", "text", Text("触发的规则", "rule that fired")),
        Column("level", "text", Text("预警颜色", "colour"), LEVELS),
        Column("level_zh", "text", Text("颜色的中文名称", "words of the colour in Chinese")),
        Column("level_en", "text", Text("颜色的英文名称", "words of the colour in English")),
        Column(
            "figure",
            "number",
            Text(
                "实际数（概率为 0–1，数据类规则为年份）",
                "figure (probability 0-1; data rules: a year)",
            ),
        ),
        Column(
            "threshold",
            "number",
            Text("触发预警的界线，单位同上", "line that was crossed, same unit"),
        ),
        Column("clears_when", "text", Text("解除预警的条件", "what would clear it")),
        Column("clears_at", "number", Text("解除预警所需的数", "figure at which it clears")),
        Column(
            "needed_next",
            "number",
            Text("下一年需达到的数值", "value needed next year, on a straight way to the line"),
        ),
        Column("last_year", "integer", Text("最新年份", "last year with a value")),
        Column("last_value", "number", Text("最新值", "last value")),
        Column("grade", "text", Text("证据等级", "evidence grade"), ("A", "B", "C", "D", "none")),
        Column("units", "text", Text("责任单位，以分号分隔", "responsible units, joined by ;")),
        Column("source", "text", Text("最新值来源", "source of the last value")),
        Column("simulated", "truth", Text("是否模拟数据", "is it made from simulated values")),
    ),
)

CHANGES = Contract(
    "class_changes",
    (
        Column("indicator", "text", Text("指标标识", "identifier of the indicator")),
        Column(
            "change",
            "text",
            Text("变化", "what changed"),
            ("worse", "better", "newly_graded", "no_longer_graded", "verdict_only"),
        ),
        Column("risk_before", "text", Text("上次等级", "class in the last run"), CLASSES),
        Column("risk", "text", Text("本次等级", "class in this run"), CLASSES),
        Column(
            "p_before", "number", Text("上次达标概率（0–1）", "probability in the last run, 0-1")
        ),
        Column("p_meet", "number", Text("本次达标概率（0–1）", "probability in this run, 0-1")),
        Column("state_before", "text", Text("上次判定", "state in the last run")),
        Column("state", "text", Text("本次判定", "state in this run")),
        Column(
            "last_year_before",
            "integer",
            Text("上次最新年份", "last year with a value in the last run"),
        ),
        Column("last_year", "integer", Text("本次最新年份", "last year with a value in this run")),
    ),
)
