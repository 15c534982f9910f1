"""Bulk assessment: the full assessment of thousands of areas, some at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from wdp_lib.assessment.risk.case import Collected
from wdp_lib.assessment.risk.risks import risk_rows
from wdp_lib.assessment.scheme import Scheme, load_scheme
from wdp_lib.core.columns import OBSERVATIONS, RISKS, conform
from wdp_lib.core.dates import data_year
from wdp_lib.data import current
from wdp_lib.forecasting.models.registry import DEFAULT
from wdp_lib.forecasting.observations import forecast
from wdp_lib.forecasting.paths import forecast_paths
from wdp_lib.plan import Plan

PIECE = 50  # areas at a time


def assess_many(
    observations: pd.DataFrame,
    plan: Plan,
    areas: Sequence[str],
    *,
    as_of: str,
    through: int,
    below: Mapping[str, Sequence[str]] | None = None,
    scheme: Scheme | None = None,
    model: str = DEFAULT,
    seed: int = 0,
) -> pd.DataFrame:
    """Forecast and judge every target of a plan in many areas, as `wdp_lib.assess` does in one.

    Parameters
    ----------
    observations : pandas.DataFrame
        Observation table (contract ``OBSERVATIONS``) of all areas, known at the cut-off.
    as_of : str
        Cut-off date ``YYYY-MM-DD``.
    through : int
        Last year forecast.
    below : mapping of str to sequence of str, optional
        Smaller areas of each area, for targets that every smaller area must meet.

    Returns
    -------
    pandas.DataFrame
        Contract ``RISKS``: one row an area and indicator, in the order given and the plan's.

    Raises
    ------
    ParameterError
        When ``as_of`` is not a date or there is no such model.
    """
    year, scheme = data_year(as_of), scheme or load_scheme()
    used = current(conform(observations, OBSERVATIONS))
    held = [i.id for i in plan.indicators if i.target.every_year and i.target.statistic == "level"]
    rows = []
    for part, names in pieces(used, areas, below or {}):
        made = forecast(part, plan, through=through, model=model, seed=seed, areas=names)
        kept = dict(list(part[part["indicator"].isin(held)].groupby("area")))
        ahead = [
            forecast_paths(kept[name], replace(plan, area=name), held, through=through, seed=seed)
            for name in names
            if name in kept
        ]
        paths = pd.concat(ahead) if ahead else None
        collected = Collected(part, plan, made, paths)
        for name in names:
            smaller = (below or {}).get(name, ())
            rows += risk_rows(collected, replace(plan, area=name), year, scheme, smaller)
    return conform(pd.DataFrame(rows, columns=RISKS.names), RISKS)


def pieces(
    observations: pd.DataFrame, areas: Sequence[str], below: Mapping[str, Sequence[str]]
) -> Iterator[tuple[pd.DataFrame, list[str]]]:
    """Yield some areas at a time with the rows of these and of their smaller areas."""
    for start in range(0, len(areas), PIECE):
        names = list(areas[start : start + PIECE])
        smaller = [part for name in names for part in below.get(name, ())]
        yield observations[observations["area"].isin([*names, *smaller])], names
