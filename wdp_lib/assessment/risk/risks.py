"""The risk table: for each promise its state, its distance, its outlook, and how sure we are."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from wdp_lib.assessment.risk.case import Case, collect
from wdp_lib.assessment.risk.state import dips, judge, probability_not_short, probability_of_promise
from wdp_lib.assessment.risk.volatility import volatility
from wdp_lib.assessment.scheme import Scheme, load_scheme
from wdp_lib.core.columns import FORECASTS, OBSERVATIONS, RISKS, conform
from wdp_lib.core.errors import ParameterError, Text
from wdp_lib.data import current
from wdp_lib.forecasting.counts.rates import count_interval
from wdp_lib.plan import Indicator, Plan


def assess(
    forecasts: pd.DataFrame,
    observations: pd.DataFrame,
    plan: Plan,
    *,
    as_of: str,
    scheme: Scheme | None = None,
    paths: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Judge every promise of a plan: state, distance, probability of meeting it, class of difficulty, volatility.

    Parameters
    ----------
    forecasts : pandas.DataFrame
        Forecast table (contract ``FORECASTS``).
    observations : pandas.DataFrame
        Observation table (contract ``OBSERVATIONS``) known at the cut-off.
    plan : Plan
        The promises.
    as_of : str
        Cut-off date ``YYYY-MM-DD``; the year before it is the last whose value can be expected.
    scheme : Scheme, optional
        Thresholds; ``data/schemes/default.yaml`` unless given.
    paths : pandas.DataFrame, optional
        Joint paths of the indicators to be held every year (:func:`wdp_lib.forecast_paths`); without them the probability of
        such a promise is the lowest of its single years, an upper bound.

    Returns
    -------
    pandas.DataFrame
        One row for each indicator of the plan, in the plan's order (contract ``RISKS``). An indicator that cannot be
        judged has its row too, with a ``reason``; nothing is left out.

    Raises
    ------
    ParameterError
        When ``as_of`` is not a date.
    WdpError
        When a table does not obey its contract.
    """
    data_year = cut_off(as_of).year - 1
    scheme = scheme or load_scheme()
    used = current(conform(observations, OBSERVATIONS))
    cases = collect(conform(forecasts, FORECASTS), used, plan, data_year, scheme, paths)
    return conform(pd.DataFrame([_row(case, plan) for case in cases], columns=RISKS.names), RISKS)


def cut_off(text: str) -> date:
    """Return the date, or raise ``ParameterError`` when it is none."""
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        raise ParameterError(
            Text(
                f"截止日期 as_of 为 {text!r}，应写成年-月-日，例如 2026-06-30。",
                f"as_of is {text!r}; write a date as year-month-day, e.g. 2026-06-30.",
            )
        ) from None


def _row(case: Case, plan: Plan) -> dict:
    indicator, target = case.indicator, case.indicator.target
    promise = case.promise
    state, state_reason = judge(case)
    outlook = _outlook(case, state_reason)
    fluctuation = volatility(
        case.series,
        multiplier=indicator.multiplier or 1.0,
        points=case.scheme.volatility_points,
        counted=indicator.data_kind == "count",
    )
    return {
        "indicator": indicator.id,
        "area": plan.area,
        "sex": indicator.sex,
        "age_group": indicator.age_group,
        "residence": indicator.residence,
        "target_kind": target.kind,
        "target_lower": _finite(promise.lower) if promise else np.nan,
        "target_upper": _finite(promise.upper) if promise else np.nan,
        "target_year": target.year,
        "evidence": target.evidence,
        "state": state,
        "state_reason": state_reason,
        "dips": ";".join(str(year) for year in dips(case)),
        "margin": _margin(case),
        "volatility": fluctuation[0],
        "volatility_reason": fluctuation[1],
        "stale": case.stale,
        "simulated": bool(case.series["simulated"].any() or case.forecast["simulated"].any()),
        **_baseline(case),
        **_last(case),
        **outlook,
    }


