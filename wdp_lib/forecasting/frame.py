"""The core door: forecasts of any table of short annual series, with or without a plan."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from wdp_lib.core.columns import QUANTILES
from wdp_lib.core.errors import DataError, ParameterError, Problem, Text, suggestion
from wdp_lib.forecasting.models.registry import (
    DEFAULT,
    FEWEST_POINTS,
    QuantileForecast,
    find_model,
    quantile_forecast,
)
from wdp_lib.forecasting.panel import LIMITS, Panel, build_panel

LONGEST_HORIZON = 60
YEARS = (1800, 2200)
REQUIRED = ("series_id", "year", "value")
COLUMNS = (
    "series_id",
    "year",
    "quantile",
    "value",
    "reason",
    "model",
    "n",
    "first_year",
    "last_year",
    "grade",
    "quantity",
)


def forecast_frame(
    frame: pd.DataFrame,
    *,
    horizon: int,
    quantiles: Sequence[float] = QUANTILES,
    model: str = DEFAULT,
    seed: int = 0,
) -> pd.DataFrame:
    """Forecast every annual series of a long table.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns ``series_id, year, value``, one row a series and year, in any order; an empty value is a missing year.
        Optional: ``kind`` (percent, rate, ratio, count, years, hours; rare_rate, rare_percent = a rate, a
        percentage to be forecast from its counts while these are small; empty = no natural limits), ``numerator, denominator`` (counts), ``lower, upper`` (natural limits
        instead of those of the kind; empty = none), ``multiplier`` (unit of a rate, e.g. 100,000).
    horizon : int
        Years to forecast after each series' own last year, 1 to 60.

    Returns
    -------
    pandas.DataFrame
        Sorted ``series_id, year, quantile, value, reason, model, n, first_year, last_year, grade, quantity``. Each
        series has ``horizon × quantiles`` rows, or, when refused, one row without year and value whose ``reason`` is
        no_data, too_few_points (fewer than 3, or fewer than the model needs), duplicate_years, invalid_value
        (text or infinity), not_positive (the model takes only values above 0) or no_fit (its fit did not converge).

    Raises
    ------
    DataError
        When a column is missing, or holds what cannot be a year, a kind or a count.
    ParameterError
        When the model, the horizon or the quantiles do not exist.
    """
    find_model(model)
    levels = _levels(quantiles)
    horizon = check_horizon(horizon)
    rows, refused = clean_frame(frame)
    if not len(rows):
        return _holes(refused)
    panel = build_panel(rows)
    made = quantile_forecast(panel, model, horizon, levels, seed)
    able = made.reason == ""
    return _in_order([_table(panel, made, able, levels), _holes(refused), _unable(panel, made)])


def panel_of(frame: pd.DataFrame) -> Panel:
    """Return the panel of the series of a long table that can be used; columns as for `forecast_frame`."""
    return build_panel(clean_frame(frame)[0])


def _table(
    panel: Panel, made: QuantileForecast, able: np.ndarray, levels: np.ndarray
) -> pd.DataFrame:
    _, horizon, count = made.values.shape
    facts = pd.DataFrame(
        {
            "series_id": panel.names[able],
            "reason": "",
            "model": made.model[able],
            "n": made.n[able],
            "first_year": made.first_year[able],
            "last_year": panel.last_year[able],
            "grade": made.grade[able],
            "quantity": made.quantity[able],
        }
    )
    # typed while short, and only then repeated: there may be millions of rows
    table = (
        _typed(facts).take(np.repeat(np.arange(len(facts)), horizon * count)).reset_index(drop=True)
    )
    years = panel.last_year[able][:, None] + np.arange(1, horizon + 1)
    table.insert(1, "year", pd.array(np.repeat(years.ravel(), count), dtype="Int64"))
    table.insert(2, "quantile", np.tile(levels, horizon * len(facts)))
    table.insert(3, "value", made.values[able].ravel())
    return table[list(COLUMNS)]


def _unable(panel: Panel, made: QuantileForecast) -> pd.DataFrame:
    rows = made.reason != ""
    part = panel.take(rows)
    known = pd.DataFrame({"n": part.n, "first_year": part.first_year, "last_year": part.last_year})
    return _holes(known.assign(series_id=part.names, reason=made.reason[rows]))


def _holes(refused: pd.DataFrame) -> pd.DataFrame:
    holes = refused.assign(
        quantile=np.nan, value=np.nan, year=pd.NA, model="", grade="none", quantity=""
    )
    return _typed(holes.reindex(columns=list(COLUMNS)))


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    kinds = {"year": "Int64", "n": "Int64", "first_year": "Int64", "last_year": "Int64"}
    kinds |= {"quantile": "float64", "value": "float64"}
    kinds |= {name: "str" for name in ("reason", "model", "grade", "quantity")}
    return table.astype({name: kind for name, kind in kinds.items() if name in table.columns})


def _in_order(parts: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [part for part in parts if len(part)]
    if len(filled) == 1:
        return filled[0].reset_index(drop=True)
    if not filled:
        return parts[0]
    table = pd.concat(filled, ignore_index=True)
    return table.sort_values(["series_id", "year", "quantile"], kind="stable", ignore_index=True)


def clean_frame(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the usable rows, sorted, and one row for each refused series (series_id, reason, n, first, last year)."""
    _check_columns(frame)
    rows = pd.DataFrame({name: frame[name].to_numpy() for name in REQUIRED})
    rows["kind"] = _kinds(frame).set_axis(rows.index) if "kind" in frame.columns else ""
    for name in ("numerator", "denominator", "multiplier"):
        rows[name] = (
            pd.to_numeric(frame[name]).to_numpy("float64") if name in frame.columns else np.nan
        )
    for position, name in enumerate(("lower", "upper")):
        none = (-np.inf, np.inf)[position]
        of_kind = (
            rows["kind"]
            .map({kind: limits[position] for kind, limits in LIMITS.items()})
            .astype("float64")
        )
        rows[name] = (
            frame[name].astype("float64").fillna(none).to_numpy()
            if name in frame.columns
            else of_kind
        )
    numbers = pd.to_numeric(rows["value"], errors="coerce").astype("float64")
    invalid = (numbers.isna() & rows["value"].notna()) | np.isinf(numbers)
    rows["value"] = numbers
    return _refuse(rows.astype({"year": "int64"}), invalid)


