"""The descriptive panel: what a dozen published methods say of each indicator, and whether they agree."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.assessment.progress.measures import Finding, figure, findings
from wdp_lib.assessment.progress.tables import FORECAST, MEASURES, PROGRESS, PROGRESS_SUMMARY
from wdp_lib.assessment.progress.trajectory import way_of
from wdp_lib.assessment.risk.case import Case, collect
from wdp_lib.assessment.risk.risks import cut_off
from wdp_lib.assessment.scheme import load_scheme
from wdp_lib.core.columns import FORECASTS, OBSERVATIONS, RISKS, conform
from wdp_lib.data import current
from wdp_lib.plan import Plan


def progress_panel(
    observations: pd.DataFrame, plan: Plan, *, as_of: str, risks: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Describe the progress of every indicator by the measures that others publish, each with its calculation.

    Nothing here decides: state, risk and verdict are made without this table. The plan sets no milestone; the share of time that has
    passed and the pace against it are an aid, as is every class of the panel.

    Parameters
    ----------
    observations : pandas.DataFrame
        Observation table (contract ``OBSERVATIONS``) known at the cut-off; used rows that are no estimates count.
    plan : Plan
        The promises.
    as_of : str
        Cut-off date ``YYYY-MM-DD``.
    risks : pandas.DataFrame, optional
        Risk table (contract ``RISKS``); with it the forecast has a row of its own and takes part in the comparison.

    Returns
    -------
    pandas.DataFrame
        Contract ``PROGRESS``: one row for each indicator and measure, in the plan's order, none left out. A row without value has a ``reason``:
        monitor_only, no_data, estimates_only, before_plan, zero_denominator, no_baseline, not_a_level (a promise of slopes or of
        townships), moving_target, target_not_a_number, baseline_meets_target, target_met, past_target_year, not_annual, not_positive, at_limit,
        too_few_points. A row with a value and the reason stale or too_few_events is shown without a class. A promise kept at the baseline
        and now has a class and no value. ``unit`` of a yearly change is the indicator's own, a year.

    Raises
    ------
    ParameterError
        When ``as_of`` is not a date.
    WdpError
        When a table does not obey its contract.

    Notes
    -----
    Sources of the formulas stand in ``progress_formulas`` and ``progress_predictions``. On track say: pace_ratio ahead; open_sdg achieved or
    substantial; un_chart met or on_track; escap_anticipated will_meet; forecast clear or blue (orange and red say off, yellow neither). The
    current status index says how far, not whether in time: it takes no side. Methods disagree when two take different sides.
    """
    data_year = cut_off(as_of).year - 1
    used = current(conform(observations, OBSERVATIONS))
    nothing = conform(pd.DataFrame(columns=FORECASTS.names), FORECASTS)
    cases = collect(nothing, used, plan, data_year, load_scheme())
    graded = (
        {}
        if risks is None
        else {row["indicator"]: row for _, row in conform(risks, RISKS).iterrows()}
    )
    rows = [row for case in cases for row in _rows(case, plan, graded.get(case.indicator.id))]
    return conform(pd.DataFrame(rows, columns=PROGRESS.names), PROGRESS)


def _rows(case: Case, plan: Plan, risk: pd.Series | None) -> list[dict]:
    way, reason = way_of(case)
    hole = [Finding(measure, np.nan, "", reason=reason) for measure in MEASURES]
    found = hole if way is None else findings(way)
    simulated = bool(case.series["simulated"].any())
    if risk is not None:
        found.append(_forecast(risk))
        simulated |= bool(risk["simulated"])
    disagree = {"on_track", "off_track"} <= {one.side for one in found}
    shared = {
        "indicator": case.indicator.id,
        "first_year": None if way is None else way.first_year,
        "last_year": None if way is None else way.last_year,
        "baseline_origin": plan.baseline_origin,
        "methods_disagree": disagree,
        "simulated": simulated,
    }
    return [{**shared, **_columns(one)} for one in found]


def _columns(found: Finding) -> dict:
    return {
        "measure": found.measure,
        "value": found.value,
        "unit": found.unit,
        "class": found.name,
        "side": found.side,
        "trace": found.trace,
        "reason": found.reason,
    }


def _forecast(risk: pd.Series) -> Finding:
    """Row of the forecast, so that the methods can be compared with it."""
    if pd.isna(risk["p_meet"]):
        return Finding(FORECAST, np.nan, "", reason=risk["reason"])
    interval = f"{figure(risk['forecast_lower'])}–{figure(risk['forecast_upper'])}"
    trace = f"80% ({risk['target_year']}): {interval}; p = {figure(risk['p_meet'], 3)}"
    graded = risk["risk"] != "not_graded"
    return Finding(
        FORECAST, risk["p_meet"], "share", trace, risk["risk"] if graded else "", risk["reason"]
    )


def progress_summary(panel: pd.DataFrame) -> pd.DataFrame:
    """Say in one row an indicator which methods find it on track and which do not.

    Parameters
    ----------
    panel : pandas.DataFrame
        Table of `progress_panel` (contract ``PROGRESS``).

    Returns
    -------
    pandas.DataFrame
        Contract ``PROGRESS_SUMMARY``, in the panel's order. ``on_track`` and ``off_track`` hold the measures separated by ``;``; where no method takes a
        side, ``reason`` says why Open SDG, which alone knows promises with and without a number, does not.

    Raises
    ------
    WdpError
        When the panel does not obey its contract.
    """
    table = conform(panel, PROGRESS)
    rows = [_summed(name, rows) for name, rows in table.groupby("indicator", sort=False)]
    return conform(pd.DataFrame(rows, columns=PROGRESS_SUMMARY.names), PROGRESS_SUMMARY)


def _summed(indicator: str, rows: pd.DataFrame) -> dict:
    first = rows.iloc[0]
    sides = {
        side: ";".join(rows.loc[rows["side"] == side, "measure"])
        for side in ("on_track", "off_track")
    }
    reasons = rows.loc[rows["measure"] == "open_sdg", "reason"]
    return {
        "indicator": indicator,
        **sides,
        "reason": "" if any(sides.values()) else reasons.iloc[0],
        **{
            name: first[name]
            for name in ("methods_disagree", "first_year", "last_year", "simulated")
        },
    }
