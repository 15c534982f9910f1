"""What stands out between areas: which are worst or unlike the others in each indicator."""

from __future__ import annotations

import pandas as pd

from wdp_lib.comparison.tables import AREA_COMPARISON, AREA_OVERVIEW
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
    """
    table = conform(compared, AREA_COMPARISON)
    table = table.assign(
        has_line=table["keeps"] != "", short=table["keeps"] == "no", counted=table["reason"] == ""
    )
    rows = table.groupby("indicator", sort=False).agg(
        year=("year", "first"),
        n_areas=("area", "size"),
        common_value=("common_value", "max"),
        inflation=("inflation", "max"),
        n_below=("short", "sum"),
        has_line=("has_line", "all"),
        counted=("counted", "any"),
        reason=("reason", "first"),
        simulated=("simulated", "any"),
    )
    first, far = table[table["rank"] == 1], table[table["outside"] == FAR]
    n_first = first.groupby("indicator").size().reindex(rows.index, fill_value=0)
    worst = first[first["indicator"].map(n_first < rows["n_areas"]).astype(bool)]
    alone = worst[~worst.duplicated("indicator", keep=False)].set_index("indicator")

    def names(areas: pd.DataFrame) -> pd.Series:
        return areas.groupby("indicator")["area"].agg(";".join).reindex(rows.index, fill_value="")

    rows = rows.assign(
        worst_area=names(worst),
        worst_value=worst.drop_duplicates("indicator").set_index("indicator")["value"],
        **{f"worst_{name}": alone[name] for name in ("lower", "upper", "shrunken")},
        **{name: names(far[far["side"].isin(sides)]) for name, sides in _SIDES.items()},
        n_below=rows["n_below"].where(rows["has_line"]),
        reason=rows["reason"].mask(rows["counted"], ""),
    )
    return conform(rows.reset_index(), AREA_OVERVIEW)


def most_unlike(compared: pd.DataFrame) -> str:
    """Return the indicator with the area farthest on the worse side, in widths of 99.8 % limits.

    Returns ``""`` where none does. ``compared`` comes from `wdp_lib.compare_all_areas`.
    """
    table = conform(compared, AREA_COMPARISON)
    bad = table[table["side"] == "worse"]
    limit = bad["limit_998_upper"].where(bad["value"] > bad["common_value"], bad["limit_998_lower"])
    apart = ((bad["value"] - bad["common_value"]) / (limit - bad["common_value"])).dropna()
    return "" if apart.empty else str(bad.loc[apart.idxmax(), "indicator"])
