"""Who leads and who supports each goal; what is only suggested is shown as such."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from wdp_lib.core.columns import conform
from wdp_lib.core.errors import Problem, Text
from wdp_lib.evaluation.verdicts import file_lines
from wdp_lib.plan import Plan
from wdp_lib.supervision.tables import RESPONSIBILITIES, RESPONSIBILITY_RECORD


def responsibility_matrix(confirmed: pd.DataFrame | None, plan: Plan) -> pd.DataFrame:
    """Return who leads and who supports each goal.

    A confirmed division of a goal replaces the suggested one. Suggested as leading unit is the one
    that stands first most often among the units of the goal's indicators (the plan's order decides
    between equals); a goal without any has an open lead.

    Parameters
    ----------
    confirmed : pandas.DataFrame or None
        The record `responsibilities.csv`; rows without ``confirmed_by`` are suggestions.

    Returns
    -------
    pandas.DataFrame
        One row a goal and unit (contract ``RESPONSIBILITIES``), in the plan's order, the one lead
        of each goal first; further leads on record (`second_leads`) stand as support.
    """
    if confirmed is None:
        confirmed = pd.DataFrame(columns=RESPONSIBILITY_RECORD.table.names)
    record = conform(confirmed, RESPONSIBILITY_RECORD.table)
    record.loc[_second(record), "role"] = "support"
    sure = record["confirmed_by"].str.strip() != ""
    record["origin"] = sure.map({True: "confirmed", False: "suggested"})
    record["confirmed_on"] = record["date"].where(sure, "")
    by_goal = {goal: rows.to_dict("records") for goal, rows in record.groupby("goal")}
    rows = [row for goal in plan.goals for row in _rows(goal.id, by_goal.get(goal.id, []), plan)]
    return conform(pd.DataFrame(rows, columns=RESPONSIBILITIES.names), RESPONSIBILITIES)


def second_leads(confirmed: pd.DataFrame) -> list[Problem]:
    """Return a problem for each further leading unit of one goal in the record."""
    record = conform(confirmed, RESPONSIBILITY_RECORD.table).assign(line=file_lines(confirmed))
    expected = Text("一项目标一个牵头单位", "one leading unit a goal")
    advice = Text(
        "请明确牵头单位；本行暂列为配合单位。",
        "Settle who leads; this unit stands as supporting for now.",
    )
    return [
        Problem("two_leads", RESPONSIBILITY_RECORD.file, line, "unit", unit, expected, advice)
        for line, unit in record.loc[_second(record), ["line", "unit"]].itertuples(index=False)
    ]


def _second(record: pd.DataFrame) -> pd.Series:
    return (record["role"] == "lead") & record[["goal", "role"]].duplicated()


def _rows(goal: str, recorded: list[dict], plan: Plan) -> list[dict]:
    indicators = plan.indicators_of(goal)
    first = Counter(i.lead_units[0] for i in indicators if i.lead_units)
    involved = {unit for i in indicators for unit in i.lead_units}
    ordered = [unit.id for unit in plan.units if unit.id in involved]
    lead = max(ordered, key=lambda unit: first[unit], default="")
    led, named = any(r["role"] == "lead" for r in recorded), {r["unit"] for r in recorded}
    suggested = [
        {"unit": unit, "role": "lead" if unit == lead and not led else "support"}
        for unit in ordered
        if unit not in named
    ]
    rows = recorded + [{"goal": goal, "origin": "suggested", **row} for row in suggested]
    if not any(row["role"] == "lead" for row in rows):
        rows.append({"goal": goal, "unit": "", "role": "lead", "origin": "open"})
    return sorted(rows, key=lambda row: row["role"] != "lead")
