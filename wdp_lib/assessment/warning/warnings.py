"""Early warning (监测预警): which rule fired for which promise, by how much, and what would clear it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from wdp_lib.assessment.risk.case import collect
from wdp_lib.assessment.scheme import LEVELS, Scheme, load_scheme
from wdp_lib.assessment.warning.rules import AXES, Facts, Triggered
from wdp_lib.assessment.warning.tables import CHANGES, CLASSES, WARNINGS
from wdp_lib.core.columns import FORECASTS, OBSERVATIONS, RISKS, conform
from wdp_lib.data import current
from wdp_lib.plan import Plan


def warnings(
    risks: pd.DataFrame,
    observations: pd.DataFrame,
    plan: Plan,
    *,
    scheme: Scheme | None = None,
    earlier: Sequence[pd.DataFrame] = (),
) -> pd.DataFrame:
    """List every rule of early warning that fired: hard to reach, strongly fluctuating, and weak data as a warning of its own.

    The three stand side by side and are never averaged. Spread that binomial or Poisson sampling explains fires no rule of
    fluctuation. A promise without data, with old data or with estimates alone is grey, neither good nor bad.

    Parameters
    ----------
    risks : pandas.DataFrame
        Risk table (contract ``RISKS``) of this run.
    observations : pandas.DataFrame
        The observations it was made from (contract ``OBSERVATIONS``).
    plan : Plan
        The promises.
    scheme : Scheme, optional
        Thresholds and colours; ``data/schemes/default.yaml`` unless given.
    earlier : sequence of pandas.DataFrame, optional
        Archived risk tables of earlier runs, the oldest first, for changes of the verdict; without them that rule cannot fire.

    Returns
    -------
    pandas.DataFrame
        One row an indicator and rule (contract ``WARNINGS``), in the plan's order, within it by axis; no row where nothing fired.
        ``figure`` and ``threshold`` have the unit of the rule: a probability of missing, a value of the indicator, a number of
        changes, or a year. The colour of a promise with two edges stands on falling short alone, its figure is the
        probability of missing either edge.

    Raises
    ------
    WdpError
        When a table does not obey its contract.
    """
    scheme = scheme or load_scheme()
    table = conform(risks, RISKS).set_index("indicator", drop=False)
    histories = [conform(old, RISKS).set_index("indicator")["state"].to_dict() for old in earlier]
    used = current(conform(observations, OBSERVATIONS))
    newest = int(used["year"].max()) if len(used) else plan.baseline_year
    no_forecast = pd.DataFrame(columns=FORECASTS.names)
    rows = []
    for case in collect(no_forecast, used, plan, newest, scheme):
        risk = table.loc[case.indicator.id]
        seen = [states[risk["indicator"]] for states in histories if risk["indicator"] in states]
        facts = Facts(case, risk, (*seen, risk["state"]), newest)
        rows += [_row(facts, fired) for axis in AXES for fired in axis(facts)]
    return conform(pd.DataFrame(rows, columns=WARNINGS.names), WARNINGS)


def _row(facts: Facts, fired: Triggered) -> dict:
    risk, level = facts.risk, fired.level or facts.scheme.rule_levels[fired.rule]
    needed = facts.needed_change if fired.axis == "hard_to_reach" else np.nan
    words = facts.scheme.levels[level]
    return {
        "indicator": risk["indicator"],
        "area": risk["area"],
        "axis": fired.axis,
        "rule": fired.rule,
        "level": level,
        "level_zh": words.zh,
        "level_en": words.en,
        "figure": fired.figure,
        "threshold": fired.threshold,
        "clears_when": fired.clears_when,
        "clears_at": fired.clears_at,
        "needed_next": risk["last_value"] + needed,
        "last_year": risk["last_year"],
        "last_value": risk["last_value"],
        "grade": risk["grade"],
        "units": ";".join(facts.case.indicator.lead_units),
        "source": risk["source"],
        "simulated": risk["simulated"],
    }


def warned_level(warned: pd.DataFrame, *, axis: str = "hard_to_reach") -> pd.Series:
    """Return the strongest colour of each indicator on one axis of the warning list, as a series by indicator."""
    rows = warned[warned["axis"] == axis]
    strongest = rows["level"].map(LEVELS.index).groupby(rows["indicator"], sort=False).min()
    return strongest.map(lambda place: LEVELS[place])


def class_changes(risks: pd.DataFrame, earlier: pd.DataFrame) -> pd.DataFrame:
    """List the promises whose class or state is not what it was in the last run.

    Parameters
    ----------
    risks, earlier : pandas.DataFrame
        Risk tables (contract ``RISKS``) of this run and of the last one.

    Returns
    -------
    pandas.DataFrame
        One row a promise that changed (contract ``CHANGES``), the worsened first; indicators that only one run has are left out.

    Raises
    ------
    WdpError
        When a table does not obey its contract.
    """
    columns = ["indicator", "risk", "p_meet", "state", "last_year"]
    before = conform(earlier, RISKS)[columns].rename(columns={"p_meet": "p"}).add_suffix("_before")
    both = conform(risks, RISKS)[columns].merge(
        before, left_on="indicator", right_on="indicator_before"
    )
    changed = both[(both["risk"] != both["risk_before"]) | (both["state"] != both["state_before"])]
    kinds = [
        _change(old, new) for old, new in zip(changed["risk_before"], changed["risk"], strict=True)
    ]
    order = pd.Series(kinds, changed.index, dtype="object").map(CHANGES.columns[1].allowed.index)
    changed = changed.assign(change=kinds).loc[order.sort_values(kind="stable").index]
    return conform(changed, CHANGES)


def _change(before: str, now: str) -> str:
    if before == now:
        return "verdict_only"
    if before == "not_graded":
        return "newly_graded"
    if now == "not_graded":
        return "no_longer_graded"
    return "worse" if CLASSES.index(now) < CLASSES.index(before) else "better"
