"""The second door for any table of series: how probable it is that a target is met in its year."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.core.columns import QUANTILES
from wdp_lib.core.errors import DataError, Problem, Text, suggestion
from wdp_lib.forecasting.frame import (
    LONGEST_HORIZON,
    YEARS,
    check_horizon,
    clean_frame,
    missing_columns,
    problem,
)
from wdp_lib.forecasting.models.registry import (
    DEFAULT,
    QuantileForecast,
    find_model,
    quantile_forecast,
)
from wdp_lib.forecasting.panel import build_panel
from wdp_lib.forecasting.probability import bounded, probability_inside
from wdp_lib.plan import Target
from wdp_lib.plan.target import KINDS

SIGNS = {">=": "at_least", "≥": "at_least", "<=": "at_most", "≤": "at_most"}
SIGNS |= {">": "more_than", "<": "less_than", "==": "around"}
WORDS = tuple(
    n
    for n, kind in KINDS.items()
    if kind.line == "value" and kind.statistic == "level" and not kind.every_year
)
REQUIRED = ("series_id", "operator", "value", "year")
PLACE = "attainment_probability"


def attainment_probability(
    frame: pd.DataFrame,
    targets: pd.DataFrame,
    *,
    horizon: int | None = None,
    model: str = DEFAULT,
    seed: int = 0,
) -> pd.DataFrame:
    """Return for each target the probability that its series meets it in its year.

    Parameters
    ----------
    frame : pandas.DataFrame
        Series, as for `forecast_frame`.
    targets : pandas.DataFrame
        Columns ``series_id, operator, value, year`` and optional ``tolerance``, in any order.
        Operator: ``>=, ≥, <=, ≤, >, <, ==`` or the plan's words at_least, at_most, more_than,
        less_than, around, full_coverage. ``==`` and around mean ``value ± tolerance`` and need one.
    horizon : int, optional
        Years to forecast after each series' own last year, at most 60; as far as the targets reach
        unless given.

    Returns
    -------
    pandas.DataFrame
        ``series_id, operator, value, year, probability, reason``, a row a target, in their order.
        The probability lies between 0.02 and 0.98 and is empty where there is a reason other than
        past_target_year: no_data (no such series, or no value of a year that is past), no_forecast
        (beyond the horizon), or that of `forecast_frame`.

    Raises
    ------
    DataError
        When a table lacks a column or holds what cannot be read.
    ParameterError
        When the model or the horizon does not exist.

    Notes
    -----
    Read from the seven quantiles that `forecast_frame` prints, by `probability_inside`. A year that
    is not after the last value (past_target_year) is judged by the value of that year, 0.98 or
    0.02; where the forecast speaks of an underlying rate, by the forecast of the coming year,
    because one year's rate shows too little.
    """
    find_model(model)
    targets = _read(targets)
    steps = LONGEST_HORIZON if horizon is None else check_horizon(horizon)
    rows, refused = clean_frame(frame)
    rows = rows[rows["series_id"].isin(targets["series_id"])].reset_index(drop=True)
    observed = rows[["series_id", "year", "value"]].rename(columns={"value": "observed"})
    asked = targets.merge(observed, how="left", on=["series_id", "year"])
    panel = build_panel(rows)
    last = dict(zip(panel.names, panel.last_year, strict=True))
    ahead = (asked["year"] - asked["series_id"].map(last)).to_numpy("float64")
    horizon = int(np.clip(np.nanmax(ahead, initial=1), 1, steps))
    made = quantile_forecast(panel, model, horizon, np.array(QUANTILES), seed)
    place = {name: row for row, name in enumerate(panel.names)}
    reasons = dict(zip(refused["series_id"], refused["reason"], strict=True))
    found = [
        _judge(row, made, place[row.series_id], row.year - last[row.series_id])
        if row.series_id in place
        else (np.nan, reasons.get(row.series_id, "no_data"))
        for row in asked.itertuples()
    ]
    return asked[list(REQUIRED)].assign(
        probability=np.array([probability for probability, _ in found], dtype="float64"),
        reason=pd.Series([reason for _, reason in found], dtype="str"),
    )


def _judge(target, made: QuantileForecast, row: int, step: int) -> tuple[float, str]:
    """Return probability and reason of one target.

    ``step`` years after the last value of series ``row``.
    """
    kind = SIGNS.get(target.operator, target.operator)
    slack = None if np.isnan(target.tolerance) else target.tolerance
    wanted = Target(kind, value=target.value, tolerance=slack).range()
    past = step < 1
    if past and made.quantity[row] == "observed_value":
        if np.isnan(target.observed):
            return np.nan, "no_data"
        return bounded(wanted.contains(target.observed)), "past_target_year"
    if made.reason[row]:
        return np.nan, made.reason[row]
    if step > made.values.shape[1]:
        return np.nan, "no_forecast"
    inside = probability_inside(
        np.array(QUANTILES),
        made.values[row, max(step, 1) - 1],
        lower=wanted.lower,
        upper=wanted.upper,
        lower_open=wanted.lower_open,
        upper_open=wanted.upper_open,
    )
    return bounded(inside), "past_target_year" if past else ""


def _read(targets: pd.DataFrame) -> pd.DataFrame:
    """Return the targets with numbers as numbers, or raise `DataError` with every problem."""
    problems = missing_columns(targets, REQUIRED, PLACE)
    if not problems:
        given = targets["tolerance"] if "tolerance" in targets.columns else np.nan
        table = targets.assign(tolerance=given)
        numbers = {
            c: pd.to_numeric(table[c], errors="coerce").astype("float64")
            for c in ("value", "year", "tolerance")
        }
        problems = [*_bad_operators(table["operator"]), *_bad_numbers(table, **numbers)]
    if problems:
        raise DataError(
            Text("目标表不合要求", "The table of targets is not as it must be"), problems
        )
    return table.assign(**numbers).astype({"year": "int64"})


def _bad_operators(operators: pd.Series) -> list[Problem]:
    known = [*SIGNS, *WORDS]
    expected = Text(f"{', '.join(known)} 之一", f"one of {', '.join(known)}")
    return [
        problem(
            PLACE, "bad_operator", "operator", found, expected, suggestion(str(found), list(WORDS))
        )
        for found in operators.astype(object).unique()
        if found not in known
    ]


def _bad_numbers(
    table: pd.DataFrame, value: pd.Series, year: pd.Series, tolerance: pd.Series
) -> list[Problem]:
    around = table["operator"].map(lambda x: SIGNS.get(x, x)) == "around"
    lacking = tolerance.isna() & (around | table["tolerance"].notna())
    whole = year.between(*YEARS) & (year % 1 == 0)
    years = Text("整数年份", f"a whole year from {YEARS[0]} to {YEARS[1]}")
    slack = Text(
        "不小于 0 的数（== 与 around 必填）", "a number of 0 or more (== and around need one)"
    )
    tests = {
        "value": (~np.isfinite(value), Text("一个数", "a number")),
        "year": (~whole, years),
        "tolerance": (lacking | (tolerance < 0) | np.isinf(tolerance), slack),
    }
    return [
        problem(PLACE, "bad_number", name, found, expected)
        for name, (bad, expected) in tests.items()
        for found in table[name][bad].astype(object).unique()
    ]
