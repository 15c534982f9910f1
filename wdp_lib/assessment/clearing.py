"""What would clear a warning: the value of the next year after which nothing is warned of."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.assessment.risks import assess_many
from wdp_lib.assessment.scheme import GRADES, Scheme
from wdp_lib.core.columns import OBSERVATIONS, RISKS, Contract, conform
from wdp_lib.data import headline
from wdp_lib.forecasting import forecast
from wdp_lib.plan import Plan

HALVINGS = 6
PARTS = ("proportion", "share")  # of which no more than the whole can be reached
WHOLE = ("count", "persons")  # units without decimals
CLEARING = Contract("clearing_values", "indicator clears_next")


def clearing_values(
    risks: pd.DataFrame,
    observations: pd.DataFrame,
    plan: Plan,
    *,
    as_of: str,
    through: int,
    scheme: Scheme | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Solve for the value of the next year that would clear the warning of a target.

    The better next year's value, the less likely the target is missed: the value is found by
    bisection between the last value and the best that is thought possible next year (the outermost
    quantile of its forecast; never beyond the line with as much again). Each value tried is added
    to the observations, forecast and judged as it will be when it comes, so the value returned has
    been seen to clear the warning. ``as_of``: cut-off date ``YYYY-MM-DD`` of this round; values are
    tried as of one year later. Returns one row a target of a level that is warned and not due next
    year, in the plan's order (contract ``CLEARING``); ``clears_next`` is missing where no value
    that next year alone may bring clears.
    """
    risks, used = conform(risks, RISKS), headline(conform(observations, OBSERVATIONS), plan)
    levels = [i.id for i in plan.indicators if i.target.statistic == "level"]
    table = risks[risks["risk"].isin(GRADES) & risks["indicator"].isin(levels)]
    table = table[table["last_year"] + 1 < table["target_year"]].set_index("indicator", drop=False)
    last = table[["indicator", "last_year"]].rename(columns={"last_year": "year"})
    last = last.reset_index(drop=True).merge(used, on=["indicator", "year"])
    last = last.drop_duplicates("indicator").set_index("indicator", drop=False)
    worst, best = _ends(table.loc[last.index], plan)
    best = _possible(table.loc[last.index], best, used, plan, seed)
    settings = {"as_of": f"{int(as_of[:4]) + 1}{as_of[4:]}", "through": through, "seed": seed}

    def cleared(values: pd.Series) -> pd.Series:
        part = plan.part(values.index)
        names = [i.id for i in part.indicators]
        new = _next_year(last.loc[values.index], values, plan, settings["as_of"])
        tried = pd.concat([used[used["indicator"].isin(names)], new], ignore_index=True)
        found = assess_many(tried, part, [plan.area], scheme=scheme, **settings)
        return found.set_index("indicator").loc[values.index, "risk"] == "clear"

    whole = [plan.indicator(name).unit in WHOLE for name in last.index]
    per_one = pd.Series(np.where(whole, 1, 100), last.index)
    best = (best * per_one).round() / per_one
    if len(best):
        best = best[cleared(best)]
    for _ in range(HALVINGS if len(best) else 0):
        middle = (worst[best.index] + best) / 2
        # on the better side of what is printed: what is printed is what was tried
        up, steps = np.where(middle < best, 1.0, -1.0), per_one[best.index]
        middle = up * np.ceil(np.round(steps * up * middle, 6)) / steps
        clear = cleared(middle)
        best = best.mask(clear, middle)
        worst = worst[best.index].mask(~clear, middle)
    table = pd.DataFrame({"indicator": last.index, "clears_next": best.reindex(last.index).array})
    return conform(table, CLEARING)


def _ends(table: pd.DataFrame, plan: Plan) -> tuple[pd.Series, pd.Series]:
    """Value of the next year that clears nothing, and the best one that can be thought of."""
    low, high, now = (
        table[name].astype(float) for name in ("target_lower", "target_upper", "last_value")
    )
    line = low.fillna(high).where(low.isna() | high.isna(), (low + high) / 2)
    up = low.notna() & (high.isna() | (now < line))
    indicators = [plan.indicator(name) for name in table.index]
    beyond = np.maximum((line - now).abs(), line.abs() / 2).where(low.isna() | high.isna(), 0.0)
    most = [
        min(i.upper_bound, i.multiplier or np.inf if i.data_kind in PARTS else np.inf)
        for i in indicators
    ]
    best = (line + beyond.where(up, -beyond)).clip([i.lower_bound for i in indicators], most)
    return now.where((now < line) == up, line), best


def _possible(
    table: pd.DataFrame, best: pd.Series, used: pd.DataFrame, plan: Plan, seed: int
) -> pd.Series:
    """Return the best values, none better than the outermost quantile of next year's forecast.

    A ratio of 1.57 with a target of 2 is not told to be 2.63 next year.
    """
    if table.empty:
        return best
    own = used[used["indicator"].isin(table.index) & (used["area"] == plan.area)]
    through = int(table["last_year"].max()) + 1
    made = forecast(own, plan.part(table.index), through=through, seed=seed)
    years = made["indicator"].map(table["last_year"]) + 1
    ends = made[(made["year"] == years) & (made["area"] == plan.area)].groupby("indicator")["value"]
    low, high = ends.min().reindex(table.index), ends.max().reindex(table.index)
    up = best > table["last_value"]
    return best.where(up, best.clip(lower=low.fillna(best))).where(
        ~up, best.clip(upper=high.fillna(best))
    )


def _next_year(last: pd.DataFrame, values: pd.Series, plan: Plan, as_of: str) -> pd.DataFrame:
    """The row of the last value, one year on, with the value tried and its count."""
    scale = [plan.indicator(name).multiplier or np.nan for name in last.index]
    counted = last["numerator"].notna()
    return last.assign(
        year=last["year"] + 1,
        value=values,
        numerator=(values * last["denominator"] / scale).where(counted),
        as_of=as_of,
        status="final",
        series_break="",
        link_factor=np.nan,
    )
