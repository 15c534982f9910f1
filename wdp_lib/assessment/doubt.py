"""Values that the checks suspect: until confirmed, verdict and forecast with and without them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from wdp_lib.assessment.risks import assess
from wdp_lib.assessment.scheme import Scheme
from wdp_lib.core.columns import FORECASTS, OBSERVATIONS, RISKS, Contract, conform
from wdp_lib.core.errors import Problem
from wdp_lib.data import headline
from wdp_lib.forecasting.observations import forecast
from wdp_lib.forecasting.paths import forecast_paths
from wdp_lib.plan import Plan

_SAID = ("standing", "risk", "p_meet", "forecast_lower", "forecast_median", "forecast_upper")
DOUBTS = Contract(
    "doubts",
    f"""
    indicator area year value last_value last_year stale grade reason
    {" ".join(_SAID)} {" ".join(f"{name}_without" for name in _SAID)} simulated
    """,
)
PLACE = ["file", "row"]


def suspected(observations: pd.DataFrame, problems: Iterable[Problem], plan: Plan) -> pd.DataFrame:
    """Return the used values that targets are judged by and that the checks call a jump.

    One that the table of corrections confirms, be it as it stands, is no longer suspected.
    """
    problems = list(problems)
    confirmed = {(p.file, p.row) for p in problems if p.rule == "corrected"}
    places = {(p.file, p.row) for p in problems if p.rule == "jump"} - confirmed
    used = headline(conform(observations, OBSERVATIONS), plan)
    hit = [place in places for place in zip(used["file"], used["row"], strict=True)]
    return conform(used.loc[np.array(hit, dtype=bool)], OBSERVATIONS)


def doubts(
    risks: pd.DataFrame,
    suspects: pd.DataFrame,
    observations: pd.DataFrame,
    plan: Plan,
    *,
    forecasts: pd.DataFrame,
    paths: pd.DataFrame | None,
    as_of: str,
    through: int,
    seed: int = 0,
    scheme: Scheme | None = None,
    areas: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Say of every suspected value what the verdict and the forecast are with and without it.

    ``suspects``: from `suspected`. ``forecasts, paths``: those that ``risks`` was made from: of the
    other indicators they stand. Returns one row a suspected value (contract ``DOUBTS``); several of
    one indicator are left out together.
    """
    table = conform(suspects, OBSERVATIONS)[["indicator", "area", "year", "value"]]
    names = set(table["indicator"])
    if not names:
        return conform(pd.DataFrame(columns=DOUBTS.names), DOUBTS)
    marks = pd.MultiIndex.from_frame(suspects[PLACE])
    left = observations[~pd.MultiIndex.from_frame(observations[PLACE]).isin(marks)]
    part = plan.part(names)
    again = [i.id for i in part.indicators]
    span = {"through": through, "seed": seed}
    made = [forecasts[~forecasts["indicator"].isin(again)], forecast(left, part, **span)]
    held = [i.id for i in part.indicators if i.target.every_year]
    ahead = [] if paths is None else [paths[~paths["indicator"].isin(again)]]
    ahead += [forecast_paths(left, plan, held, **span)] if held else []
    without = assess(
        conform(pd.concat(made), FORECASTS),
        left,
        plan,
        as_of=as_of,
        scheme=scheme,
        paths=pd.concat(ahead) if ahead else None,
        areas=areas,
    ).set_index("indicator")[list(_SAID)]
    table = table.join(
        conform(risks, RISKS).set_index("indicator").drop(columns="area"), "indicator"
    )
    return conform(table.join(without.add_suffix("_without"), "indicator"), DOUBTS)
