"""What the simulated county is made of.

Towns, counts, true levels, and the faults planted in its returns.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
import pandas as pd

from wdp_lib.core.errors import ParameterError, Problem, Text
from wdp_lib.plan import Indicator, Plan

YEARS = np.arange(2015, 2031)
AVAILABLE = ("routine", "partial")


@dataclass(frozen=True)
class Denominator:
    """One count that others are divided by.

    Parameters
    ----------
    size_2015, size_2030 : float
        Size in the county; linear between these years.
    female_share : float or None
        Share of women where the count is split by sex.
    residence : {"split", "own"}
        Whether it is split into urban and rural.
    spread : {"people", "villages", "communities", "settlements", "towns", "county"}
        How it spreads over the towns; ``county``: not at all.
    kind : {"stock", "flow"}
        ``flow``: a Poisson number each year.
    """

    id: str
    size_2015: float
    size_2030: float
    female_share: float | None
    residence: str
    spread: str
    kind: str

    @property
    def sizes(self) -> np.ndarray:
        """Size in each of `YEARS`."""
        return np.interp(YEARS, [2015, 2030], [self.size_2015, self.size_2030])


@dataclass(frozen=True)
class Series:
    """The truth behind one indicator.

    Parameters
    ----------
    indicator : Indicator
        The indicator of the plan.
    denominator : str
        Identifier of its `Denominator`; ``""`` where there is none.
    family : {"binomial", "poisson", "stock", "count", "mean", "value", "fixed", "denominator"}
        How numbers come about from the level.
    link : {"logit", "log", "plain"}
        Scale on which path, effects and shocks add up.
    level_2015, level_2030 : float
        True level of the indicator's own stratum, in the indicator's unit.
    path : str
        Shape between them: ``linear``, ``early``, ``step_YEAR``, ``turn_YEAR``,
        ``break_YEAR:shift``, or for ``fixed`` the values from given years on, ``2015:0;2019:1``.
    shock : float
        Standard deviation of the yearly deviation common to all strata, on the link scale; not part
        of the truth.
    male_effect, rural_effect, town_effect : float
        Men against women, rural against urban, one unit of a town's score; on the link scale.
    years : str
        Which years are returned, a key of `wdp_lib.simulate.returns.REPORTED`.
    townships : bool
        Whether the towns are returned too.
    status : {"final", "provisional", "estimated"}
        ``provisional``: a first value in spring, the final one in September.
    """

    indicator: Indicator
    denominator: str
    family: str
    link: str
    level_2015: float
    level_2030: float
    path: str
    shock: float
    male_effect: float
    rural_effect: float
    town_effect: float
    years: str
    townships: bool
    status: str

    @property
    def decimals(self) -> int | None:
        """Decimals that the unit prescribes; ``None`` where the department chooses."""
        if self.family == "fixed" or self.indicator.unit in ("count", "persons"):
            return 0
        return None if self.indicator.unit == "percent" else 2


@dataclass(frozen=True)
class Specification:
    """Everything the simulated county is made of.

    Parameters
    ----------
    towns : pandas.DataFrame
        One row a town, indexed by its identifier; ``score`` has mean 0 over the people.
    departments : pandas.DataFrame
        How each unit returns, indexed by its identifier: form, decimals, reports_on (month-day).
    plants, breaks : pandas.DataFrame
        The faults to plant and the changes of definition, as text.
    """

    towns: pd.DataFrame
    denominators: dict[str, Denominator]
    series: tuple[Series, ...]
    departments: pd.DataFrame
    plants: pd.DataFrame
    breaks: pd.DataFrame


def read_specification(plan: Plan) -> Specification:
    """Return the simulated county for the indicators of a plan that a county has."""
    levels = {row["indicator"]: row for row in _rows("levels.csv")}
    departments = pd.DataFrame(_rows("departments.csv")).set_index("unit")
    wanted = [indicator for indicator in plan.indicators if indicator.availability in AVAILABLE]
    problems = [_no_level(i) for i in wanted if i.id not in levels]
    problems += [
        _no_department(i) for i in wanted if not set(i.lead_units[:1]) & set(departments.index)
    ]
    if problems:
        raise ParameterError(
            Text("这个计划不能用模拟县的数据。", "The simulated county does not fit this plan."),
            problems,
        )
    return Specification(
        towns=_towns(),
        denominators={row["denominator"]: _denominator(row) for row in _rows("denominators.csv")},
        series=tuple(_series(indicator, levels[indicator.id]) for indicator in wanted),
        departments=departments,
        plants=pd.DataFrame(_rows("plants.csv")),
        breaks=pd.DataFrame(_rows("breaks.csv")),
    )


def _rows(name: str) -> list[dict[str, str]]:
    text = files("wdp_lib.simulate").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _towns() -> pd.DataFrame:
    towns = pd.DataFrame(_rows("towns.csv")).set_index("area")
    numbers = ["people_share", "urban_share", "villages", "communities", "score"]
    towns[numbers] = towns[numbers].astype("float64")
    towns["score"] -= np.average(towns["score"], weights=towns["people_share"])
    return towns


def _denominator(row: dict[str, str]) -> Denominator:
    return Denominator(
        id=row["denominator"],
        size_2015=float(row["size_2015"]),
        size_2030=float(row["size_2030"]),
        female_share=float(row["female_share"]) if row["female_share"] else None,
        residence=row["residence"],
        spread=row["spread"],
        kind=row["kind"],
    )


def _series(indicator: Indicator, row: dict[str, str]) -> Series:
    numbers = ("level_2015", "level_2030", "shock", "male_effect", "rural_effect", "town_effect")
    texts = ("denominator", "family", "link", "path", "years", "status")
    return Series(
        indicator=indicator,
        townships=row["townships"] == "yes",
        **{name: float(row[name]) for name in numbers},
        **{name: row[name] for name in texts},
    )


def _no_level(indicator: Indicator) -> Problem:
    return Problem(
        "no_level",
        "levels.csv",
        None,
        "indicator",
        Text(f"没有指标 {indicator.id}", f"no indicator {indicator.id}"),
        Text(
            "县级有常规或部分数据的每个指标",
            "every indicator that a county has routinely or in part",
        ),
        Text(
            "请在 wdp_lib/simulate/levels.csv 中补上一行。",
            "Add a row to wdp_lib/simulate/levels.csv.",
        ),
    )


def _no_department(indicator: Indicator) -> Problem:
    return Problem(
        "no_department",
        "departments.csv",
        None,
        "unit",
        Text(f"没有指标 {indicator.id} 的牵头单位", f"no lead unit of {indicator.id}"),
        Text("每个指标的第一责任单位", "the first lead unit of every indicator"),
        Text(
            "请在 wdp_lib/simulate/departments.csv 中补上一行。",
            "Add a row to wdp_lib/simulate/departments.csv.",
        ),
    )
