"""Every indicator that townships report: which of them stand out, and which parts lack the most."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from wdp_lib.assessment.scheme import load_scheme
from wdp_lib.comparison.areas.cases import own_stratum
from wdp_lib.comparison.areas.compare import compare_areas
from wdp_lib.comparison.areas.sums import drill_down
from wdp_lib.comparison.areas.tables import AREA_COMPARISON, AREA_OVERVIEW, DRILL_DOWN
from wdp_lib.comparison.groups.known import as_known
from wdp_lib.core.columns import OBSERVATIONS, conform
from wdp_lib.plan import Indicator, Plan

FAR = "99.8"
HALF = 0.5  # less than half a person or case is nobody
_SIDES = {"worse_areas": ("worse",), "better_areas": ("better",), "apart_areas": ("low", "high")}


def compare_all_areas(
    observations: pd.DataFrame, plan: Plan, *, as_of: str | None = None, seed: int = 0
) -> pd.DataFrame:
    """Compare the areas below the plan's area in every indicator they report, each in its last year.

    Parameters
    ----------
    observations, plan, as_of, seed
        As for :func:`wdp_lib.compare_areas`.

    Returns
    -------
    pandas.DataFrame
        Contract ``AREA_COMPARISON``, in the plan's order; indicators no area below reports have no row, nor have plain numbers of persons
        or cases, of which a large area always has more.

    Raises
    ------
    ParameterError
        When ``as_of`` is no date.
    """
    rows, known = conform(observations, OBSERVATIONS), as_known(observations, as_of)
    below, scheme = known[known["area"] != plan.area], load_scheme()
    parts = []
    for indicator in plan.indicators:
        years = own_stratum(below, indicator)["year"]
        if len(years) and indicator.data_kind != "count":
            settings = {
                "indicator": indicator.id,
                "year": int(years.max()),
                "as_of": as_of,
                "seed": seed,
                "scheme": scheme,
            }
            parts.append(compare_areas(_of(rows, indicator), plan, **settings))
    return conform(
        pd.concat(parts) if parts else pd.DataFrame(columns=AREA_COMPARISON.names), AREA_COMPARISON
    )


def _of(rows: pd.DataFrame, indicator: Indicator) -> pd.DataFrame:
    """The rows of one indicator and of the one its promise refers to; the others need not be checked again each time."""
    return rows[rows["indicator"].isin([indicator.id, indicator.target.reference])]


def area_overview(compared: pd.DataFrame) -> pd.DataFrame:
    """Say of each indicator which area is worst, how sure that is, and which areas are outside the 99.8 % funnel limits.

    Parameters
    ----------
    compared : pandas.DataFrame
        From `wdp_lib.compare_all_areas` or `wdp_lib.compare_areas`.

    Returns
    -------
    pandas.DataFrame
        Contract ``AREA_OVERVIEW``, one row an indicator, in the order of the table. Without a better side, or where all areas have the same
        value, no area is the worst. ``n_below`` is missing where no line holds for an area.

    Raises
    ------
    WdpError
        When the table does not obey its contract.
    """
    table = conform(compared, AREA_COMPARISON)
    rows = [_row(name, part) for name, part in table.groupby("indicator", sort=False)]
    return conform(pd.DataFrame(rows, columns=AREA_OVERVIEW.names), AREA_OVERVIEW)


def _row(indicator: str, part: pd.DataFrame) -> dict:
    worst = part[part["rank"].eq(1).fillna(False).to_numpy(bool)]
    worst = worst if len(worst) < len(part) else worst.iloc[:0]
    one = worst.iloc[0] if len(worst) == 1 else None
    far = part[part["outside"] == FAR]
    reasons = [reason for reason in part["reason"] if reason]
    return {
        "indicator": indicator,
        "year": int(part["year"].iloc[0]),
        "n_areas": len(part),
        "common_value": part["common_value"].max(),
        "worst_area": ";".join(worst["area"]),
        "worst_value": worst["value"].iloc[0] if len(worst) else float("nan"),
        **{
            f"worst_{name}": float("nan") if one is None else one[name]
            for name in ("lower", "upper", "shrunken")
        },
        **{
            name: ";".join(far.loc[far["side"].isin(sides), "area"])
            for name, sides in _SIDES.items()
        },
        "inflation": part["inflation"].max(),
        "n_below": int((part["keeps"] == "no").sum()) if (part["keeps"] != "").all() else pd.NA,
        "reason": reasons[0] if len(reasons) == len(part) else "",
        "simulated": bool(part["simulated"].any()),
    }


def most_unlike(compared: pd.DataFrame) -> str:
    """Return the indicator in which an area lies farthest on the worse side, in widths of the 99.8 % limits; ``""`` for none.

    Parameters
    ----------
    compared : pandas.DataFrame
        From `wdp_lib.compare_all_areas`.
    """
    table = conform(compared, AREA_COMPARISON)
    bad = table[table["side"] == "worse"]
    limit = bad["limit_998_upper"].where(bad["value"] > bad["common_value"], bad["limit_998_lower"])
    apart = ((bad["value"] - bad["common_value"]) / (limit - bad["common_value"])).dropna()
    return "" if apart.empty else str(bad.loc[apart.idxmax(), "indicator"])


def largest_contributions(
    observations: pd.DataFrame, plan: Plan, indicators: Sequence[str], *, as_of: str | None = None
) -> pd.DataFrame:
    """Return, for each indicator and dimension, the part that adds most to what is missing to the line.

    Parameters
    ----------
    observations, plan, as_of
        As for :func:`wdp_lib.drill_down`.
    indicators : sequence of str
        Indicators, e.g. those that do not keep their promise; each in the county's last year.

    Returns
    -------
    pandas.DataFrame
        Contract ``DRILL_DOWN``: at most one row an indicator and dimension (equal parts: the first by name); none where no part is short of
        the line by half a person or case, or the dimension is not reported.

    Raises
    ------
    ParameterError
        When the plan has no such indicator or ``as_of`` is no date.
    """
    rows, known = conform(observations, OBSERVATIONS), as_known(observations, as_of)
    own = known[known["area"] == plan.area]
    parts = []
    for name in indicators:
        indicator = plan.indicator(name)
        years = own_stratum(own, indicator)["year"]
        if len(years):
            year = int(years.max())
            parts.append(
                drill_down(_of(rows, indicator), plan, indicator=name, year=year, as_of=as_of)
            )
    table = pd.concat(parts) if parts else pd.DataFrame(columns=DRILL_DOWN.names)
    table = conform(table, DRILL_DOWN)
    return conform(
        table[table["contribution"] >= HALF].drop_duplicates(["indicator", "dimension"]), DRILL_DOWN
    )
