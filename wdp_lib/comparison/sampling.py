"""Surveys: how many people to ask for a wanted precision, and estimates that came of them."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from wdp_lib.comparison.tables import SURVEYS
from wdp_lib.core.columns import conform
from wdp_lib.core.errors import ParameterError, Problem, Text
from wdp_lib.data.record_contracts import record_contract
from wdp_lib.plan import Plan

SURVEY_RECORD = record_contract("surveys.csv")
SHARES = (0.1, 0.3, 0.5)
_NORMAL = 1.96  # of a 95 % interval
_NO_INTERVAL = Text(
    "没有区间或标准误，或估计值不在区间内", "no interval, or one without the estimate"
)


def sample_size(
    margin: float,
    *,
    share: float = 0.5,
    population: int | None = None,
    design_effect: float = 1.0,
    response: float = 1.0,
    confidence: float = 0.95,
) -> int:
    """Return how many people to draw, so that a share is known within a margin.

    Cochran (1977), *Sampling Techniques*, 3rd ed., chapter 4: ``z² p (1 - p) / margin²``, times the
    design effect, corrected for a finite population, divided by the expected response. ``margin``:
    half the width of the interval, as a share: 0.05 for 5 percentage points. ``share``: what the
    share is thought to be; one half needs most. ``population``: people in the population; large
    unless given. ``design_effect``: variance of the design over that of a simple random sample;
    above 1 for clusters. ``response``: share of those drawn who are expected to answer. Raises
    `ParameterError` when a share does not lie between 0 and 1, or a number is too small.
    """
    given = {"margin": margin, "share": share, "response": response, "confidence": confidence}
    wrong = [name for name, x in given.items() if not 0 < x < 1 and (name, x) != ("response", 1)]
    wrong += ["design_effect"] * (design_effect < 1)
    wrong += ["population"] * (population is not None and population < 1)
    if wrong:
        listed = ", ".join(wrong)
        zh = f"{listed} 不合理：比例应在 0 与 1 之间，设计效应不小于 1，总体至少 1 人。"
        en = f"{listed}: shares lie between 0 and 1, a design effect is at least 1, and somebody"
        raise ParameterError.of(zh, f"{en} must be in the population.")
    from statsmodels.stats.proportion import samplesize_confint_proportion

    asked = samplesize_confint_proportion(share, margin, alpha=1 - confidence) * design_effect
    if population is not None:
        asked = asked / (1 + (asked - 1) / population)
    drawn = math.ceil(asked / response - 1e-9)
    return drawn if population is None else min(drawn, population)


def survey_sizes(
    margin: float, *, population: int = 0, design_effect: float = 1.0, response: float = 1.0
) -> pd.DataFrame:
    """Return how many people to draw in all, and for women and men apart, by expected share.

    ``population``: people in the population, of whom each sex is half; 0 for a large one. ``share,
    margin`` (shares), ``drawn`` and ``drawn_by_sex`` (of both together).
    """
    settings = {"design_effect": design_effect, "response": response}
    rows = [
        {
            "share": share,
            "margin": margin,
            "drawn": sample_size(margin, share=share, population=population or None, **settings),
            "drawn_by_sex": 2
            * sample_size(margin, share=share, population=population // 2 or None, **settings),
        }
        for share in SHARES
    ]
    return pd.DataFrame(rows)


def survey_estimates(surveys: pd.DataFrame, plan: Plan, *, as_of: str) -> pd.DataFrame:
    """Return the estimates of surveys on record that were known on a day, each with its interval.

    They are no observations: they enter no verdict and no forecast, and are shown with their
    interval. Without ends the interval is the estimate ± 1.96 standard errors; an estimate without
    either, or outside its interval, has no row (`surveys_without_interval`). Returns one row an
    estimate (contract ``SURVEYS``), by indicator, area and year.
    """
    table = _with_ends(surveys)
    table = table[_sound(table) & (table["date"] <= as_of)]
    for column in ("sex", "residence", "age_group"):
        own = table["indicator"].map({i.id: i.stratum[column] for i in plan.indicators})
        table[column] = table[column].where(table[column] != "", own)
    order = {i.id: place for place, i in enumerate(plan.indicators)}
    table = table[table["indicator"].isin(list(order))]
    places = table["indicator"].map(order)
    return conform(table.assign(place=places).sort_values(["place", "area", "year"]), SURVEYS)


def surveys_without_interval(surveys: pd.DataFrame) -> list[Problem]:
    """Return a problem for each estimate on record whose interval is missing or wrong."""
    lines = surveys["row"] if "row" in surveys else range(2, len(surveys) + 2)
    table = _with_ends(surveys).assign(line=[int(line) for line in lines])
    expected = Text(
        "含估计值的区间，或标准误", "an interval that holds the estimate, or a standard error"
    )
    advice = Text("请补填；补填前不采用。", "Fill it in: the estimate is not used until then.")
    file, code = SURVEY_RECORD.file, "survey_without_interval"
    return [
        Problem(code, file, line, "low", _NO_INTERVAL, expected, advice)
        for line in table.loc[~_sound(table), "line"]
    ]


def _with_ends(surveys: pd.DataFrame) -> pd.DataFrame:
    table = conform(surveys, SURVEY_RECORD.table)
    half = _NORMAL * table["standard_error"]
    table["low"] = table["low"].fillna(table["value"] - half)
    table["high"] = table["high"].fillna(table["value"] + half)
    return table


def _sound(table: pd.DataFrame) -> np.ndarray:
    inside = (table["low"] <= table["value"]) & (table["value"] <= table["high"])
    return (inside & (table["low"] < table["high"])).to_numpy(dtype=bool)
