"""Which values are asked of which unit, when they are due, what came in, and who is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from wdp_lib.core.columns import KEY, OBSERVATIONS, conform
from wdp_lib.core.dates import DUE, data_year, last_due_year
from wdp_lib.data.coverage import own_rows
from wdp_lib.plan import Indicator, Plan
from wdp_lib.supervision.tables import ASKED, CALENDAR, REMINDERS

RECENT = 5  # a series that had a value so many years ago is still asked for
_BREAKDOWNS = {"sex": ("female", "male"), "residence": ("urban", "rural")}
_ORDER = ["sex", "age_group", "residence"]


def asked_of_units(
    observations: pd.DataFrame, areas: pd.DataFrame, plan: Plan, *, year: int
) -> pd.DataFrame:
    """Return the values of a year that each unit is asked for, with those of the year before.

    An indicator is asked of its first-named unit: in its own stratum; by each breakdown the plan
    wants that observations can tell apart (sex, residence, areas below), one at a time; and in
    every further stratum that came in within the last five years, so that no series stops. What
    nobody can estimate is not asked for. Returns one row a value (contract ``ASKED``), in the
    plan's order; the last columns hold what the data have for the year before, missing where there
    is nothing.
    """
    table = conform(observations, OBSERVATIONS)
    table = table[table["used"] & table["row"].notna()]
    recent = table[table["year"].between(year - RECENT, year - 1)]
    known = dict(list(recent[list(KEY)].drop_duplicates().groupby("indicator")))
    below = areas.loc[areas["parent"] == plan.area, "area"].tolist()
    rows = [
        {"unit": i.lead_units[0], "indicator": i.id, "area": area, **stratum}
        for i in plan.indicators
        if i.lead_units and i.availability != "not_estimable"
        for area, stratum in _strata(i, below, known.get(i.id), plan)
    ]
    asked = pd.DataFrame(rows, columns=["unit", *KEY]).assign(year=year)
    before = table.loc[table["year"] == year - 1, [*KEY, "value", "numerator", "denominator"]]
    return conform(asked.merge(before.add_prefix("last_").rename(columns=_KEYS), "left"), ASKED)


_KEYS = {f"last_{column}": column for column in KEY}


def _strata(
    indicator: Indicator, below: list[str], known: pd.DataFrame | None, plan: Plan
) -> Iterator[tuple[str, dict[str, str]]]:
    own = indicator.stratum
    wanted = [(plan.area, own)] if known is not None or indicator.data_kind != "gap" else []
    for column, words in _BREAKDOWNS.items():
        by_sex = column == "sex" and indicator.sex_scope in ("female_only", "share_female")
        if wanted and column in indicator.disaggregations and not by_sex:
            wanted += [(plan.area, own | {column: word}) for word in words]
    if wanted and "township" in indicator.disaggregations:
        wanted += [(area, own) for area in below]
    if known is not None:
        rest = known.sort_values(["area", *_ORDER]).to_dict("records")
        wanted += [(row["area"], {column: row[column] for column in own}) for row in rest]
    seen = set()
    for area, stratum in wanted:
        if (place := (area, *stratum.values())) not in seen:
            seen.add(place)
            yield area, stratum


def returns_owed(
    observations: pd.DataFrame,
    indicators: Iterable[Indicator],
    plan: Plan,
    as_of: str,
    *,
    due: str = DUE,
    last: int | None = None,
) -> pd.DataFrame:
    """Return the yearly values due by a day: ``indicator, year, due, known`` (``""``: missing).

    Due are yearly indicators that are returned as a matter of routine; gaps follow from other
    values and are not returned. ``due`` is the day of the following year (``MM-DD``), ``last`` the
    last year, by default the last one due on the day.
    """
    yearly = [
        i
        for i in indicators
        if (i.frequency, i.availability) == ("annual", "routine") and i.data_kind != "gap"
    ]
    last = min(last_due_year(as_of, due) if last is None else last, plan.last_year)
    owed = [(i.id, year) for i in yearly for year in range(plan.first_year, last + 1)]
    table = pd.DataFrame(owed, columns=["indicator", "year"]).astype({"year": "Int64"})
    table["due"] = (table["year"] + 1).astype("str") + f"-{due}"
    if not yearly:
        return table.assign(known="", revised="")
    days = own_rows(observations, plan).groupby(["indicator", "year"])["as_of"]
    days = days.agg(known="min", revised="max")
    return table.join(days, on=["indicator", "year"]).fillna({"known": "", "revised": ""})


def delivery_calendar(
    observations: pd.DataFrame, plan: Plan, *, as_of: str, due: str = DUE
) -> pd.DataFrame:
    """Return where each unit stands with each yearly value up to the year being collected.

    ``due``: not there yet, and in time; ``overdue``: not there, and the day has passed;
    ``received``; ``late``: first there after the day; ``corrected``: there, and revised since (a
    late one that was revised stays late). Returns one row an indicator and year (contract
    ``CALENDAR``), by unit, in the plan's order.
    """
    lead = {i.id: i.lead_units[0] for i in plan.indicators if i.lead_units}
    table = conform(observations, OBSERVATIONS)
    table = table[table["as_of"] <= as_of]
    owed = returns_owed(table, plan.indicators, plan, as_of, due=due, last=data_year(as_of))
    owed = owed.assign(unit=owed["indicator"].map(lead).fillna(""))
    states = {
        "due": (owed["known"] == "") & (owed["due"] >= as_of),
        "overdue": owed["known"] == "",
        "late": owed["known"] > owed["due"],
        "corrected": owed["revised"] > owed["known"],
    }
    delivery = np.select([s.to_numpy(bool) for s in states.values()], list(states), "received")
    order = {unit.id: place for place, unit in enumerate(plan.units)}
    owed = owed.assign(
        delivery=delivery, revised=owed["revised"].where(owed["revised"] > owed["known"], "")
    )
    places = owed["unit"].map(order).fillna(len(order))
    return conform(owed.loc[places.sort_values(kind="stable").index], CALENDAR)


def reminders(calendar: pd.DataFrame, *, as_of: str) -> pd.DataFrame:
    """Return the units to be reminded, the longest overdue first: what is not there yet.

    Returns one row a unit and year (contract ``REMINDERS``); a unit that owes nothing has none.
    """
    table = conform(calendar, CALENDAR)
    table = table[table["delivery"].isin(["due", "overdue"])]
    rows = table.groupby(["unit", "year", "due", "delivery"], sort=False)["indicator"]
    found = rows.agg(n="size", indicators=";".join).reset_index()
    days = pd.to_datetime(as_of) - pd.to_datetime(found["due"])
    found["days_over"] = days.dt.days.clip(lower=0)
    return conform(
        found.sort_values(["due", "n"], ascending=[True, False], kind="stable"), REMINDERS
    )
