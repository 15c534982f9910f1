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
WHOLE = ("year", "n", "first_year", "last_year")
COLUMNS = (
    *("series_id", "year", "quantile", "value", "reason", "model"),
    *("n", "first_year", "last_year", "grade", "quantity"),
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
        Columns ``series_id, year, value``, one row a series and year, in any order; an empty value
        is a missing year. Optional: ``kind`` (percent, rate, ratio, count, years, hours; rare_rate,
        rare_percent = a rate, a percentage to be forecast from its counts while these are small;
        facility = a percentage of institutions or places, which stay where they are; empty = no
        natural limits), ``numerator, denominator`` (counts), ``lower, upper`` (natural
        limits instead of those of the kind; empty = none), ``multiplier`` (unit of a rate, e.g.
        100,000).
    horizon : int
        Years to forecast after each series' own last year, 1 to 60.

    Returns
    -------
    pandas.DataFrame
        Sorted ``series_id, year, quantile, value, reason, model, n, first_year, last_year, grade,
        quantity``. Each series has ``horizon × quantiles`` rows, or, when refused, one row without
        year and value whose ``reason`` is no_data, too_few_points (fewer than 3, or fewer than the
        model needs), duplicate_years, invalid_value (text or infinity), not_positive (the model
        takes only values above 0) or no_fit (its fit did not converge).

    Raises
    ------
    DataError
        When a column is missing, or holds what cannot be a year, a kind or a count.
    ParameterError
        When the model, the horizon or the quantiles do not exist.
    """
    model = find_model(model).name
    levels = _levels(quantiles)
    horizon = check_horizon(horizon)
    rows, refused = clean_frame(frame)
    if not len(rows):
        return _holes(refused)
    panel = build_panel(rows)
    made = quantile_forecast(panel, model, horizon, levels, seed)
    able = made.reason == ""
    part = panel.take(~able)
    facts = {"series_id": part.names, "reason": made.reason[~able], "n": part.n}
    facts |= {"first_year": part.first_year, "last_year": part.last_year}
    parts = [_table(panel, made, able, levels), _holes(refused), _holes(pd.DataFrame(facts))]
    filled = [part for part in parts if len(part)]
    if len(filled) == 1:
        return filled[0].reset_index(drop=True)
    table = pd.concat(filled, ignore_index=True)
    return table.sort_values(["series_id", "year", "quantile"], kind="stable", ignore_index=True)


def panel_of(frame: pd.DataFrame) -> Panel:
    """Return the panel of the usable series of a table as for `forecast_frame`."""
    return build_panel(clean_frame(frame)[0])


def _table(
    panel: Panel, made: QuantileForecast, able: np.ndarray, levels: np.ndarray
) -> pd.DataFrame:
    _, horizon, count = made.values.shape
    facts = {
        name: getattr(made, name)[able]
        for name in ("model", "n", "first_year", "grade", "quantity", "reason")
    }
    facts |= {"series_id": panel.names[able], "last_year": panel.last_year[able]}
    facts = _typed(pd.DataFrame(facts))
    # typed while short, and only then repeated: there may be millions of rows
    table = facts.take(np.repeat(np.arange(len(facts)), horizon * count)).reset_index(drop=True)
    years = panel.last_year[able][:, None] + np.arange(1, horizon + 1)
    table["year"] = pd.array(np.repeat(years.ravel(), count), dtype="Int64")
    table["quantile"] = np.tile(levels, horizon * len(facts))
    table["value"] = made.values[able].ravel()
    return table[list(COLUMNS)]


def _holes(refused: pd.DataFrame) -> pd.DataFrame:
    empty = {"quantile": np.nan, "value": np.nan, "year": pd.NA}
    holes = refused.assign(**empty, model="", grade="none", quantity="")
    return _typed(holes.reindex(columns=list(COLUMNS)))


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    kinds = dict.fromkeys(WHOLE, "Int64") | {"quantile": "float64", "value": "float64"}
    kinds |= dict.fromkeys(("reason", "model", "grade", "quantity"), "str")
    return table.astype({name: kind for name, kind in kinds.items() if name in table.columns})


def clean_frame(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the usable rows, sorted, and each refused series with reason, points and years."""
    problems = missing_columns(frame, REQUIRED, "forecast_frame") or _faults(frame)
    if problems:
        raise DataError.of("序列表不合要求", "The table of series is not as it must be", problems)
    rows = pd.DataFrame({name: frame[name].to_numpy() for name in REQUIRED})
    rows["kind"] = _kinds(frame).set_axis(rows.index) if "kind" in frame.columns else ""
    for name in ("numerator", "denominator", "multiplier"):
        rows[name] = (
            pd.to_numeric(frame[name]).to_numpy("float64") if name in frame.columns else np.nan
        )
    for position, (name, none) in enumerate({"lower": -np.inf, "upper": np.inf}.items()):
        if name in frame.columns:
            rows[name] = frame[name].astype("float64").fillna(none).to_numpy()
        else:
            limit = {kind: limits[position] for kind, limits in LIMITS.items()}
            rows[name] = rows["kind"].map(limit).astype("float64")
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


def _faults(frame: pd.DataFrame) -> list[Problem]:
    return [
        problem("forecast_frame", rule, column, found, expected, advice)
        for rule, column, expected, bad, advice in _tests(frame)
        for found in bad
    ]


def _tests(frame: pd.DataFrame):
    """Yield rule, column, what is expected, the values that are not so, and advice on each."""
    if frame["series_id"].isna().any():
        name, empty = Text("序列标识", "an identifier"), Text("空", "empty")
        yield "missing_name", "series_id", name, [empty], None
    years = pd.to_numeric(frame["year"], errors="coerce").astype("float64")
    bad = frame["year"][~(years.between(*YEARS) & (years % 1 == 0)).to_numpy()]
    span = Text(f"{YEARS[0]}–{YEARS[1]} 的整数年份", f"a whole year from {YEARS[0]} to {YEARS[1]}")
    yield "bad_year", "year", span, map(str, bad.astype(object).unique()), None
    if "kind" in frame.columns:
        kinds, known = _kinds(frame), [kind for kind in LIMITS if kind]
        one = Text(f"{', '.join(known)} 之一或空", f"one of {', '.join(known)}, or empty")
        for kind in sorted({str(kind) for kind in kinds.unique()} - set(LIMITS)):
            yield "bad_kind", "kind", one, [kind], suggestion(kind, known)
        pairs = pd.DataFrame({"series_id": frame["series_id"], "kind": kinds}).drop_duplicates()
        mixed = sorted(pairs.loc[pairs["series_id"].duplicated(), "series_id"].unique())
        yield "mixed_kind", "kind", Text("一个序列只有一种 kind", "one kind a series"), mixed, None
    number = Text("非负数或空", "a number of 0 or more, or empty")
    for name in ("numerator", "denominator", "multiplier", "lower", "upper"):
        if name not in frame.columns:
            continue
        numbers = pd.to_numeric(frame[name], errors="coerce").astype("float64")
        bad = numbers.isna() & frame[name].notna()
        if name not in ("lower", "upper"):
            bad |= (numbers < 0) | np.isinf(numbers)
        yield "bad_number", name, number, frame[name][bad].unique(), None


def missing_columns(frame: pd.DataFrame, required: Sequence[str], place: str) -> list[Problem]:
    """Return a problem for each column that a table lacks."""
    none, this = Text("没有此列", "no such column"), Text("此列", "this column")
    return [
        problem(place, "missing_column", name, none, this)
        for name in required
        if name not in frame.columns
    ]


def problem(
    place: str, rule: str, column: str, found, expected: Text, advice: Text | None = None
) -> Problem:
    """Return what is wrong with a column of a table given to ``place``."""
    advice = advice or Text("请改正后重试。", "Correct it and try again.")
    found = found if isinstance(found, Text) else str(found)
    return Problem(rule, place, None, column, found, expected, advice)


def _kinds(frame: pd.DataFrame) -> pd.Series:
    codes, known = pd.factorize(frame["kind"])  # a million rows name few kinds
    names = pd.Index(known, dtype="object").union([""], sort=False)
    codes = np.where(codes < 0, names.get_loc(""), codes)
    return pd.Series(pd.Categorical.from_codes(codes, names), index=frame.index)


def _levels(quantiles: Sequence[float]) -> np.ndarray:
    levels = np.asarray(quantiles, dtype="float64")
    inside = ((levels > 0) & (levels < 1)).all() and levels.size
    if levels.ndim != 1 or not inside or (np.diff(levels) <= 0).any():
        raise ParameterError.of(
            f"quantiles 须为 0 与 1 之间递增的数，现为 {list(quantiles)}。",
            f"quantiles must be increasing numbers between 0 and 1, not {list(quantiles)}.",
        )
    return levels


def check_horizon(horizon: int) -> int:
    """Return the horizon, or raise `ParameterError` when it is not a whole number from 1 to 60."""
    if isinstance(horizon, bool) or int(horizon) != horizon or not 1 <= horizon <= LONGEST_HORIZON:
        raise ParameterError.of(
            f"horizon 须为 1 至 {LONGEST_HORIZON} 的整数，现为 {horizon}。",
            f"horizon must be a whole number from 1 to {LONGEST_HORIZON}, not {horizon}.",
        )
    return int(horizon)
