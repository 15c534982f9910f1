"""Who leads and who supports each goal; what is only suggested is shown as such."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from wdp_lib.core.columns import conform
from wdp_lib.core.errors import Problem, Text
from wdp_lib.plan import Plan
from wdp_lib.supervision.record_contracts import RESPONSIBILITY_RECORD
from wdp_lib.supervision.tables import RESPONSIBILITIES


def responsibility_matrix(
    plan: Plan, confirmed: pd.DataFrame | None = None
) -> tuple[pd.DataFrame, list[Problem]]:
    """Return who leads and who supports each goal.

    A confirmed division of a goal replaces the suggested one. Suggested as leading unit is the one that stands first most often among
    the units of the goal's indicators (the plan's order decides between equals); a goal without any has an open lead.

    Parameters
    ----------
    plan : Plan
        The goals.
    confirmed : pandas.DataFrame, optional
        The record `responsibilities.csv`; rows without ``confirmed_by`` are suggestions.

    Returns
    -------
    tuple of (pandas.DataFrame, list of Problem)
        One row a goal and unit (contract ``RESPONSIBILITIES``), in the plan's order, the one lead of each goal first; and a problem for
        each goal with a second lead, which stands as support.

    Raises
    ------
    WdpError
        When the table does not obey its contract.
    """
    if confirmed is None:
        confirmed = pd.DataFrame(columns=RESPONSIBILITY_RECORD.table.names)
    record = conform(confirmed, RESPONSIBILITY_RECORD.table)
    lines = confirmed["row"].tolist() if "row" in confirmed else list(range(2, len(record) + 2))
    record = record.assign(line=lines)
    second = record[
        (record["role"] == "lead")
        & record[record["role"] == "lead"]
        .duplicated("goal")
        .reindex(record.index, fill_value=False)
    ]
    record.loc[second.index, "role"] = "support"
    rows = [
        row
        for goal in plan.goals
        for row in _rows(goal.id, record[record["goal"] == goal.id], plan)
    ]
    table = conform(pd.DataFrame(rows, columns=RESPONSIBILITIES.names), RESPONSIBILITIES)
    return table, [_two_leads(row) for row in second.itertuples()]


def _rows(goal: str, record: pd.DataFrame, plan: Plan) -> list[dict]:
    recorded = [_recorded(row) for row in record.to_dict("records")]
    named = {row["unit"] for row in recorded}
    has_lead = any(row["role"] == "lead" for row in recorded)
    suggested = [
        row for row in _suggested(goal, plan) if row["unit"] not in named or not row["unit"]
    ]
    if has_lead:
        suggested = [{**row, "role": "support"} for row in suggested if row["unit"]]
    elif not any(row["role"] == "lead" for row in suggested):
        suggested.insert(0, _suggestion(goal, "", "lead", "open"))
    return sorted([*recorded, *suggested], key=lambda row: row["role"] != "lead")


def _recorded(row: dict) -> dict:
    sure = bool(row["confirmed_by"].strip())
    return {
        **row,
        "origin": "confirmed" if sure else "suggested",
        "confirmed_on": row["date"] if sure else "",
    }


def _suggested(goal: str, plan: Plan) -> list[dict]:
    indicators = plan.indicators_of(goal)
    first = Counter(i.lead_units[0] for i in indicators if i.lead_units)
    order = [unit.id for unit in plan.units]
    involved = sorted({unit for i in indicators for unit in i.lead_units}, key=order.index)
    lead = max(involved, key=lambda unit: first[unit], default="")
    return [
        _suggestion(goal, unit, "lead" if unit == lead else "support", "suggested")
        for unit in involved
    ]


def _suggestion(goal: str, unit: str, role: str, origin: str) -> dict:
    return {
        "goal": goal,
        "unit": unit,
        "role": role,
        "origin": origin,
        "confirmed_by": "",
        "confirmed_on": "",
    }


def _two_leads(row) -> Problem:
    expected = Text("一项目标一个牵头单位", "one leading unit a goal")
    advice = Text(
        "请明确牵头单位；本行暂列为配合单位。",
        "Settle who leads; this unit stands as supporting for now.",
    )
    return Problem(
        "two_leads", RESPONSIBILITY_RECORD.file, int(row.line), "unit", row.unit, expected, advice
    )
