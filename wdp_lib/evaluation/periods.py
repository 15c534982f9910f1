"""Key indicators within the year: quarters, half-years, months beside the value of the year."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.comparison.sums import half_a_digit
from wdp_lib.core.columns import OBSERVATIONS, Contract, conform
from wdp_lib.data import current
from wdp_lib.data.record_contracts import record_contract
from wdp_lib.evaluation.summaries import key_indicators
from wdp_lib.plan import Indicator, Plan

PERIOD_RECORD = record_contract("periods.csv")

PERIODS = Contract(
    "periods_and_year",
    """
    indicator area year length kind n_periods n_expected last_period value numerator denominator
    reported_value difference reason simulated
    """,
)


LENGTHS = {"Q": ("quarter", 4), "H": ("half", 2), "M": ("month", 12)}
_GROUP = ["indicator", "area", "year", "length"]
_NUMBERS = ["value", "numerator", "denominator"]


def reconcile_periods(
    periods: pd.DataFrame, observations: pd.DataFrame, plan: Plan, *, as_of: str | None = None
) -> pd.DataFrame:
    """Return what the periods of a year say of it, and where that differs from its return.

    Figures of single periods add up: counts are summed, a rate is the quotient of the sums. Of
    figures to date the last period stands for the year. Nothing here enters a verdict. ``plan``:
    its key indicators; others are left out. ``as_of``: day (``YYYY-MM-DD``); periods known later
    are left out. Returns one row an indicator, area, year and length of period (contract
    ``PERIODS``), in the plan's order. With a period missing, single periods give no value
    (``periods_missing``); figures to date then stand at ``last_period`` and are not compared.
    ``year_differs``: more than half a person or case, or half of the last digit, off.
    """
    table = conform(periods, PERIOD_RECORD.table)
    place = {name: n for n, name in enumerate(key_indicators(plan)["indicator"])}
    known = table["indicator"].isin(list(place)) & ((table["date"] <= as_of) if as_of else True)
    table = table[known].reset_index(drop=True)
    kinds = [LENGTHS[period[0]] for period in table["period"]]
    table = table.assign(
        length=[name for name, _ in kinds],
        n_expected=[n for _, n in kinds],
        number=[int(period[1:]) for period in table["period"]],
    ).sort_values("number", kind="stable")
    years = _years(observations, plan)
    rows = [
        _row(plan.indicator(key[0]), dict(zip(_GROUP, key, strict=True)), part, years.get(key[:3]))
        for key, part in table.groupby(_GROUP, sort=False)
    ]
    frame = pd.DataFrame(rows, columns=[*PERIODS.names, "place"])
    frame["place"] = frame["indicator"].map(place)
    return conform(frame.sort_values(["place", *_GROUP[1:]], kind="stable"), PERIODS)


def _years(observations: pd.DataFrame, plan: Plan) -> dict[tuple, dict]:
    used = current(conform(observations, OBSERVATIONS))
    wanted = pd.DataFrame([{"indicator": i.id, **i.stratum} for i in plan.indicators])
    own = used.merge(wanted, on=list(wanted.columns))
    return {(row["indicator"], row["area"], row["year"]): row for row in own.to_dict("records")}


def _row(indicator: Indicator, key: dict, part: pd.DataFrame, year: dict | None) -> dict:
    expected, kinds = int(part["n_expected"].iloc[0]), part["kind"].unique()
    kind, complete = str(kinds[0]) if len(kinds) == 1 else "", len(part) == expected
    is_count = indicator.data_kind == "count"
    value = numerator = denominator = np.nan
    if kind == "to_date":
        value, numerator, denominator = part[_NUMBERS].iloc[-1]
    elif kind and complete:
        # sums of what all periods give; a rate without counts cannot be summed
        value, numerator, denominator = part[_NUMBERS].sum(skipna=False)
        value = value if is_count else np.nan
    if np.isnan(value):
        rate = numerator / denominator * indicator.multiplier if denominator > 0 else np.nan
        value = numerator if is_count else rate
    reported = np.nan if year is None else year["value"]
    row = key | {
        **{"kind": kind, "n_periods": len(part), "n_expected": expected},
        "last_period": part["period"].iloc[-1],
        **{"value": value, "numerator": numerator, "denominator": denominator},
        "reported_value": reported,
        "difference": value - reported if complete else np.nan,
        "simulated": bool(year is not None and year["simulated"]),
    }
    return row | {"reason": _reason(row, complete, year)}


def _reason(row: dict, complete: bool, year: dict | None) -> str:
    tests = {
        "mixed_periods": not row["kind"],
        "periods_missing": not complete,
        "no_period_value": np.isnan(row["value"]),
        "year_not_reported": np.isnan(row["reported_value"]),
    }
    for reason, holds in tests.items():
        if holds:
            return reason
    counts = np.array([row[n] - year[n] for n in ("numerator", "denominator")], float)
    counts = counts[np.isfinite(counts)]
    off = (np.abs(counts) > 0.5).any()
    near = abs(row["difference"]) <= half_a_digit(year["value"])
    return "" if not off and (len(counts) or near) else "year_differs"
