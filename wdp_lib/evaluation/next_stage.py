"""From one round to the next: what is carried over, what is needed, what the next plan may set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from wdp_lib.assessment.formulas import required_change
from wdp_lib.core.columns import RISKS, Contract, conform
from wdp_lib.core.errors import DataError, ParameterError
from wdp_lib.core.problems import templates
from wdp_lib.evaluation.problems import WANTING, WARNED, problem_kinds
from wdp_lib.evaluation.verdicts import NOT_SEEN
from wdp_lib.plan import Plan

NEEDED = Contract(
    "needed_change",
    """
    indicator goals problem last_year last_value line target_year years needed_per_year
    change_per_year units reason simulated
    """,
)

DRAFT = Contract(
    "draft_indicators",
    """
    indicator goals last_year last_value state standing proposal simulated
    """,
)

BRIEF = Contract("brief", "kind item indicator before now last_year due units")


_problem = templates(__file__)
ITEM_COLUMNS = ("item", "indicator", "opened", "due", "closed")


@dataclass(frozen=True)
class NextStage:
    """What one round hands to the next."""

    needed: pd.DataFrame  # change needed each year for each target in danger (contract ``NEEDED``)
    # every open item, as it stands in the register, with ``problem``: what is wrong with its
    # indicator now (``""``: nothing)
    carried: pd.DataFrame
    draft: pd.DataFrame  # draft of indicators for the next plan (contract ``DRAFT``)


def next_stage(risks: pd.DataFrame, open_items: pd.DataFrame, plan: Plan) -> NextStage:
    """Return what the next round starts from.

    Parameters
    ----------
    open_items : pandas.DataFrame
        Open items of the register, at least with ``indicator``; all are carried over, none closed.

    Raises
    ------
    DataError
        When the open items have no column ``indicator``.
    """
    _need_columns(open_items, ("indicator",))
    table = conform(risks, RISKS)
    kinds = problem_kinds(table, plan).set_axis(table["indicator"])
    carried = open_items.assign(problem=open_items["indicator"].map(kinds).fillna("").astype(str))
    return NextStage(
        needed_change(table, plan), carried.reset_index(drop=True), draft_indicators(table, plan)
    )


def needed_change(risks: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return, for each target in danger, the yearly change from its last value to the line.

    The trajectory is a straight one. A target attained but in danger needs no change (0). Targets
    that do not speak of the level or the gap of one year have no number and a ``reason``. Returns
    one row a target warned red, orange or yellow, or not attained, in the plan's order (contract
    ``NEEDED``).
    """
    table = conform(risks, RISKS)
    table = table.assign(problem=problem_kinds(table, plan))
    table = table[table["problem"].isin(WANTING)].reset_index(drop=True)
    indicators = [plan.indicator(name) for name in table["indicator"]]
    statistic = pd.Series([i.target.statistic for i in indicators], table.index, dtype="str")
    measured = [
        float(i.target.measure(value))
        for i, value in zip(indicators, table["last_value"], strict=True)
    ]
    lower, upper = table["target_lower"], table["target_upper"]
    # the edge that is crossed, or, inside, the one that can be crossed (of two, the lower)
    line = upper.where(lower.isna() | (upper.notna() & (table["last_value"] > upper)), lower)
    last, target_year, base_year = (
        table[name].astype("float64") for name in ("last_year", "target_year", "baseline_year")
    )
    years, since = target_year - last, last - base_year
    reasons = {
        "no_data": last.isna(),
        "past_target_year": years <= 0,
        "not_a_level": ~statistic.isin(["level", "magnitude"]),
        "no_baseline": ~np.isfinite(line),
    }
    reason = pd.Series(np.select(list(reasons.values()), list(reasons), ""), table.index)
    change = table["last_value"] - table["baseline_value"]
    table = table.assign(
        goals=[";".join(i.goals) for i in indicators],
        units=[";".join(i.lead_units) for i in indicators],
        line=line,
        years=years,
        needed_per_year=required_change(measured, line, years)
        .mask(table["margin"] > 0, 0.0)
        .where(reason == ""),
        change_per_year=(change / since).where(since > 0),
        reason=reason,
    )
    return conform(table, NEEDED)


