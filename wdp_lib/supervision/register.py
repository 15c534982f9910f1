"""The warning register (预警督办台账): opened by a round, answered, closed later on evidence."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd

from wdp_lib.assessment.scheme import WARNED
from wdp_lib.assessment.warning import WARNINGS
from wdp_lib.core.columns import conform
from wdp_lib.core.errors import Problem, Text
from wdp_lib.core.problems import templates
from wdp_lib.evaluation.verdicts import file_lines
from wdp_lib.plan import Plan
from wdp_lib.supervision.tables import ANSWERS, OPENED, REGISTER

ANSWER_DAYS = 30
_WANTED = {"hard_to_reach": "catch_up", "volatile": "explain_swings", "data": "return_data"}
_BLIND = ("no_data", "stale", "estimates_only")
_PAIR = ["indicator", "rule"]
_OF_ITEM = ["opened_in", "opened_on", "recheck", "evidence_only"]
_problem = templates(__file__)
# what speaks against an answer: the column found wrong
_REFUSED = {
    "unknown_warning": "warning",
    "closing_without_evidence": "evidence",
    "closing_in_same_round": "round",
    "closing_while_warned": "kind",
}


def update_register(
    register: pd.DataFrame,
    warned: pd.DataFrame,
    plan: Plan,
    *,
    round: str,
    as_of: str,
    answers: pd.DataFrame | None = None,
    risks: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Carry the register into a round: new warnings are opened, open ones keep their place.

    An item stays open until a later round closes it. A closing is refused (`refused_answers`)
    without evidence, in the round that opened the item, and in a round in which the rule is still
    triggered (except where only evidence can clear it). A rule triggered again after its item was
    closed opens a new item.

    Parameters
    ----------
    warned : pandas.DataFrame
        Warning list of this round (contract ``WARNINGS``).
    round : str
        Name of the round, e.g. ``"2024"``; part of the identifiers of the items it opens.
    as_of : str
        Day of the round (``YYYY-MM-DD``); what was opened or written later is left out.
    answers : pandas.DataFrame, optional
        The record `answers.csv`: answers and closings.
    risks : pandas.DataFrame, optional
        Risk table of this round: swings of what is a success (`is_success`) open no item.

    Returns
    -------
    pandas.DataFrame
        One row an item (contract ``REGISTER``), the oldest first, then in the order of the warning
        list.
    """
    opened, triggered = conform(register, OPENED.table), conform(warned, WARNINGS)
    opened = opened[opened["opened_on"] <= as_of]
    said = _said(answers, as_of)
    elsewhere = said[said["round"] != round]
    closed = _judged(elsewhere, _rechecked(opened, triggered, round), round)["refusal"] == ""
    closed = elsewhere.loc[closed & (elsewhere["kind"] == "close"), "warning"]
    standing = opened[~opened["warning"].isin(closed)]
    new = triggered[triggered["level"].isin(WARNED)]
    if risks is not None:
        new = new[(new["axis"] != "volatile") | ~is_success(new["indicator"], risks)]
    due = datetime.date.fromisoformat(as_of) + datetime.timedelta(ANSWER_DAYS)
    pairs = pd.MultiIndex.from_frame(standing[_PAIR])
    new = new[~pd.MultiIndex.from_frame(new[_PAIR]).isin(pairs)]
    new = conform(
        new.assign(
            warning=new["indicator"] + f"-{round}-" + new["rule"],
            goals=new["indicator"].map({i.id: ";".join(i.goals) for i in plan.indicators}),
            wanted=new["axis"].map(_WANTED),
            **{"round": round, "opened_on": as_of, "due": due.isoformat(), "note": ""},
        ),
        OPENED.table,
    )
    items = pd.concat([opened, new[~new["warning"].isin(opened["warning"])]], ignore_index=True)
    items = _rechecked(items, triggered, round)
    return conform(_with_answers(items, _judged(said, items, round), as_of), REGISTER)


def is_success(indicators: pd.Series, risks: pd.DataFrame) -> pd.Series:
    """Say of which indicators the target is attained, or safely within reach.

    That such a series swings, as from 5.7 to 68.2, is not to be supervised; the chance that it
    swings back is part of the probability.
    """
    safe = risks.loc[risks["risk"] == "clear", "indicator"]
    return indicators.isin(safe)


