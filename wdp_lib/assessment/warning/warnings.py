"""Early warning (监测预警): which rule is triggered for which target, and what clears it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from wdp_lib.assessment.risk.case import Collected
from wdp_lib.assessment.scheme import CLASSES, Scheme, load_scheme
from wdp_lib.assessment.warning.rules import HARD, RULES, Facts, Triggered, triggered
from wdp_lib.assessment.warning.tables import CHANGES, WARNINGS
from wdp_lib.core.columns import OBSERVATIONS, RISKS, conform
from wdp_lib.data import current
from wdp_lib.plan import Plan

_OF_RISK = ("indicator", "area", "last_year", "last_value", "grade", "source", "simulated")
_CHANGES = ("worse", "better", "newly_graded", "no_longer_graded", "verdict_only")


def warnings(
    risks: pd.DataFrame,
    observations: pd.DataFrame,
    plan: Plan,
    *,
    scheme: Scheme | None = None,
    earlier: Sequence[pd.DataFrame] = (),
) -> pd.DataFrame:
    """List every triggered rule of early warning: hard to reach, fluctuating, weak data.

    The three stand side by side and are never averaged. Spread that binomial or Poisson sampling
    explains triggers no rule of fluctuation. A target without data, with old data or with estimates
    alone is grey, neither good nor bad.

    Parameters
    ----------
    risks : pandas.DataFrame
        Risk table (contract ``RISKS``) of this round.
    observations : pandas.DataFrame
        The observations it was made from (contract ``OBSERVATIONS``).
    scheme : Scheme, optional
        Thresholds and colours; ``data/schemes/default.yaml`` unless given.
    earlier : sequence of pandas.DataFrame, optional
        Archived risk tables of earlier rounds, the oldest first, for changes of the verdict;
        without them that rule cannot be triggered.

    Returns
    -------
    pandas.DataFrame
        One row an indicator and rule (contract ``WARNINGS``), in the plan's order, within it by
        axis. ``figure`` and ``threshold`` have the unit of the rule: a probability of missing, a
        value of the indicator, a number of changes, or a year. The colour of a target with two
        edges stands on falling short alone, its figure is the probability of missing either edge.

    Raises
    ------
    WdpError
        When a table does not obey its contract.
    """
    scheme = scheme or load_scheme()
    table = {row["indicator"]: row for row in conform(risks, RISKS).to_dict("records")}
    states = [
        dict(zip(old["indicator"], old["state"], strict=True))
        for old in (conform(table, RISKS) for table in earlier)
    ]
    used = current(conform(observations, OBSERVATIONS))
    newest = int(used["year"].max()) if len(used) else plan.baseline_year
    rows = []
    for case in Collected(used, plan).cases(plan, newest, scheme):
        name, risk = case.indicator.id, table[case.indicator.id]
        history = (*(old[name] for old in states if name in old), risk["state"])
        facts = Facts(case, risk, history, newest)
        rows += [_row(facts, found) for found in triggered(facts)]
    return conform(pd.DataFrame(rows, columns=WARNINGS.names), WARNINGS)


def _row(facts: Facts, found: Triggered) -> dict:
    risk, scheme = facts.risk, facts.scheme
    axis, clears_when = RULES[found.rule]
    level = scheme.rule_levels.get(found.rule, risk["risk"])
    needed = facts.needed_change if axis == HARD else np.nan
    return {
        **{name: risk[name] for name in _OF_RISK},
        "axis": axis,
        "rule": found.rule,
        "level": level,
        "level_zh": scheme.levels[level].zh,
        "level_en": scheme.levels[level].en,
        "figure": found.figure,
        "threshold": found.threshold,
        "clears_when": clears_when,
        "clears_at": found.clears_at,
        "needed_next": risk["last_value"] + needed,
        "units": ";".join(facts.case.indicator.lead_units),
    }


def class_changes(risks: pd.DataFrame, earlier: pd.DataFrame) -> pd.DataFrame:
    """List the targets whose class or state is not what it was in the last round.

    Parameters
    ----------
    risks, earlier : pandas.DataFrame
        Risk tables (contract ``RISKS``) of this round and of the last one.

    Returns
    -------
    pandas.DataFrame
        One row a target that changed (contract ``CHANGES``), the worsened first; indicators that
        only one round has are left out.

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
    was, now = (changed[name].map(CLASSES.index) for name in ("risk_before", "risk"))
    ungraded = CLASSES.index("not_graded")
    kinds = np.select(
        [was == now, was == ungraded, now == ungraded, now < was],
        ["verdict_only", "newly_graded", "no_longer_graded", "worse"],
        "better",
    )
    order = np.argsort([_CHANGES.index(kind) for kind in kinds], kind="stable")
    return conform(changed.assign(change=kinds).iloc[order], CHANGES)
