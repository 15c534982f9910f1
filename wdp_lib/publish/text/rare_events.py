"""What an area of its size can show of a target for a rare event."""

from __future__ import annotations

import pandas as pd

from wdp_lib.core.errors import ParameterError, Text
from wdp_lib.data import headline
from wdp_lib.forecasting.counts.rates import (
    events_allowed,
    pooled_rate,
    probability_at_most,
    verifiability,
)
from wdp_lib.plan import Plan
from wdp_lib.publish.context import Context
from wdp_lib.publish.text.say import say, together
from wdp_lib.publish.text.words import probability, quantity, rounded, span
from wdp_lib.publish.views.show import Prose

RECENT = 3


def rare_with_target(observations: pd.DataFrame, plan: Plan) -> dict[str, pd.DataFrame]:
    """Return the counted values of each rare event that has an upper number as target."""
    rows = headline(observations, plan)
    rows = rows[rows["numerator"].notna() & (rows["denominator"] > 0)]
    counted = dict(list(rows[rows["status"] != "estimated"].groupby("indicator")))
    return {
        i.id: counted[i.id]
        for i in plan.indicators
        if i.data_kind == "rare_rate"
        and i.target.improving < 0
        and i.target.value
        and i.multiplier
        and i.id in counted
    }


def verifiability_facts(
    observations: pd.DataFrame, context: Context, indicator: str
) -> dict[str, object]:
    """Return what an area of this size can show of a target for a rare event.

    Returns
    -------
    dict
        Texts: ``name, target, among`` (what is counted), ``exposure`` (a year, mean of the
        latest three), ``chance`` (of an event in a year at a true rate equal to the target),
        ``needed`` and ``years`` (exposure without an event that shows the target, one-sided
        95 %), ``first_year, last_year, events, total, rate, interval`` (the shortest run of
        years with ten events, else all), ``p_within`` (Jeffreys prior), ``met, possible``
        (events allowed).

    Raises
    ------
    ParameterError
        When the target is no upper number above zero, or there are no counts.
    """
    counted = rare_with_target(observations, context.plan)
    if indicator not in counted:
        name = context.name(indicator)
        raise ParameterError(
            Text(
                f"{name}没有上限目标或没有分子、分母。",
                f"{name} has no upper target, or no counts are known.",
            )
        )
    return _facts(indicator, counted[indicator], context)


def _facts(indicator: str, rows: pd.DataFrame, context: Context) -> dict[str, object]:
    entry, language = context.plan.indicator(indicator), context.language
    target, unit, scale = entry.target.value, entry.unit, {"multiplier": entry.multiplier}
    each = float(rows["denominator"].tail(RECENT).mean())
    shown = verifiability(target, each, trials=entry.multiplier <= 100, **scale)
    pooled = pooled_rate(rows["year"], rows["numerator"], rows["denominator"], **scale)
    within = probability_at_most(target, pooled.events, pooled.exposure, **scale)
    met, possible = events_allowed(target, pooled.exposure, **scale)
    return {
        "name": context.name(indicator),
        "target": quantity(target, unit, language),
        "n_recent": min(RECENT, len(rows)),
        "among": context.text(entry.denominator),
        "exposure": f"{each:,.0f}",
        "chance": probability(shown.chance_of_event, language),
        "needed": f"{shown.exposure_one_sided:,}",
        "years": f"{shown.years_one_sided:.0f}",
        "first_year": pooled.first_year,
        "last_year": pooled.last_year,
        "events": f"{pooled.events:.0f}",
        "total": f"{pooled.exposure:,.0f}",
        "rate": rounded(pooled.rate, unit, language),
        "interval": span(pooled.lower, pooled.upper, unit),
        "p_within": probability(float(within), language),
        "met": met,
        "possible": possible,
    }


def verifiability_prose(observations: pd.DataFrame, context: Context) -> Prose:
    """Return one item for each target of a rare event that has counts."""
    counted = rare_with_target(observations, context.plan)
    said = [
        say("verifiability", context, **_facts(name, rows, context))
        for name, rows in counted.items()
    ]
    return together(said, "\n", "- ") if said else say("verifiability.none", context)
