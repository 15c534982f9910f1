"""The warning register (预警督办台账): opened by a round, answered by the unit, closed by a later round on evidence."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd

from wdp_lib.assessment.scheme import LEVELS
from wdp_lib.assessment.warning.tables import WARNINGS
from wdp_lib.core.columns import conform
from wdp_lib.core.errors import Problem, Text
from wdp_lib.plan import Plan
from wdp_lib.supervision.record_contracts import ANSWERS, OPENED
from wdp_lib.supervision.tables import REGISTER, REGISTER_CHANGES

OPENING_LEVELS = ("red", "orange", "yellow")
ANSWER_DAYS = 30
_WANTED = {"hard_to_reach": "catch_up", "volatile": "explain_swings", "data": "return_data"}
_INSPECTION = "inspection"
_NO_FIGURE_CLEARS = (
    "stays_on_record"  # only evidence can close it: the year that was lost stays lost
)


def update_register(
    register: pd.DataFrame,
    warned: pd.DataFrame,
    plan: Plan,
    *,
    round: str,
    as_of: str,
    answers: pd.DataFrame | None = None,
    levels: tuple[str, ...] = OPENING_LEVELS,
    answer_days: int = ANSWER_DAYS,
) -> tuple[pd.DataFrame, list[Problem]]:
    """Carry the register into a round: new warnings are opened, open ones keep their place with their new colour.

    An item stays open until a later round closes it. A closing is refused without evidence, in the round that opened the item, and
    in a round in which the rule still fires (except where only evidence can clear it). A rule that fires again after its item was
    closed opens a new item.

    Parameters
    ----------
    register : pandas.DataFrame
        Items opened so far: the record `warnings.csv` or a register of an earlier round.
    warned : pandas.DataFrame
        Warning list of this round (contract ``WARNINGS``).
    plan : Plan
        Goals and units of the indicators.
    round : str
        Name of the round, e.g. ``"2024"``; part of the identifiers of the items it opens.
    as_of : str
        Day of the round (``YYYY-MM-DD``); what was opened or written later is left out.
    answers : pandas.DataFrame, optional
        The record `answers.csv`: answers and closings.
    levels : tuple of str
        Colours of which an item is opened.
    answer_days : int
        Days a unit has for its answer.

    Returns
    -------
    tuple of (pandas.DataFrame, list of Problem)
        One row an item (contract ``REGISTER``), the oldest first, then in the order of the warning list; and every answer that was
        refused.

    Raises
    ------
    WdpError
        When a table does not obey its contract.
    """
    opened = conform(register, OPENED.table)
    opened = opened[opened["opened_on"] <= as_of]
    said, lines = _said(answers, as_of)
    fired = conform(warned, WARNINGS)
    former = _closings(opened, said[said["round"] != round], {})
    standing = opened[~opened["warning"].isin(former)]
    new = _opened(fired[fired["level"].isin(levels)], standing, plan, round, as_of, answer_days)
    items = pd.concat([opened, new[~new["warning"].isin(opened["warning"])]], ignore_index=True)
    rechecks = {row["warning"]: _recheck(row, fired, round) for row in items.to_dict("records")}
    closed = former | _closings(items, said[said["round"] == round], rechecks)
    rows = [
        _item(row, said, closed, rechecks[row["warning"]], as_of)
        for row in items.to_dict("records")
    ]
    problems = _refusals(items, said, closed, rechecks, lines, round)
    return conform(pd.DataFrame(rows, columns=REGISTER.names), REGISTER), problems


def _said(answers: pd.DataFrame | None, as_of: str) -> tuple[pd.DataFrame, pd.Series]:
    """Return the answers known on the day, the oldest first, and the line of each in its file."""
    if answers is None:
        answers = pd.DataFrame(columns=ANSWERS.table.names)
    said = conform(answers, ANSWERS.table)
    lines = pd.Series(
        answers["row"].to_numpy() if "row" in answers else np.arange(len(said)) + 2,
        said.index,
        dtype=object,
    )
    said = said[said["date"] <= as_of].sort_values("date", kind="stable")
    return said, lines


def _opened(
    fired: pd.DataFrame,
    standing: pd.DataFrame,
    plan: Plan,
    round: str,
    as_of: str,
    answer_days: int,
) -> pd.DataFrame:
    open_already = set(zip(standing["indicator"], standing["rule"], strict=True))
    due = (datetime.date.fromisoformat(as_of) + datetime.timedelta(answer_days)).isoformat()
    rows = [
        {
            **{name: row[name] for name in OPENED.table.names if name in row},
            "warning": f"{row['indicator']}-{round}-{row['rule']}",
            "goals": ";".join(plan.indicator(row["indicator"]).goals),
            "round": round,
            "opened_on": as_of,
            "wanted": _WANTED[row["axis"]],
            "due": due,
            "note": "",
        }
        for row in fired.to_dict("records")
        if (row["indicator"], row["rule"]) not in open_already
    ]
    return conform(pd.DataFrame(rows, columns=OPENED.table.names), OPENED.table)


def _recheck(item: dict, fired: pd.DataFrame, round: str) -> tuple[str, str, float]:
    """Return what the round says of an item: result, colour and figure."""
    own = fired[fired["indicator"] == item["indicator"]]
    same = own[own["rule"] == item["rule"]]
    if len(same):
        return (
            ("" if item["round"] == round else "still_warned"),
            same["level"].iloc[0],
            same["figure"].iloc[0],
        )
    if item["rule"] == _INSPECTION or item["round"] == round:
        return "", "", np.nan
    blind = own["rule"].isin(["no_data", "stale", "estimates_only"]).any()
    return ("not_assessable" if blind else "no_longer_warned"), "", np.nan


def _closings(
    items: pd.DataFrame, said: pd.DataFrame, rechecks: dict[str, tuple]
) -> dict[str, dict]:
    """Return the closing that counts of each item that is closed; the first one that nothing speaks against."""
    known = {row["warning"]: row for row in items.to_dict("records")}
    closed: dict[str, dict] = {}
    for row in said[said["kind"] == "close"].to_dict("records"):
        item = known.get(row["warning"])
        if item is not None and not _refusal(row, item, rechecks.get(row["warning"])):
            closed.setdefault(row["warning"], row)
    return closed


def _refusal(closing: dict, item: dict, recheck: tuple | None) -> str:
    if not closing["evidence"].strip():
        return "closing_without_evidence"
    if closing["round"] in ("", item["round"]) or closing["date"] <= item["opened_on"]:
        return "closing_in_same_round"
    only_evidence = item["clears_when"] == _NO_FIGURE_CLEARS or item["rule"] == _INSPECTION
    if recheck and recheck[0] in ("still_warned", "not_assessable") and not only_evidence:
        return "closing_while_warned"
    return ""


def _item(
    item: dict, said: pd.DataFrame, closed: dict[str, dict], recheck: tuple, as_of: str
) -> dict:
    own = said[said["warning"] == item["warning"]]
    answered = own[own["kind"] == "answer"].tail(1).to_dict("records")
    answer, closing = (answered[0] if answered else {}), closed.get(item["warning"], {})
    result, level, figure = recheck
    return {
        **item,
        "level_now": level,
        "figure_now": figure,
        "recheck": result,
        "rechecked_on": as_of if result else "",
        "answer": answer.get("text", ""),
        "answered_on": answer.get("date", ""),
        "closed_on": closing.get("date", ""),
        "closed_round": closing.get("round", ""),
        "evidence": closing.get("evidence", ""),
        "state": _state(item, answer, closing, result, as_of),
    }


def _state(item: dict, answer: dict, closing: dict, result: str, as_of: str) -> str:
    if closing:
        return "closed"
    if result == "no_longer_warned":
        return "cleared"
    if answer:
        return "answered"
    return "overdue" if item["due"] < as_of else "open"


_EXPECTED = {
    "closing_without_evidence": (
        "evidence",
        Text("佐证材料的名称或文号", "the title or number of a document"),
        Text(
            "请补充佐证材料；在此之前该事项不予销号。",
            "Name the evidence; until then the item stays open.",
        ),
    ),
    "closing_in_same_round": (
        "round",
        Text("立项之后的轮次和日期", "a round and a day after the opening"),
        Text("请在下一轮监测复核后销号。", "Close it after the next round has looked at it again."),
    ),
    "closing_while_warned": (
        "kind",
        Text("本轮复核不再触发预警", "a round in which it is no longer warned"),
        Text("该事项继续挂账督办。", "The item is carried over."),
    ),
    "unknown_warning": (
        "warning",
        Text("台账中的督办编号", "an item of the register"),
        Text("请核对编号。", "Check the identifier."),
    ),
}


def _refusals(
    items: pd.DataFrame,
    said: pd.DataFrame,
    closed: dict[str, dict],
    rechecks: dict[str, tuple],
    lines: pd.Series,
    round: str,
) -> list[Problem]:
    known = {row["warning"]: row for row in items.to_dict("records")}
    problems = []
    for place, row in said.iterrows():
        item, rule = known.get(row["warning"]), ""
        if item is None:
            rule = "unknown_warning"
        elif row["kind"] == "close" and row["warning"] not in closed:
            rule = _refusal(row, item, rechecks[row["warning"]] if row["round"] == round else None)
        if rule:
            column, expected, advice = _EXPECTED[rule]
            found = row[column] if row[column] else Text("空白", "nothing")
            problems.append(
                Problem(rule, ANSWERS.file, int(lines[place]), column, found, expected, advice)
            )
    return sorted(problems, key=lambda problem: problem.row or 0)


def new_warnings(register: pd.DataFrame, round: str) -> pd.DataFrame:
    """Return the items a round opened as rows of the record `warnings.csv`, for `wdp_lib.data.records.append_records`."""
    table = conform(register, REGISTER)
    return conform(table[table["round"] == round], OPENED.table)


def open_items(register: pd.DataFrame, unit: str = "") -> pd.DataFrame:
    """Return the items that are not closed (contract ``REGISTER``), of one unit where one is given."""
    table = conform(register, REGISTER)
    own = table["units"].str.split(";").map(lambda units: not unit or unit in units).astype(bool)
    return table[(table["state"] != "closed") & own].reset_index(drop=True)


def overdue_items(register: pd.DataFrame) -> pd.DataFrame:
    """Return the items whose answer is overdue (contract ``REGISTER``)."""
    table = conform(register, REGISTER)
    return table[table["state"] == "overdue"].reset_index(drop=True)


def changes_since(register: pd.DataFrame, since: str, *, until: str) -> pd.DataFrame:
    """List what happened in the register between two days, for the brief of a meeting.

    Parameters
    ----------
    register : pandas.DataFrame
        The register (contract ``REGISTER``).
    since, until : str
        Days (``YYYY-MM-DD``); what happened on ``since`` itself belongs to the last meeting.

    Returns
    -------
    pandas.DataFrame
        One row an event (contract ``REGISTER_CHANGES``), by date. An item became overdue on its last day without an answer.

    Raises
    ------
    WdpError
        When the table does not obey its contract.
    """
    rows = [
        {
            **{name: item[name] for name in ("warning", "indicator", "units")},
            "change": change,
            "date": date,
        }
        for item in conform(register, REGISTER).to_dict("records")
        for change, date in _events(item, until)
        if since < date <= until
    ]
    table = conform(pd.DataFrame(rows, columns=REGISTER_CHANGES.names), REGISTER_CHANGES)
    return table.sort_values("date", kind="stable").reset_index(drop=True)


def _events(item: dict, until: str) -> list[tuple[str, str]]:
    events = [
        ("opened", item["opened_on"]),
        ("answered", item["answered_on"]),
        ("closed", item["closed_on"]),
    ]
    late = item["answered_on"] > item["due"] if item["answered_on"] else item["due"] < until
    if late and not (item["closed_on"] and item["closed_on"] <= item["due"]):
        events.append(("became_overdue", item["due"]))
    strength = {level: place for place, level in enumerate(LEVELS)}
    now, before = (
        strength.get(item["level_now"], len(LEVELS)),
        strength.get(item["level"], len(LEVELS)),
    )
    closed_before = item["closed_on"] and item["closed_on"] < item["rechecked_on"]
    if (
        item["recheck"] in ("still_warned", "no_longer_warned")
        and now != before
        and not closed_before
    ):
        events.append(("worse" if now < before else "better", item["rechecked_on"]))
    return [(change, date) for change, date in events if date]


def register_items(register: pd.DataFrame) -> pd.DataFrame:
    """Return the register under the names that the next stage and the brief of a meeting know (item, opened, closed)."""
    table = conform(register, REGISTER)
    return table.rename(columns={"warning": "item", "opened_on": "opened", "closed_on": "closed"})
