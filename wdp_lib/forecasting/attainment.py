"""The second door for any table of series: how probable it is that a target is met in its year."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from wdp_lib.core.columns import QUANTILES
from wdp_lib.core.errors import DataError, Problem, Text, suggestion
from wdp_lib.forecasting.frame import LONGEST_HORIZON, YEARS, check_horizon, clean_frame
from wdp_lib.forecasting.models.registry import (
    DEFAULT,
    QuantileForecast,
    find_model,
    quantile_forecast,
)
from wdp_lib.forecasting.panel import Panel, build_panel
from wdp_lib.forecasting.probability import bounded, probability_inside
from wdp_lib.plan import Range, Target
from wdp_lib.plan.target import KINDS

SIGNS = {
    ">=": "at_least",
    "≥": "at_least",
    "<=": "at_most",
    "≤": "at_most",
    ">": "more_than",
    "<": "less_than",
}
SIGNS |= {"==": "around"}
WORDS = tuple(
    n
    for n, kind in KINDS.items()
    if kind.line == "value" and kind.statistic == "level" and not kind.every_year
)
REQUIRED = ("series_id", "operator", "value", "year")


@dataclass(frozen=True)
class _Futures:
    """Forecasts of the usable series by place in the panel, and why the other series have none."""

    panel: Panel
    made: QuantileForecast
    place: dict
    refused: dict


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
        Columns ``series_id, operator, value, year`` and optional ``tolerance``, in any order. Operator: ``>=, ≥, <=, ≤, >, <,
        ==`` or the plan's words at_least, at_most, more_than, less_than, around, full_coverage. ``==`` and around mean
        ``value ± tolerance`` and need one.
    horizon : int, optional
        Years to forecast after each series' own last year, at most 60; as far as the targets reach unless given.

    Returns
    -------
    pandas.DataFrame
        ``series_id, operator, value, year, probability, reason``, a row a target, in their order. The probability lies
        between 0.02 and 0.98 and is empty where there is a reason other than past_target_year: no_data (no such series, or
        no value of a year that is past), no_forecast (beyond the horizon), or that of `forecast_frame`.

    Raises
    ------
    DataError
        When a table lacks a column or holds what cannot be read.
    ParameterError
        When the model or the horizon does not exist.

    Notes
    -----
    Read from the seven quantiles that `forecast_frame` prints, by `probability_inside`. A year that is not after the last
    value (past_target_year) is judged by the value of that year, 0.98 or 0.02; where the forecast speaks of an
    underlying rate, by the forecast of the coming year, because one year's rate shows too little.
    """
    find_model(model)
    targets = _read(targets)
    steps = LONGEST_HORIZON if horizon is None else check_horizon(horizon)
    rows, refused = clean_frame(frame)
    rows = rows[rows["series_id"].isin(targets["series_id"])].reset_index(drop=True)
    observed = rows[["series_id", "year", "value"]].rename(columns={"value": "observed"})
    asked = targets.merge(observed, how="left", on=["series_id", "year"])
    futures = _futures(build_panel(rows), refused, asked, steps, model, seed)
    found = [_judge(row, futures) for row in asked.itertuples()]
    answer = asked[list(REQUIRED)]
    return answer.assign(
        probability=np.array([probability for probability, _ in found], dtype="float64"),
        reason=pd.Series([reason for _, reason in found], dtype="str"),
    )


def _futures(
    panel: Panel, refused: pd.DataFrame, asked: pd.DataFrame, most: int, model: str, seed: int
) -> _Futures:
    ahead = asked["year"] - asked["series_id"].map(
        dict(zip(panel.names, panel.last_year, strict=True))
    )
    horizon = int(np.clip(np.nanmax(ahead.to_numpy("float64"), initial=1), 1, most))
    return _Futures(
        panel=panel,
        made=quantile_forecast(panel, model, horizon, np.array(QUANTILES), seed),
        place={name: row for row, name in enumerate(panel.names)},
        refused=dict(zip(refused["series_id"], refused["reason"], strict=True)),
    )


