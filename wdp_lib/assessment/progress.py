"""The descriptive panel: what published methods say of each indicator, and whether they agree."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.assessment.case import Case, Collected
from wdp_lib.assessment.measures import (
    MEASURES,
    SIDE_OF_CLASS,
    Finding,
    figure,
    findings,
    trajectory_of,
)
from wdp_lib.assessment.scheme import Scheme, load_scheme
from wdp_lib.core.columns import OBSERVATIONS, RISKS, Contract, conform
from wdp_lib.core.dates import data_year
from wdp_lib.data import current
from wdp_lib.plan import Plan

_OF_RISK = ["indicator", "forecast_lower", "forecast_upper", "target_year", "p_meet"]
_OF_RISK += ["risk", "reason", "simulated"]
FORECAST = "forecast"  # a measure of the panel beside those of others

PROGRESS = Contract(
    "progress",
    """
    indicator measure value unit class side first_year last_year baseline_origin trace reason
    methods_disagree simulated
    """,
)

PROGRESS_SUMMARY = Contract(
    "progress_summary",
    "indicator on_track off_track methods_disagree first_year last_year reason simulated",
)


def progress_panel(
    observations: pd.DataFrame,
    plan: Plan,
    *,
    as_of: str,
    risks: pd.DataFrame | None = None,
    scheme: Scheme | None = None,
) -> pd.DataFrame:
    """Describe the progress of every indicator by measures that others publish.

    Nothing here decides: state, risk and verdict are made without this table. The plan sets no
    milestone; the share of time that has passed and the pace against it are an aid, as is every
    class of the panel.

    Parameters
    ----------
    observations : pandas.DataFrame
        Observation table (contract ``OBSERVATIONS``) known at the cut-off; used rows that are no
        estimates count.
    as_of : str
        Cut-off date ``YYYY-MM-DD``.
    risks : pandas.DataFrame, optional
        Risk table (contract ``RISKS``); with it the forecast has a row of its own and takes part in
        the comparison.

    Returns
    -------
    pandas.DataFrame
        Contract ``PROGRESS``: one row for each indicator and measure, in the plan's order, none
        left out. A row without value has a ``reason``: monitor_only, no_data, estimates_only,
        before_plan, zero_denominator, no_baseline, not_a_level (a target of slopes or of the
        smaller areas), moving_target, target_not_a_number, baseline_meets_target, target_met,
        past_target_year, not_annual, not_positive, at_limit, too_few_points. A row with a value and
        the reason stale or too_few_events is shown without a class. A target met at the baseline
        and now has a class and no value. ``unit`` of a yearly change is the indicator's own, a
        year.

    Raises
    ------
    ParameterError
        When ``as_of`` is not a date.

    Notes
    -----
    Sources of the formulas stand in ``formulas``. On track say: pace_ratio ahead; open_sdg achieved
    or substantial; un_chart met or on_track; escap_anticipated will_meet; forecast clear or blue
    (orange and red say off, yellow neither). The current status index says how far, not whether in
    time: it takes no side. Methods disagree when two take different sides.
    """
    year = data_year(as_of)
    used = current(conform(observations, OBSERVATIONS))
    known = [] if risks is None else conform(risks, RISKS)[_OF_RISK].to_dict("records")
    graded = {row["indicator"]: row for row in known}
    cases = Collected(used, plan, areas=[plan.area]).cases(plan, year, scheme or load_scheme())
    rows = [row for case in cases for row in _rows(case, plan, graded.get(case.indicator.id))]
    return conform(pd.DataFrame(rows, columns=PROGRESS.names), PROGRESS)


def _rows(case: Case, plan: Plan, risk: dict | None) -> list[tuple]:
    path, reason = trajectory_of(case)
    hole = Finding(np.nan, reason=reason)
    found = dict.fromkeys(MEASURES, hole) if path is None else findings(path)
    simulated = bool(case.series["simulated"].any())
    if risk is not None:
        found[FORECAST] = _forecast(risk)
        simulated |= risk["simulated"]
    # what a class says: on track, off track, or neither
    sides = {code: SIDE_OF_CLASS.get(code, {}).get(one.name, "") for code, one in found.items()}
    name, origin = case.indicator.id, plan.baseline_origin
    years = (None, None) if path is None else (path.first_year, path.last_year)
    apart = {"on_track", "off_track"} <= set(sides.values())
    return [
        (name, code, value, unit, said, sides[code], *years, origin, trace, why, apart, simulated)
        for code, (value, unit, trace, said, why) in found.items()
    ]


def _forecast(risk: dict) -> Finding:
    """Row of the forecast, so that the methods can be compared with it."""
    if np.isnan(risk["p_meet"]):
        return Finding(np.nan, reason=risk["reason"])
    interval = f"{figure(risk['forecast_lower'])}–{figure(risk['forecast_upper'])}"
    trace = f"80% ({risk['target_year']}): {interval}; p = {figure(risk['p_meet'], 3)}"
    name = risk["risk"] if risk["risk"] != "not_graded" else ""
    return Finding(risk["p_meet"], "share", trace, name, risk["reason"])


def progress_summary(panel: pd.DataFrame) -> pd.DataFrame:
    """Say in one row an indicator which methods find it on track and which do not.

    ``on_track`` and ``off_track`` hold the measures separated by ``;``; where no method takes a
    side, ``reason`` says why Open SDG, which alone knows targets with and without a number, does
    not (contract ``PROGRESS_SUMMARY``).
    """
    table = conform(panel, PROGRESS)
    first = table.drop_duplicates("indicator").set_index("indicator")
    for side in ("on_track", "off_track"):
        said = table[table["side"] == side].groupby("indicator")["measure"].agg(";".join)
        first[side] = said.reindex(first.index, fill_value="")
    why = table[table["measure"] == "open_sdg"].set_index("indicator")["reason"]
    sides = (first["on_track"] != "") | (first["off_track"] != "")
    return conform(first.assign(reason=why.mask(sides, "")).reset_index(), PROGRESS_SUMMARY)