def _finite(edge: float) -> float:
    return edge if np.isfinite(edge) else np.nan


def _margin(case: Case) -> float:
    if case.promise is None or case.statistic is None:
        return np.nan
    return float(case.promise.margin(case.statistic))


def _baseline(case: Case) -> dict:
    row = case.baseline
    if row is None:
        return {"baseline_year": None, "baseline_value": np.nan}
    return {"baseline_year": int(row["year"]), "baseline_value": float(row["value"])}


def _last(case: Case) -> dict:
    row = case.last
    if row is None:
        empty = dict.fromkeys(
            ("last_value", "numerator", "denominator", "last_lower", "last_upper"), np.nan
        )
        texts = dict.fromkeys(
            ("interval_method", "definition_match", "source", "source_address"), ""
        )
        return {"last_year": None, **empty, **texts}
    lower, upper, method = _interval(row, case.indicator)
    return {
        "last_year": int(row["year"]),
        "last_value": float(row["value"]),
        "numerator": row["numerator"],
        "denominator": row["denominator"],
        "last_lower": lower,
        "last_upper": upper,
        "interval_method": method,
        "definition_match": row["definition_match"],
        "source": row["source"],
        "source_address": row["source_address"],
    }


def _interval(row: pd.Series, indicator: Indicator) -> tuple[float, float, str]:
    """Interval of a rate or proportion with counts; none for a share of a small body, which is a full count."""
    kind = indicator.data_kind if indicator.data_kind != "share" else ""
    if kind == "rare_rate" and indicator.unit == "percent":
        kind = "proportion"  # of three children none can be infected more than once
    return count_interval(row["numerator"], row["denominator"], indicator.multiplier or 1.0, kind)


def _outlook(case: Case, state_reason: str) -> dict:
    """Forecast for the target year, probability of meeting the promise and class, or the reason why there is none."""
    rows = case.quantiles
    first = case.forecast.iloc[0] if len(case.forecast) else None
    reason = _no_outlook(case, rows)
    levels, values = rows["quantile"].to_numpy(float), rows["value"].to_numpy(float)
    p_meet = np.nan if reason else probability_of_promise(case)
    doubt = _doubt(case, state_reason)
    lower, median, upper = np.interp([0.1, 0.5, 0.9], levels, values) if len(rows) else [np.nan] * 3
    return {
        "forecast_lower": lower,
        "forecast_median": median,
        "forecast_upper": upper,
        "p_meet": p_meet,
        "risk": "not_graded"
        if reason or doubt
        else case.scheme.risk_class(probability_not_short(case, p_meet)),
        "reason": reason or doubt,
        "n": 0 if first is None else first["n"],
        "grade": "none" if first is None else first["grade"],
        "model": "" if first is None else first["model"],
        "quantity": "" if first is None else first["quantity"],
    }


def _doubt(case: Case, state_reason: str) -> str:
    """Return why a forecast that was made gives no class."""
    if case.stale:
        return "stale"
    if state_reason in ("too_few_events", "estimates_only"):
        return state_reason
    # one mother-and-child institution, open for years: its number is decided, not drawn
    institutions = case.indicator.unit == "count" and case.indicator.data_kind == "count"
    unchanged = len(case.series) >= 5 and case.series["value"].tail(5).nunique() == 1
    return "held_constant" if institutions and unchanged else ""


def _no_outlook(case: Case, rows: pd.DataFrame) -> str:
    target = case.indicator.target
    if not target.line_from:
        return "monitor_only"
    if case.last is None:
        return "no_data"
    if int(case.last["year"]) >= target.year:
        return "past_target_year"
    if target.statistic == "lowest_area":
        return "lowest_area_not_forecast"
    if target.statistic == "slope":
        return "slope_not_forecast"
    if case.promise is None:
        return target.missing(baseline=case.baseline_statistic, reference=case.reference)
    if rows.empty:
        holes = case.forecast.loc[case.forecast["reason"] != "", "reason"]
        return holes.iloc[0] if len(holes) else "no_forecast"
    return ""
