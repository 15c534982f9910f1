"""Which areas lie above and below one, by the parents that a data set gives."""

from __future__ import annotations

import pandas as pd


def parent_areas(areas: pd.DataFrame, area: str) -> list[str]:
    """Return the areas above an area, the nearest first, by the columns ``area, parent``."""
    parents = dict(zip(areas["area"], areas["parent"].fillna(""), strict=True))
    above: list[str] = []
    parent = parents.get(area, "")
    while parent and parent not in (*above, area):
        above.append(parent)
        parent = parents.get(parent, "")
    return above


def areas_below(areas: pd.DataFrame | None, area: str) -> list[str] | None:
    """Return the areas whose chain of parents leads to an area; ``None`` without a table."""
    if areas is None:
        return None
    below: list[str] = []
    nearest = areas["area"][areas["parent"] == area]
    while len(nearest):
        below += list(nearest)
        children = areas["parent"].isin(list(nearest)) & ~areas["area"].isin([*below, area])
        nearest = areas["area"][children]
    return below
