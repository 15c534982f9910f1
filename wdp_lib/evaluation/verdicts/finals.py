"""The final verdict on each target, set beside what was officially published."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.core.columns import RISKS, conform
from wdp_lib.evaluation.archive.hindcast import check_outcomes
from wdp_lib.evaluation.rounds.tables import FINALS
from wdp_lib.plan import Plan

OUTCOME_OF_STATE = {"attained": "met", "nearly": "not_met", "not_attained": "not_met"}
_OF_DIRECTION = {"kept": "met", "reversed": "not_met", "unchanged": "not_met"}
_UNTESTED = ("direction_not_shown", "too_few_since_baseline")
_PUBLISHED = {"verdict_published": "official", "basis": "official_basis"}


def final_verdicts(
    risks: pd.DataFrame, plan: Plan, outcomes: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return the final verdict on each target and, where it was published, the official one.

    The state is that of the risk table: a target without a value for its target year is not
    assessable, whatever an earlier year says. A target of a direction has a verdict of its own
    besides: the one that the trend (of an elected body, the elections) shows; where the points are
    too few or too unsteady for a test, the value of the target year is compared with the baseline,
    and ``direction_by`` says ``two_points``. For a direction it is this verdict that is set beside
    the official one.

    Returns
    -------
    pandas.DataFrame
        One row for each target, in the plan's order (contract ``FINALS``); indicators that are only
        monitored have none. ``difference`` says why a verdict differs from the official one:
        ``official_on_earlier_year`` (the official verdict rests on a year before the target year),
        ``outcome_not_in_data`` (the published value is not among the observations),
        ``values_differ`` or ``rule_differs``.

    Raises
    ------
    DataError
        When the outcomes lack a column or name an indicator that the plan does not have.
    """
    table = conform(risks, RISKS)
    table = table[table["target_kind"] != "monitor_only"].reset_index(drop=True)
    table[["direction", "direction_by"]] = [
        _direction(row, plan) for row in table.to_dict("records")
    ]
    published = ["outcome_year", "outcome_value", *_PUBLISHED]
    if outcomes is None:
        table = table.assign(**dict.fromkeys(published, np.nan))
    else:
        check_outcomes(outcomes, plan)
        table = table.merge(outcomes[["indicator", *published]], on="indicator", how="left")
    texts = {"official": "unknown", "official_basis": ""}
    table = table.rename(columns=_PUBLISHED).astype(dict.fromkeys(texts, object)).fillna(texts)
    table[["agreement", "difference"]] = [_agreement(row) for row in table.to_dict("records")]
    return conform(table, FINALS)


def _direction(row: dict, plan: Plan) -> tuple[str, str]:
    indicator = plan.indicator(row["indicator"])
    target = indicator.target
    if target.line_from != "baseline":
        return "", ""
    if row["state"] in ("attained", "not_attained"):
        by = "election" if indicator.frequency == "term" else "trend"
        return ("kept" if row["state"] == "attained" else "reversed"), by
    untested = row["state_reason"] in _UNTESTED and target.statistic != "slope"
    if not untested or pd.isna(row["baseline_value"]):
        return "not_known", ""
    before, now = (float(target.measure(row[name])) for name in ("baseline_value", "last_value"))
    if now == before:
        return "unchanged", "two_points"
    return ("kept" if (now - before) * target.improving > 0 else "reversed"), "two_points"


def _agreement(row: dict) -> tuple[str, str]:
    official = row["official"]
    if official not in ("met", "not_met"):
        return "not_compared", ""
    known = _OF_DIRECTION if row["direction"] else OUTCOME_OF_STATE
    own = known.get(row["direction"] or row["state"])
    if own == official:
        return "agrees", ""
    if own is None:
        earlier = row["outcome_year"] < row["target_year"]
        return "differs", "official_on_earlier_year" if earlier else "outcome_not_in_data"
    same = np.isclose(row["outcome_value"], row["last_value"])
    return "differs", "rule_differs" if same else "values_differ"
