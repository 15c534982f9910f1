"""The monitoring scheme: every goal and indicator of a plan on one table, in its own words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from wdp_lib.core.errors import Text
from wdp_lib.core.words import vocabulary
from wdp_lib.plan import Goal, Indicator
from wdp_lib.publish.views.show import Table

if TYPE_CHECKING:
    from wdp_lib.study.study import Study

_HEADINGS = (
    Text("主要目标", "Goal"),
    Text("指标", "Indicator"),
    Text("目标（原文）", "Target, in the words of the plan"),
    Text("目标年份", "Target year"),
    Text("单位", "Unit"),
    Text("定义", "Definition"),
    Text("性别口径", "Sexes"),
    Text("分组（性别、城乡、年龄、下级地区）", "By sex, residence, age, part of the area"),
    Text("频次", "Frequency"),
    Text("数据来源", "Data"),
    Text("责任单位", "Responsible units"),
)

_NONE = ["—"] * (len(_HEADINGS) - 1)
_BY = {"township": "area"}  # as plans call the parts of a county


def scheme(study: Study) -> Table:
    """Return a row an indicator under each of its goals; a goal without one has a row, too."""
    plan, context = study.plan, study.context
    rows = []
    for goal in plan.goals:
        own = [one for one in plan.indicators if goal.id in one.goals]
        rows += [_row(study, goal, one) for one in own] or [[context.text(goal.title), *_NONE]]
    headings = [context.text(one) for one in _HEADINGS]
    frame = pd.DataFrame(rows, columns=headings).astype(str)
    return Table(frame, context.pick("监测方案和指标体系", "Monitoring scheme"))


def _row(study: Study, goal: Goal, one: Indicator) -> list[object]:
    context, target = study.context, one.target
    parts = [context.text(text) for text in (one.numerator, one.denominator)]
    known = (("dimension", _BY.get(name, name)) for name in one.disaggregations)
    by = [context.text(vocabulary()[name]) for name in known if name in vocabulary()]
    units = [context.text(study.plan.unit(unit).name) for unit in one.lead_units]
    return [
        context.text(goal.title),
        context.text(one.name),
        context.text(target.wording) or "—",
        target.year or "—",
        context.word("unit", one.unit),
        " / ".join(filter(None, parts)) or "—",
        context.word("sex_scope", one.sex_scope),
        "、".join(by) or "—",
        context.word("frequency", one.frequency),
        context.word("availability", one.availability) or "—",
        "、".join(units) or "—",
    ]
