"""What the simulated county is made of: towns, counts, true levels, faults to plant."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from wdp_lib.core.errors import ParameterError, Problem, Text
from wdp_lib.core.words import rows_beside
from wdp_lib.plan import Indicator, Plan

YEARS = np.arange(2015, 2031)
AVAILABLE = ("routine", "partial")


@dataclass(frozen=True)
class Denominator:
    """One count that others are divided by; linear between its two sizes in the county."""

    id: str
    size_2015: float
    size_2030: float
    female_share: float | None  # where the count is split by sex
    residence: str  # split into urban and rural, or own
    spread: str  # over the towns: people, villages, communities, settlements, towns, county (not)
    kind: str  # stock, or flow: a Poisson number each year

    @property
    def sizes(self) -> np.ndarray:
        """Size in each of `YEARS`."""
        return np.interp(YEARS, [2015, 2030], [self.size_2015, self.size_2030])


@dataclass(frozen=True)
class Series:
    """The truth behind one indicator."""

    indicator: Indicator
    denominator: str
    # how numbers come about from the level: binomial, poisson, stock, count, mean, value, fixed,
    # denominator
    family: str
    link: str  # logit, log, plain: scale on which path, effects and shocks add up
    level_2015: float  # true level of the indicator's own stratum, in its unit
    level_2030: float
    path: str  # linear, early, step_YEAR, turn_YEAR, break_YEAR:shift; fixed: 2015:0;2019:1
    shock: float  # standard deviation of the yearly deviation common to all strata; not true
    male_effect: float  # men against women, rural against urban, one unit of a town's score
    rural_effect: float
    town_effect: float
    years: str  # which are returned, a key of `wdp_lib.simulate.returns.REPORTED`
    townships: bool  # whether the towns are returned too
    status: str  # final, estimated; provisional: first in spring, the final value in September

    @property
    def decimals(self) -> int | None:
        """Decimals that the unit prescribes; ``None`` where the department chooses."""
        if self.family == "fixed" or self.indicator.unit in ("count", "persons"):
            return 0
        return None if self.indicator.unit == "percent" else 2


@dataclass(frozen=True)
class Specification:
    """Everything the simulated county is made of."""

    towns: pd.DataFrame  # by identifier; `score` has mean 0 over the people
    denominators: dict[str, Denominator]
    series: tuple[Series, ...]
    departments: pd.DataFrame  # by unit: form, decimals, reports_on (month-day)
    plants: pd.DataFrame
    breaks: pd.DataFrame


def read_specification(plan: Plan) -> Specification:
    """Return the simulated county for the indicators of a plan that a county has."""
    levels = {row["indicator"]: row for row in rows_beside(__file__, "levels.csv")}
    departments = pd.DataFrame(rows_beside(__file__, "departments.csv")).set_index("unit")
    wanted = [indicator for indicator in plan.indicators if indicator.availability in AVAILABLE]
    problems = [_lacking("no_level", i) for i in wanted if i.id not in levels]
    units = set(departments.index)
    problems += [_lacking("no_department", i) for i in wanted if not {*i.lead_units[:1]} & units]
    if problems:
        raise ParameterError.of(
            "这个计划不能用模拟县的数据。", "The simulated county does not fit this plan.", problems
        )
    return Specification(
        towns=_towns(),
        denominators={
            row["denominator"]: _denominator(row)
            for row in rows_beside(__file__, "denominators.csv")
        },
        series=tuple(_series(indicator, levels[indicator.id]) for indicator in wanted),
        departments=departments,
        plants=pd.DataFrame(rows_beside(__file__, "plants.csv")),
        breaks=pd.DataFrame(rows_beside(__file__, "breaks.csv")),
    )


def _towns() -> pd.DataFrame:
    towns = pd.DataFrame(rows_beside(__file__, "towns.csv")).set_index("area")
    numbers = ["people_share", "urban_share", "villages", "communities", "score"]
    towns[numbers] = towns[numbers].astype("float64")
    towns["score"] -= np.average(towns["score"], weights=towns["people_share"])
    return towns


def _denominator(row: dict[str, str]) -> Denominator:
    name, first, last, women, *texts = row.values()
    return Denominator(name, float(first), float(last), float(women) if women else None, *texts)


def _series(indicator: Indicator, row: dict[str, str]) -> Series:
    numbers = ("level_2015", "level_2030", "shock", "male_effect", "rural_effect", "town_effect")
    texts = ("denominator", "family", "link", "path", "years", "status")
    return Series(
        indicator=indicator,
        townships=row["townships"] == "yes",
        **{name: float(row[name]) for name in numbers},
        **{name: row[name] for name in texts},
    )


# rule: file, column, what was found, what is expected
_LACKING = {
    "no_level": (
        "levels.csv",
        "indicator",
        Text("没有指标 {name}", "no indicator {name}"),
        Text(
            "县级有常规或部分数据的每个指标",
            "every indicator that a county has routinely or in part",
        ),
    ),
    "no_department": (
        "departments.csv",
        "unit",
        Text("没有指标 {name} 的牵头单位", "no lead unit of {name}"),
        Text("每个指标的第一责任单位", "the first lead unit of every indicator"),
    ),
}


def _lacking(rule: str, indicator: Indicator) -> Problem:
    file, column, found, expected = _LACKING[rule]
    path = f"wdp_lib/simulate/{file}"
    found = Text(found.zh.format(name=indicator.id), found.en.format(name=indicator.id))
    advice = Text(f"请在 {path} 中补上一行。", f"Add a row to {path}.")
    return Problem(rule, file, None, column, found, expected, advice)