def draft_indicators(risks: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return a draft of the indicators of the next plan, from the verdicts of this one.

    ``raise``: attained by a number that can still improve, and is no number of institutions;
    ``consolidate``: attained otherwise, to be kept; ``carry_over``: not attained, or not shown;
    ``secure_data``: not assessable for want of data, which must come first; ``watch``: monitored
    only, or too few events to judge by. It is a draft for those who write the plan, no decision.
    Returns one row for each indicator of the plan, in its order (contract ``DRAFT``).
    """
    table = conform(risks, RISKS)
    indicators = [plan.indicator(name) for name in table["indicator"]]
    side, upper, lower, is_number = (
        np.array(column)
        for column in zip(
            *(
                (i.target.improving, i.upper_bound, i.lower_bound, i.target.is_number)
                for i in indicators
            ),
            strict=True,
        )
    )
    last, state, why = table["last_value"], table["state"], table["state_reason"]
    unseen = state == "not_assessable"
    at_limit = np.where(side > 0, last >= upper, last <= lower)
    cases = [
        (table["target_kind"] == "monitor_only") | why.isin(["case_by_case", "one_seat"]),
        unseen & why.isin(NOT_SEEN),
        state != "attained",
        is_number & (side != 0) & ~at_limit & [i.unit != "count" for i in indicators],
    ]
    proposal = np.select(cases, ["watch", "secure_data", "carry_over", "raise"], "consolidate")
    goals = [";".join(i.goals) for i in indicators]
    return conform(table.assign(goals=goals, proposal=proposal), DRAFT)


def brief(
    before: pd.DataFrame,
    now: pd.DataFrame,
    items: pd.DataFrame,
    plan: Plan,
    *,
    since: str,
    until: str,
) -> pd.DataFrame:
    """Return what a meeting has to know of the time since the last one.

    ``items``: the register: at least ``item, indicator, opened, due, closed`` (dates
    ``YYYY-MM-DD``; empty: not yet). ``since, until``: date of the last meeting (exclusive) and of
    this one. Contract ``BRIEF``: targets warned now and not before; yearly indicators whose value
    of the year before ``until`` has not come (where data ever came); items opened by ``until`` and
    not closed by then. Each in the plan's, or the register's, order. Raises `ParameterError` when
    the dates are no dates or not in order. Raises `DataError` when the register lacks a column.
    """
    _check_dates(since, until)
    _need_columns(items, ITEM_COLUMNS)
    before, now = (conform(table, RISKS) for table in (before, now))
    was = before.set_index("indicator")["risk"]
    new = now[now["risk"].isin(WARNED) & ~now["indicator"].map(was).isin(WARNED)]
    yearly = {i.id for i in plan.indicators if i.frequency == "annual"}
    late = now[
        now["indicator"].isin(yearly) & (now["last_year"] < date.fromisoformat(until).year - 1)
    ]
    still = items[
        (items["opened"] <= until) & ((items["closed"] == "") | (items["closed"] > until))
    ]
    parts = [
        new.assign(
            kind="new_warning", before=new["indicator"].map(was).fillna(""), now=new["risk"]
        ),
        late.assign(kind="overdue_data"),
        still.assign(kind="open_problem"),
    ]
    table = pd.concat([part.reindex(columns=BRIEF.names) for part in parts], ignore_index=True)
    units = {i.id: ";".join(i.lead_units) for i in plan.indicators}
    table["units"] = table["indicator"].map(units)
    return conform(table, BRIEF)


def _check_dates(since: str, until: str) -> None:
    try:
        ordered = date.fromisoformat(since) <= date.fromisoformat(until)
    except ValueError:
        ordered = False
    if not ordered:
        raise ParameterError.of(
            f"起止日期为 {since}、{until}，应写成年-月-日，且起不晚于止。",
            f"The dates are {since} and {until}; write year-month-day, the first not after "
            "the second.",
        )


def _need_columns(items: pd.DataFrame, names: tuple[str, ...]) -> None:
    absent = [name for name in names if name not in items]
    problems = [_problem("missing_column.register", "register", None, name) for name in absent]
    if problems:
        raise DataError.of("督办台账不能使用", "The register cannot be used", problems)
