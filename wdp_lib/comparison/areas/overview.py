"""What stands out between areas: which are worst or unlike the others in each indicator."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wdp_lib.comparison.areas.tables import AREA_COMPARISON, AREA_OVERVIEW
from wdp_lib.core.columns import conform

FAR = "99.8"
_SIDES = {"worse_areas": ("worse",), "better_areas": ("better",), "apart_areas": ("low", "high")}


def area_overview(compared: pd.DataFrame) -> pd.DataFrame:
    """Say of each indicator which area is worst, and which lie outside the 99.8 % limits.

    Parameters
    ----------
    compared : pandas.DataFrame
        From `wdp_lib.compare_all_areas` or `wdp_lib.compare_areas`.

    Returns
    -------
    pandas.DataFrame
        Contract ``AREA_OVERVIEW``, one row an indicator, in the order of the table. Without a
        better side, or where all areas have the same value, no area is the worst. ``n_below`` is
        missing where no line holds for an area.

    Raises
    ------
    WdpError
        When the table does not obey its contract.
    """
    parts: dict[str, list[dict]] = {}
    for row in conform(compared, AREA_COMPARISON).to_dict("records"):
        parts.setdefault(row["indicator"], []).append(row)
    rows = [_row(part) for part in parts.values()]
    return conform(pd.DataFrame(rows, columns=AREA_OVERVIEW.names), AREA_OVERVIEW)


def _row(part: list[dict]) -> dict:
    worst = [row for row in part if not pd.isna(row["rank"]) and row["rank"] == 1]
    worst = worst if len(worst) < len(part) else []
    one = worst[0] if len(worst) == 1 else {}
    keeps = [row["keeps"] for row in part]
    far = [row for row in part if row["outside"] == FAR]
    return {
        "indicator": part[0]["indicator"],
        "year": part[0]["year"],
        "n_areas": len(part),
        "common_value": np.fmax.reduce([row["common_value"] for row in part]),
        "worst_area": ";".join(row["area"] for row in worst),
        "worst_value": worst[0]["value"] if worst else None,
        **{f"worst_{name}": one.get(name) for name in ("lower", "upper", "shrunken")},
        **{
            name: ";".join(row["area"] for row in far if row["side"] in sides)
            for name, sides in _SIDES.items()
        },
        "inflation": np.fmax.reduce([row["inflation"] for row in part]),
        "n_below": None if "" in keeps else keeps.count("no"),
        "reason": part[0]["reason"] if all(row["reason"] for row in part) else "",
        "simulated": any(row["simulated"] for row in part),
    }


def most_unlike(compared: pd.DataFrame) -> str:
    """Return the indicator with the area farthest on the worse side, in widths of 99.8 % limits.

    Returns ``""`` where none does. ``compared`` comes from `wdp_lib.compare_all_areas`.
    """
    table = conform(compared, AREA_COMPARISON)
    bad = table[table["side"] == "worse"]
    limit = bad["limit_998_upper"].where(bad["value"] > bad["common_value"], bad["limit_998_lower"])
    apart = ((bad["value"] - bad["common_value"]) / (limit - bad["common_value"])).dropna()
    return "" if apart.empty else str(bad.loc[apart.idxmax(), "indicator"])
