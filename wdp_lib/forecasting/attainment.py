"""How probable it is that a target is met in its year, for any table of series."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

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
from wdp_lib.forecasting.models.default import forecaster
from wdp_lib.forecasting.models.registry import (
    DEFAULT,
    QuantileForecast,
    find_model,
    quantile_forecast,
)
from wdp_lib.forecasting.panel import build_panel
from wdp_lib.forecasting.probability import bounded, probability_inside, recalibrated
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
WRONG = Text("目标表不合要求", "The table of targets is not as it must be")


PERCENTAGES = ("percent", "rare_percent", "facility")


def stated(
    inside: ArrayLike, model: ArrayLike, *, percent: ArrayLike, lower: ArrayLike, upper: ArrayLike
) -> np.ndarray:
    """Return probabilities as they are said: those of the default forecast are recalibrated.

    ``inside``: what a forecast by ``model`` says of the values between ``lower`` and ``upper``.
    ``percent``: whether the limits of the values are 0 and 100.
    """
    edges = {"lower": lower, "upper": upper}
    said = recalibrated(inside, forecaster().reliability, percent=percent, **edges)
    return np.where(np.asarray(model) == DEFAULT, said, inside)


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
    Read from the seven quantiles that `forecast_frame` prints, by `probability_inside`, and
    recalibrated where real series showed that what was said came true more often. A year that is
    not after the last value (past_target_year) is judged by the value of that year, 0.98 or
    0.02; where the forecast speaks of an underlying rate, by the forecast of the coming year,
    because one year's rate shows too little.
    """
    model = find_model(model).name
    targets = _read(targets)
    steps = LONGEST_HORIZON if horizon is None else check_horizon(horizon)
    rows, refused = clean_frame(frame)
    rows = rows[rows["series_id"].isin(targets["series_id"])].reset_index(drop=True)
    observed = rows[["series_id", "year", "value"]].rename(columns={"value": "observed"})
    asked = targets.merge(observed, how="left", on=["series_id", "year"])
    panel = build_panel(rows)
    row = pd.Index(panel.names).get_indexer(asked["series_id"])
    known = np.flatnonzero(row >= 0)
    ahead = asked["year"].to_numpy()[known] - panel.last_year[row[known]]
    horizon = int(np.clip(ahead.max(initial=1), 1, steps))
    made = quantile_forecast(panel, model, horizon, np.array(QUANTILES), seed)
    refusals = dict(zip(refused["series_id"], refused["reason"], strict=True))
    reason = np.array([refusals.get(name, "no_data") for name in asked["series_id"]], dtype=object)
    probability = np.full(len(asked), np.nan)
    percent = np.isin(panel.kind, PERCENTAGES)[row[known]]
    told = _judged(asked.iloc[known], made, row[known], ahead, percent)
    probability[known], reason[known] = told
    answer = asked[list(REQUIRED)].assign(probability=probability)
    return answer.assign(reason=pd.Series(reason, dtype="str"))


def _judged(
    asked: pd.DataFrame,
    made: QuantileForecast,
    row: np.ndarray,
    step: np.ndarray,
    percent: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Probability and reason of targets ``step`` years after the last value of series ``row``."""
    allowed = [
        Target(
            SIGNS.get(one.operator, one.operator),
            value=one.value,
            tolerance=None if np.isnan(one.tolerance) else one.tolerance,
        ).range()
        for one in asked.itertuples()
    ]
    edges = {
        name: np.array([getattr(one, name) for one in allowed])
        for name in ("lower", "upper", "lower_open", "upper_open")
    }
    horizon, observed = made.values.shape[1], asked["observed"].to_numpy()
    given = made.values[row, np.clip(step, 1, horizon) - 1]
    inside = probability_inside(np.array(QUANTILES), given, **edges)
    closed = {name: edges[name] for name in ("lower", "upper")}
    inside = bounded(stated(inside, made.model[row], percent=percent, **closed))
    met = bounded([one.contains(x) for one, x in zip(allowed, observed, strict=True)])
    seen = (step < 1) & (made.quantity[row] == "observed_value")
    tests = [seen & np.isnan(observed), seen, made.reason[row] != "", step > horizon, step < 1]
    reasons = ["no_data", "past_target_year", made.reason[row], "no_forecast", "past_target_year"]
    chances = [np.nan, met, np.nan, np.nan, inside]
    return np.select(tests, chances, inside), np.select(tests, reasons, "").astype("object")


def _read(targets: pd.DataFrame) -> pd.DataFrame:
    """Return the targets with numbers as numbers, or raise `DataError` with every problem."""
    if problems := missing_columns(targets, REQUIRED, PLACE):
        raise DataError(WRONG, problems)
    table = targets if "tolerance" in targets.columns else targets.assign(tolerance=np.nan)
    numbers = {
        name: pd.to_numeric(table[name], errors="coerce").astype("float64")
        for name in ("value", "year", "tolerance")
    }
    if problems := [*_bad_operators(table["operator"]), *_bad_numbers(table, **numbers)]:
        raise DataError(WRONG, problems)
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