def _refuse(rows: pd.DataFrame, invalid: pd.Series) -> tuple[pd.DataFrame, pd.DataFrame]:
    by_series = rows["series_id"]
    known = rows["value"].notna() & ~invalid
    twice = rows.duplicated(["series_id", "year"], keep=False)
    facts = pd.DataFrame(
        {
            "n": known.groupby(by_series).sum(),
            "invalid": invalid.groupby(by_series).any(),
            "twice": twice.groupby(by_series).any(),
            "first_year": rows["year"].where(known).groupby(by_series).min(),
            "last_year": rows["year"].where(known).groupby(by_series).max(),
        }
    )
    tests = [facts["invalid"], facts["twice"], facts["n"] == 0, facts["n"] < FEWEST_POINTS]
    reasons = ["invalid_value", "duplicate_years", "no_data", "too_few_points"]
    facts["reason"] = np.select(tests, reasons, "")
    refused = facts[facts["reason"] != ""].reset_index()[
        ["series_id", "reason", "n", "first_year", "last_year"]
    ]
    good = rows[known & ~by_series.isin(refused["series_id"])]
    return good.sort_values(["series_id", "year"], kind="stable", ignore_index=True), refused


def _check_columns(frame: pd.DataFrame) -> None:
    problems = [
        _problem(
            "missing_column", name, Text("没有此列", "no such column"), Text("此列", "this column")
        )
        for name in REQUIRED
        if name not in frame.columns
    ]
    if not problems:
        problems = [*_bad_names(frame), *_bad_years(frame), *_bad_kinds(frame), *_bad_counts(frame)]
    if problems:
        raise DataError(
            Text("序列表不合要求", "The table of series is not as it must be"), problems
        )