def _judge(target, futures: _Futures) -> tuple[float, str]:
    """Return probability and reason of one target."""
    wanted = _range(target.operator, target.value, target.tolerance)
    if target.series_id not in futures.place:
        return np.nan, futures.refused.get(target.series_id, "no_data")
    row = futures.place[target.series_id]
    step = target.year - int(futures.panel.last_year[row])
    past = step < 1
    if past and futures.made.quantity[row] == "observed_value":
        if np.isnan(target.observed):
            return np.nan, "no_data"
        return bounded(wanted.contains(target.observed)), "past_target_year"
    if futures.made.reason[row]:
        return np.nan, futures.made.reason[row]
    if step > futures.made.values.shape[1]:
        return np.nan, "no_forecast"
    inside = probability_inside(
        np.array(QUANTILES),
        futures.made.values[row, max(step, 1) - 1],
        lower=wanted.lower,
        upper=wanted.upper,
        lower_open=wanted.lower_open,
        upper_open=wanted.upper_open,
    )
    return bounded(inside), "past_target_year" if past else ""


def _range(operator: str, value: float, tolerance: float) -> Range:
    kind = SIGNS.get(operator, operator)
    return Target(kind, value=value, tolerance=None if np.isnan(tolerance) else tolerance).range()


def _read(targets: pd.DataFrame) -> pd.DataFrame:
    """Return the targets with numbers as numbers, or raise `DataError` with every problem."""
    lacking = [name for name in REQUIRED if name not in targets.columns]
    problems = [
        _problem(
            "missing_column", c, Text("没有此列", "no such column"), Text("此列", "this column")
        )
        for c in lacking
    ]
    if not lacking:
        table = targets.assign(
            tolerance=targets["tolerance"] if "tolerance" in targets.columns else np.nan
        )
        numbers = {
            c: pd.to_numeric(table[c], errors="coerce").astype("float64")
            for c in ("value", "year", "tolerance")
        }
        problems = [*_bad_operators(table["operator"]), *_bad_numbers(table, numbers)]
    if problems:
        raise DataError(
            Text("目标表不合要求", "The table of targets is not as it must be"), problems
        )
    return table.assign(**numbers).astype({"year": "int64"})


def _bad_operators(operators: pd.Series) -> list[Problem]:
    known = [*SIGNS, *WORDS]
    expected = Text(f"{', '.join(known)} 之一", f"one of {', '.join(known)}")
    unknown = [found for found in operators.astype(object).unique() if found not in known]
    return [
        _problem("bad_operator", "operator", str(x), expected, suggestion(str(x), list(WORDS)))
        for x in unknown
    ]


def _bad_numbers(table: pd.DataFrame, numbers: dict[str, pd.Series]) -> list[Problem]:
    value, year, slack = numbers["value"], numbers["year"], numbers["tolerance"]
    around = table["operator"].map(lambda x: SIGNS.get(x, x)) == "around"
    tests = {
        "value": (~np.isfinite(value), Text("一个数", "a number")),
        "year": (
            ~(year.between(*YEARS) & (year % 1 == 0)),
            Text("整数年份", f"a whole year from {YEARS[0]} to {YEARS[1]}"),
        ),
        "tolerance": (
            (slack.isna() & (around | table["tolerance"].notna())) | (slack < 0) | np.isinf(slack),
            Text(
                "不小于 0 的数（== 与 around 必填）",
                "a number of 0 or more (== and around need one)",
            ),
        ),
    }
    return [
        _problem("bad_number", name, str(found), expected)
        for name, (bad, expected) in tests.items()
        for found in table[name][bad].astype(object).unique()
    ]


def _problem(
    rule: str, column: str, found: Text | str, expected: Text, advice: Text | None = None
) -> Problem:
    advice = advice or Text("请改正后重试。", "Correct it and try again.")
    return Problem(rule, "attainment_probability", None, column, found, expected, advice)
