"""What there is for each indicator of a plan, and what is missing."""

from __future__ import annotations

import pandas as pd

from wdp_lib.core.columns import KEY
from wdp_lib.core.dates import cut_off
from wdp_lib.plan.model import Plan


def current(observations: pd.DataFrame, *, as_of: str | None = None) -> pd.DataFrame:
    """Return the rows that count for their cell: what "used" means everywhere.

    With ``as_of``, as they were known on that day: a value revised later counts as it stood before.
    """
    if as_of is None:
        return observations[observations["used"]].reset_index(drop=True)
    counted = observations["used"] | (observations["unused_reason"] == "revision")
    known = observations[counted & (observations["as_of"] <= cut_off(as_of))]
    last = known.sort_values("as_of", kind="stable").drop_duplicates([*KEY, "year"], keep="last")
    return last.sort_index().reset_index(drop=True)


def own_rows(table: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return the rows of a table that speak of the plan's area and each indicator's own stratum."""
    strata = [(i.id, plan.area, i.sex, i.age_group, i.residence) for i in plan.indicators]
    return table.merge(pd.DataFrame(strata, columns=list(KEY)), how="inner")


def headline(observations: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return the used rows of the plan's area and of each indicator's own stratum.

    In the plan's order of indicators, then by year; indicators without a value have no row.
    """
    order = {i.id: place for place, i in enumerate(plan.indicators)}
    rows = own_rows(current(observations), plan)
    return rows.sort_values(
        ["indicator", "year"], key=lambda c: c.map(order) if c.name == "indicator" else c
    ).reset_index(drop=True)[list(observations.columns)]


def coverage(observations: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return what there is for each indicator, in the plan's area and in its own stratum.

    Returns
    -------
    pandas.DataFrame
        One row for every indicator of the plan, in its order: ``indicator, n`` (values),
        ``first_year, last_year`` (missing where there is no value), ``missing_years`` (years
        without value in between, of yearly indicators, separated by ``;``), ``n_final,
        n_provisional, n_estimated`` and ``reason`` (``no_data`` or empty).
    """
    grouped = dict(list(headline(observations, plan).groupby("indicator")))
    rows = [_row(i.id, i.frequency == "annual", grouped.get(i.id)) for i in plan.indicators]
    return pd.DataFrame(rows).astype({"first_year": "Int64", "last_year": "Int64"})


def _row(indicator: str, annual: bool, rows: pd.DataFrame | None) -> dict:
    states = ("final", "provisional", "estimated")
    if rows is None:
        empty = {"n": 0, "first_year": None, "last_year": None, "missing_years": ""}
        return {
            "indicator": indicator,
            **empty,
            **{f"n_{state}": 0 for state in states},
            "reason": "no_data",
        }
    years = {int(year) for year in rows["year"]}
    absent = sorted(set(range(min(years), max(years))) - years) if annual else []
    return {
        "indicator": indicator,
        "n": len(years),
        "first_year": min(years),
        "last_year": max(years),
        "missing_years": ";".join(str(year) for year in absent),
        **{f"n_{state}": int((rows["status"] == state).sum()) for state in states},
        "reason": "",
    }


def lags(observations: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return how long after the end of its year each figure of the plan's area became known.

    Returns
    -------
    pandas.DataFrame
        One row an indicator with a value, in the plan's order: ``indicator, n`` (values), ``lag``
        (days of the last year), ``median_lag``, ``longest_lag`` and the ``year`` of the last.
        Negative where a figure was known before its year ended.
    """
    rows = headline(observations, plan)
    ends = pd.to_datetime(rows["year"].astype(str) + "-12-31")
    rows = rows.assign(lag=(pd.to_datetime(rows["as_of"]) - ends).dt.days)
    known = rows.groupby("indicator", sort=False)
    return known.agg(
        n=("lag", "size"),
        year=("year", "last"),
        lag=("lag", "last"),
        median_lag=("lag", "median"),
        longest_lag=("lag", "max"),
    ).reset_index()