def _bad_names(frame: pd.DataFrame) -> list[Problem]:
    if frame["series_id"].notna().all():
        return []
    return [
        _problem(
            "missing_name", "series_id", Text("空", "empty"), Text("序列标识", "an identifier")
        )
    ]


def _bad_years(frame: pd.DataFrame) -> list[Problem]:
    years = pd.to_numeric(frame["year"], errors="coerce").astype("float64")
    bad = frame["year"][~(years.between(*YEARS) & (years % 1 == 0)).to_numpy()]
    expected = Text(
        f"{YEARS[0]}–{YEARS[1]} 的整数年份", f"a whole year from {YEARS[0]} to {YEARS[1]}"
    )
    return [
        _problem("bad_year", "year", str(found), expected) for found in bad.astype(object).unique()
    ]


def _bad_kinds(frame: pd.DataFrame) -> list[Problem]:
    if "kind" not in frame.columns:
        return []
    found = _kinds(frame)
    known = [kind for kind in LIMITS if kind]
    expected = Text(f"{', '.join(known)} 之一或空", f"one of {', '.join(known)}, or empty")
    problems = [
        _problem("bad_kind", "kind", kind, expected, suggestion(kind, known))
        for kind in sorted({str(kind) for kind in found.unique()} - set(LIMITS))
    ]
    pairs = pd.DataFrame({"series_id": frame["series_id"], "kind": found}).drop_duplicates()
    mixed = pairs.loc[pairs["series_id"].duplicated(), "series_id"].drop_duplicates().sort_values()
    only = Text("一个序列只有一种 kind", "one kind a series")
    return problems + [_problem("mixed_kind", "kind", str(name), only) for name in mixed]


def _kinds(frame: pd.DataFrame) -> pd.Series:
    codes, known = pd.factorize(frame["kind"])  # a million rows name few kinds
    names = pd.Index(known, dtype="object").union([""], sort=False)
    codes = np.where(codes < 0, names.get_loc(""), codes)
    return pd.Series(pd.Categorical.from_codes(codes, names), index=frame.index)


def _bad_counts(frame: pd.DataFrame) -> list[Problem]:
    expected = Text("非负数或空", "a number of 0 or more, or empty")
    problems = []
    for name in ("numerator", "denominator", "multiplier", "lower", "upper"):
        if name in frame.columns:
            numbers = pd.to_numeric(frame[name], errors="coerce").astype("float64")
            bad = numbers.isna() & frame[name].notna()
            if name not in ("lower", "upper"):
                bad |= (numbers < 0) | np.isinf(numbers)
            problems += [
                _problem("bad_number", name, str(found), expected)
                for found in frame[name][bad].unique()
            ]
    return problems


def _problem(
    rule: str, column: str, found: Text | str, expected: Text, advice: Text | None = None
) -> Problem:
    advice = advice or Text("请改正后重试。", "Correct it and try again.")
    return Problem(rule, "forecast_frame", None, column, found, expected, advice)


def _levels(quantiles: Sequence[float]) -> np.ndarray:
    levels = np.asarray(quantiles, dtype="float64")
    if (
        levels.ndim != 1
        or not len(levels)
        or not ((levels > 0) & (levels < 1)).all()
        or (np.diff(levels) <= 0).any()
    ):
        raise ParameterError(
            Text(
                f"quantiles 须为 0 与 1 之间递增的数，现为 {list(quantiles)}。",
                f"quantiles must be increasing numbers between 0 and 1, not {list(quantiles)}.",
            )
        )
    return levels


def check_horizon(horizon: int) -> int:
    """Return the horizon, or raise `ParameterError` when it is not a whole number from 1 to 60."""
    if isinstance(horizon, bool) or int(horizon) != horizon or not 1 <= horizon <= LONGEST_HORIZON:
        raise ParameterError(
            Text(
                f"horizon 须为 1 至 {LONGEST_HORIZON} 的整数，现为 {horizon}。",
                f"horizon must be a whole number from 1 to {LONGEST_HORIZON}, not {horizon}.",
            )
        )
    return int(horizon)
