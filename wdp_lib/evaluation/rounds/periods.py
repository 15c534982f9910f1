"""Key indicators within the year: quarters, half-years and months set beside the value of the year."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.comparison.areas.sums import half_a_digit
from wdp_lib.core.columns import OBSERVATIONS, conform
from wdp_lib.data import current
from wdp_lib.evaluation.rounds.period_tables import PERIOD_RECORD, PERIODS
from wdp_lib.evaluation.verdicts.domains import key_indicators
from wdp_lib.plan import Indicator, Plan

LENGTHS = {"Q": ("quarter", 4), "H": ("half", 2), "M": ("month", 12)}
_GROUP = ["indicator", "area", "year", "length"]


def reconcile_periods(
    periods: pd.DataFrame, observations: pd.DataFrame, plan: Plan, *, as_of: str | None = None
) -> pd.DataFrame:
    """Return what the periods of a year say of the year, and where that is not what was returned for it.

    Figures of single periods add up: counts are summed, a rate is the quotient of the sums. Of figures to date the last
    period stands for the year. Nothing here enters a verdict.

    Parameters
    ----------
    periods : pandas.DataFrame
        The record `periods.csv`.
    observations : pandas.DataFrame
        Under the contract ``OBSERVATIONS``: the values of the years.
    plan : Plan
        Its key indicators; others are left out.
    as_of : str, optional
        Day (``YYYY-MM-DD``); periods known later are left out.

    Returns
    -------
    pandas.DataFrame
        One row an indicator, area, year and length of period (contract ``PERIODS``), in the plan's order. With a period missing, single
        periods give no value (``periods_missing``); figures to date then stand at ``last_period`` and are not compared.
        ``year_differs``: more than half a person or case, or half of the last digit, off.

    Raises
    ------
    WdpError
        When a table does not obey its contract.
    """
    table = conform(periods, PERIOD_RECORD.table)
    place = {name: n for n, name in enumerate(key_indicators(plan)["indicator"])}
    table = table[
        table["indicator"].isin(list(place)) & ((table["date"] <= as_of) if as_of else True)
    ]
    table = table.assign(
        length=[LENGTHS[p[0]][0] for p in table["period"]],
        number=[int(p[1:]) for p in table["period"]],
    )
    years = _years(observations, plan)
    rows = [
        _row(
            plan.indicator(key[0]),
            dict(zip(_GROUP, key, strict=True)),
            part.sort_values("number"),
            years,
        )
        for key, part in table.groupby(_GROUP, sort=False)
    ]
    frame = pd.DataFrame(rows, columns=PERIODS.names)
    frame = frame.sort_values(_GROUP[1:], kind="stable").sort_values(
        "indicator", key=lambda names: names.map(place), kind="stable"
    )
    return conform(frame, PERIODS)


def _years(observations: pd.DataFrame, plan: Plan) -> dict[tuple, dict]:
    """The value of each year, in the stratum of the promise."""
    used = current(conform(observations, OBSERVATIONS))
    wanted = pd.DataFrame([{"indicator": i.id, **i.stratum} for i in plan.indicators])
    own = used.merge(wanted, on=list(wanted.columns))
    return {(row["indicator"], row["area"], row["year"]): row for row in own.to_dict("records")}


def _row(indicator: Indicator, key: dict, part: pd.DataFrame, years: dict[tuple, dict]) -> dict:
    kinds = part["kind"].unique()
    kind = str(kinds[0]) if len(kinds) == 1 else ""
    expected = dict(LENGTHS.values())[key["length"]]
    year = years.get((key["indicator"], key["area"], key["year"]))
    row = {
        **key,
        "kind": kind,
        "n_periods": len(part),
        "n_expected": expected,
        "last_period": part["period"].iloc[-1],
    }
    complete = len(part) == expected
    made = (
        _to_date(part, indicator)
        if kind == "to_date"
        else _summed(part, indicator)
        if complete and kind
        else {}
    )
    row |= {"value": np.nan, "numerator": np.nan, "denominator": np.nan, **made}
    row["reported_value"] = np.nan if year is None else year["value"]
    row["difference"] = row["value"] - row["reported_value"] if complete else np.nan
    row["reason"] = _reason(row, complete, year)
    return row | {"simulated": bool(year is not None and year["simulated"])}


def _to_date(part: pd.DataFrame, indicator: Indicator) -> dict:
    last = part.iloc[-1]
    return _valued(last["value"], last["numerator"], last["denominator"], indicator)


def _summed(part: pd.DataFrame, indicator: Indicator) -> dict:
    """Sums of what all periods give; a rate without counts cannot be summed."""
    value, numerator, denominator = (
        part[name].sum(skipna=False) for name in ("value", "numerator", "denominator")
    )
    return _valued(
        value if indicator.data_kind == "count" else np.nan, numerator, denominator, indicator
    )


def _valued(value: float, numerator: float, denominator: float, indicator: Indicator) -> dict:
    if np.isnan(value):
        is_count = indicator.data_kind == "count"
        value = (
            numerator
            if is_count
            else numerator / denominator * indicator.multiplier
            if denominator
            else np.nan
        )
    return {"value": value, "numerator": numerator, "denominator": denominator}


def _reason(row: dict, complete: bool, year: dict | None) -> str:
    if not row["kind"]:
        return "mixed_periods"
    if not complete:
        return "periods_missing"
    if np.isnan(row["value"]):
        return "no_period_value"
    if year is None or np.isnan(year["value"]):
        return "year_not_reported"
    counts = [(row[name], year[name]) for name in ("numerator", "denominator")]
    off = [
        abs(ours - theirs) > 0.5
        for ours, theirs in counts
        if not (np.isnan(ours) or np.isnan(theirs))
    ]
    near = abs(row["difference"]) <= half_a_digit(year["value"])
    return "" if (not any(off) and (off or near)) else "year_differs"
