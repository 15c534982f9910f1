"""What a county of its size can show about a target for a rare event, in numbers and in one sentence."""

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
from wdp_lib.publish.text.words import number, probability, quantity, span
from wdp_lib.publish.views.report_tables import name_of

RECENT = 3
SENTENCE = Text(
    "{name}目标为不高于{target}。近 {n_recent} 年{among}年均 {exposure}：即使真实水平恰等于目标，一年内至少发生 1 例的概率也有 {chance}；"
    "若一例也不发生，{among}须累计 {needed}（约 {years} 年）才能以 95% 的把握说明已达到目标。"
    "{first_year}—{last_year} 年共发生 {events} 例，{among}累计 {total}，合并计算为{rate}（95% 区间 {interval}），潜在水平在目标以内的概率为 {p_within}。"
    "按这一累计数，不超过 {met} 例即为达到目标，不超过 {possible} 例尚不能断定未达到。",
    "{name}: the target is at most {target}. Over the last {n_recent} years there were {exposure} a year ({among}): at a true rate equal to "
    "the target there would be at least one event in {chance} of years, and without a single event it would take "
    "{needed} (about {years} years) to show with 95 % confidence that the target is met. From {first_year} to {last_year} "
    "there were {events} events among {total}, pooled {rate} (95 % interval {interval}); the underlying rate is within the "
    "target with a probability of {p_within}. With the same exposure up to {met} events meet the target, and up to "
    "{possible} do not yet show that it is missed.",
)


def verifiability_facts(
    observations: pd.DataFrame, plan: Plan, indicator: str, language: str
) -> dict[str, object]:
    """Return what the county's counts can say of a target for a rare event, and the sentence that says it.

    Parameters
    ----------
    observations : pandas.DataFrame
        Under the contract ``OBSERVATIONS``; used rows with counts, without estimates.
    plan : Plan
        The plan.
    indicator : str
        An indicator whose target is a number not to be exceeded.
    language : {"zh", "en"}
        Language of the texts.

    Returns
    -------
    dict
        Texts: ``name, target, among`` (what is counted), ``exposure`` (a year, mean of the latest three), ``chance`` (of an event in a year at a true rate
        equal to the target), ``needed`` and ``years`` (exposure without an event that shows the target, one-sided 95 %),
        ``first_year, last_year, events, total, rate, interval`` (the shortest run of years with ten events, else all),
        ``p_within`` (Jeffreys prior), ``met, possible`` (events allowed), and the whole ``sentence``.

    Raises
    ------
    ParameterError
        When the target is no upper number above zero, or there are no counts.
    """
    entry = plan.indicator(indicator)
    target, unit = entry.target.value, entry.unit
    rows = headline(observations, plan)
    rows = rows[
        (rows["indicator"] == indicator)
        & (rows["status"] != "estimated")
        & (rows["denominator"] > 0)
    ]
    rows = rows[rows["numerator"].notna()]
    if entry.target.improving >= 0 or not target or entry.multiplier is None or rows.empty:
        name = name_of(indicator, plan, language)
        raise ParameterError(
            Text(
                f"{name}没有上限目标或没有分子、分母。",
                f"{name} has no upper target, or no counts are known.",
            )
        )
    each = float(rows["denominator"].tail(RECENT).mean())
    shown = verifiability(target, each, multiplier=entry.multiplier, trials=entry.multiplier <= 100)
    pooled = pooled_rate(
        rows["year"], rows["numerator"], rows["denominator"], multiplier=entry.multiplier
    )
    within = probability_at_most(
        target, pooled.events, pooled.exposure, multiplier=entry.multiplier
    )
    met, possible = events_allowed(target, pooled.exposure, multiplier=entry.multiplier)
    facts = {
        "name": name_of(indicator, plan, language),
        "target": quantity(target, unit, language),
        "n_recent": min(RECENT, len(rows)),
        "among": entry.denominator.in_language(language),
        "exposure": f"{each:,.0f}",
        "chance": probability(shown.chance_of_event, language),
        "needed": f"{shown.exposure_one_sided:,}",
        "years": f"{shown.years_one_sided:.0f}",
        "first_year": pooled.first_year,
        "last_year": pooled.last_year,
        "events": f"{pooled.events:.0f}",
        "total": f"{pooled.exposure:,.0f}",
        "rate": quantity(float(number(pooled.rate, unit)), unit, language),
        "interval": span(pooled.lower, pooled.upper, unit),
        "p_within": probability(float(within), language),
        "met": met,
        "possible": possible,
    }
    return {**facts, "sentence": SENTENCE.in_language(language).format(**facts)}
