"""Which indicators a page shows, and what must hold before it may be used."""

from __future__ import annotations

import pandas as pd

from wdp_lib.assessment.scheme import CLASSES
from wdp_lib.core.errors import Text, WdpError
from wdp_lib.plan import Plan


def forecast_targets(plan: Plan, forecasts: pd.DataFrame) -> list[str]:
    """Return the indicators that have a number as target and a forecast."""
    made = forecasts[forecasts["value"].notna() & (forecasts["area"] == plan.area)]
    known = set(made["indicator"])
    return [i.id for i in plan.indicators if i.target.is_number and i.id in known]


def hardest(risks: pd.DataFrame, most: int) -> list[str]:
    """Return the graded indicators in the order of their class, then of their probability."""
    graded = risks[(risks["risk"] != "not_graded") & (risks["evidence"] == "confirmed")]
    order = graded["risk"].map({name: place for place, name in enumerate(CLASSES)})
    graded = graded.assign(_order=order).sort_values(["_order", "p_meet"], kind="stable")
    return list(graded["indicator"].head(most))


def require(holds: object, what: str, what_zh: str) -> None:
    """Stop a notebook whose result is not fit for use.

    Raises
    ------
    WdpError
        When the condition does not hold.
    """
    if not bool(holds):
        raise WdpError(Text(f"结果不可用：{what_zh}。", f"The result is not fit for use: {what}."))