def refused_answers(
    answers: pd.DataFrame, register: pd.DataFrame, *, round: str, as_of: str
) -> list[Problem]:
    """Return what speaks against answers known on a day; what was closed all the same is left out.

    ``register`` is what `update_register` made of the same answers, round and day.
    """
    items = conform(register, REGISTER)
    said = _judged(_said(answers, as_of), items.assign(evidence_only=_evidence_only(items)), round)
    closed = said.loc[(said["kind"] == "close") & (said["refusal"] == ""), "warning"]
    wrong = said[(said["refusal"] != "") & ~said["warning"].isin(closed)]
    problems = []
    for row in wrong.sort_values("line", kind="stable").to_dict("records"):
        column = _REFUSED[row["refusal"]]
        found = row[column] or Text("空白", "nothing")
        problems.append(_problem(row["refusal"], ANSWERS.file, row["line"], column, found=found))
    return problems


def _said(answers: pd.DataFrame | None, as_of: str) -> pd.DataFrame:
    """Return the answers known on the day, the oldest first, with the line of each in its file."""
    if answers is None:
        answers = pd.DataFrame(columns=ANSWERS.table.names)
    said = conform(answers, ANSWERS.table).assign(line=file_lines(answers))
    said = said[said["date"] <= as_of].sort_values("date", kind="stable")
    return said.reset_index(drop=True)


def _rechecked(items: pd.DataFrame, triggered: pd.DataFrame, round: str) -> pd.DataFrame:
    now = triggered.drop_duplicates(_PAIR).set_index(_PAIR)[["level", "figure"]]
    items = items.join(now.rename(columns="{}_now".format), on=_PAIR)
    same_round = items["round"] == round
    blind = triggered.loc[triggered["rule"].isin(_BLIND), "indicator"]
    cases = {
        "still_warned": items["level_now"].notna() & ~same_round,
        "": items["level_now"].notna() | (items["rule"] == "inspection") | same_round,
        "not_assessable": items["indicator"].isin(blind),
    }
    return items.assign(
        recheck=np.select(list(cases.values()), list(cases), "no_longer_warned"),
        level_now=items["level_now"].fillna(""),
        evidence_only=_evidence_only(items),
    )


def _evidence_only(items: pd.DataFrame) -> pd.Series:
    # the year that was lost stays lost: no figure can clear it
    return (items["rule"] == "inspection") | (items["clears_when"] == "stays_on_record")


def _judged(said: pd.DataFrame, items: pd.DataFrame, round: str) -> pd.DataFrame:
    """Add ``refusal`` to each answer: what speaks against it, or empty."""
    known = items.rename(columns={"round": "opened_in"}).set_index("warning")[_OF_ITEM]
    said, closing = said.join(known, on="warning"), said["kind"] == "close"
    warned = said["recheck"].isin(["still_warned", "not_assessable"])
    same = said["round"].isin([""]) | (said["round"] == said["opened_in"])
    cases = {
        "unknown_warning": said["opened_on"].isna(),
        "closing_without_evidence": closing & (said["evidence"].str.strip() == ""),
        "closing_in_same_round": closing & (same | (said["date"] <= said["opened_on"].fillna(""))),
        "closing_while_warned": closing
        & (said["round"] == round)
        & warned
        & said["evidence_only"].isin([False]),
    }
    return said.assign(refusal=np.select(list(cases.values()), list(cases), ""))


def _with_answers(items: pd.DataFrame, said: pd.DataFrame, as_of: str) -> pd.DataFrame:
    answers, closings = (
        said[(said["kind"] == kind) & (said["refusal"] == "")]
        .drop_duplicates("warning", keep=keep)
        .set_index("warning")
        for kind, keep in (("answer", "last"), ("close", "first"))
    )
    filled = {
        **{"answer": answers["text"], "answered_on": answers["date"]},
        **{"closed_on": closings["date"], "closed_round": closings["round"]},
        "evidence": closings["evidence"],
    }
    items = items.assign(
        rechecked_on=np.where(items["recheck"] == "", "", as_of),
        **{name: c.reindex(items["warning"]).fillna("").array for name, c in filled.items()},
    )
    states = {
        "closed": items["closed_on"] != "",
        "cleared": items["recheck"] == "no_longer_warned",
        "answered": items["answered_on"] != "",
        "overdue": items["due"] < as_of,
    }
    return items.assign(state=np.select(list(states.values()), list(states), "open"))


def open_items(register: pd.DataFrame, unit: str = "") -> pd.DataFrame:
    """Return the items that are not closed (contract ``REGISTER``), of one unit where given."""
    table = conform(register, REGISTER)
    own = [not unit or unit in units.split(";") for units in table["units"]]
    return table[(table["state"] != "closed") & np.array(own, bool)].reset_index(drop=True)


def register_items(register: pd.DataFrame) -> pd.DataFrame:
    """Return the register under the names that the next stage and the brief of a meeting know."""
    table = conform(register, REGISTER)
    return table.rename(columns={"warning": "item", "opened_on": "opened", "closed_on": "closed"})
