"""The nouns of a plan: its targets, who answers for them, and what is done for them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pandas as pd

from wdp_lib.core.errors import Text
from wdp_lib.core.names import find_name
from wdp_lib.plan.target import Target

_RATES = ["per_100k_live_births", "per_100k", "per_10k", "per_1000_live_births"]
_ONE_DECIMAL = ["percent", "percentage_points", *_RATES, "years", "years_of_schooling"]
_WHOLE = ["count", "persons", "10k_persons", "yuan_per_month", "yuan_per_year", "yuan_per_case"]
PLAN_WORDS = ("规划", "纲要", "计划", "方案")
DECIMALS = dict.fromkeys(_ONE_DECIMAL, 1) | dict.fromkeys(_WHOLE, 0) | {"ratio": 2}


@dataclass(frozen=True)
class Source:
    """Where the text of the plan was published: title, publisher and address."""

    title: str
    publisher: str = ""
    address: str = ""


@dataclass(frozen=True)
class Domain:
    """One domain of the plan; ``code`` is the letter that begins the numbers of its goals."""

    id: str
    code: str
    name: Text


@dataclass(frozen=True)
class Unit:
    """One responsible unit (department) with its name."""

    id: str
    name: Text


@dataclass(frozen=True)
class Goal:
    """One main goal."""

    id: str
    domain: str
    clause: str  # clause of the plan that states it
    title: Text
    # {"quantified", "directional", "qualitative"}: whether it holds a number, a direction, or
    # neither
    kind: str
    measurability: str = ""  # how it can be measured at all
    note_en: str = ""


@dataclass(frozen=True)
class Indicator:
    """One indicator: what is measured, for whom, and the target."""

    id: str  # identifier
    goals: tuple[str, ...]  # identifiers of the goals it belongs to
    clause: str  # clause of the plan; ``clause_also`` holds further ones
    name: Text  # name
    unit: str  # unit of its values
    target: Target  # what the plan wants of it
    # {"higher_better", "lower_better", "narrow_gap", "target_value", "monitor_only"}: where
    # improvement lies
    direction: str
    clause_also: tuple[str, ...] = ()
    # origin, basis, definition_origin, lead_units_origin: where each part of the row comes from
    origin: str = "goal"
    basis: str = "explicit"
    # lower_bound, upper_bound: values beyond these are impossible; infinite where there is no such
    # bound
    lower_bound: float = -math.inf
    upper_bound: float = math.inf
    # sex, residence, age_group: the stratum the target speaks of
    sex: str = "all"
    residence: str = "all"
    age_group: str = "all"
    # sex_scope, disaggregations: how the statistic treats sex; by what it can be broken down
    sex_scope: str = ""
    # numerator, denominator: definition; ``multiplier`` turns their quotient into the unit
    # (``None``: not a quotient)
    numerator: Text = Text("", "")
    denominator: Text = Text("", "")
    multiplier: float | None = None
    disaggregations: tuple[str, ...] = ()
    data_kind: str = "proportion"  # proportion, share, count, rare_rate, gap, ratio, mean or index
    definition_origin: str = ""
    lead_units: tuple[str, ...] = ()  # identifiers of the responsible units
    lead_units_origin: str = ""
    # frequency, availability, small_numbers: how often and whether at all the county has the value;
    # whether small counts make it jump
    frequency: str = "annual"
    availability: str = "routine"
    small_numbers: str = "no"
    note: Text = Text("", "")  # remark

    @property
    def limits(self) -> tuple[float | None, float | None]:
        """Natural limits, below and above; ``None`` where nothing limits the value."""
        lower, upper = self.lower_bound, self.upper_bound
        return (lower if math.isfinite(lower) else None, upper if math.isfinite(upper) else None)

    @property
    def decimals(self) -> int:
        """Decimals its values are reported and shown with, by its unit; else 2."""
        return DECIMALS.get(self.unit, 2)

    @property
    def reporting_unit(self) -> float:
        """The smallest step between two reported values."""
        return 10.0**-self.decimals

    @property
    def stratum(self) -> dict[str, str]:
        """The stratum the target speaks of, as in the tables of observations."""
        return {"sex": self.sex, "age_group": self.age_group, "residence": self.residence}


@dataclass(frozen=True)
class Measure:
    """One strategy or measure with the goals and indicators it serves and what it commits to."""

    id: str
    domain: str
    clause: str
    title: Text
    goals: tuple[str, ...] = ()
    indicators: tuple[str, ...] = ()
    commitments: Text = Text("", "")


@dataclass(frozen=True)
class Project:
    """One key project with the goals and indicators it serves."""

    id: str
    clause: str
    name: Text
    goals: tuple[str, ...] = ()
    indicators: tuple[str, ...] = ()


@dataclass(frozen=True)
class Commitment:
    """One thing a project commits to; operator, value and unit as the plan words them."""

    id: str
    project: str
    clause: str
    wording: Text
    kind: str
    operator: str = ""
    value: float | None = None
    unit: str = ""
    indicators: tuple[str, ...] = ()
    goals: tuple[str, ...] = ()


_NOUNS = {
    "domains": Text("领域", "domain"),
    "units": Text("责任单位", "unit"),
    "goals": Text("目标", "goal"),
    "indicators": Text("指标", "indicator"),
    "measures": Text("策略措施", "measure"),
    "projects": Text("重点工程", "project"),
    "commitments": Text("工程承诺", "commitment"),
}
_WITHIN = Text("计划中", "The plan")


@dataclass(frozen=True)
class Plan:
    """A plan: its period, its area and everything in it, in the plan's own order.

    Parameters
    ----------
    id, title, note : str, Text, Text
        Identifier, title and remark.
    area, area_name : str, Text
        The area the plan is for.
    first_year, last_year : int
        Period of the plan.
    baseline_year, baseline_origin : int, str
        Year against which a direction is judged, and whether the plan states it or it is suggested.
    source : Source
        Where the text was published.
    domains, units, goals, indicators, measures, projects, commitments : tuple
        Its content.
    example : str
        Identifier of the indicator to show by default, "" where the plan names none.
    committee : Text or None
        The body that coordinates the plan and sends its letters.
    """

    id: str
    title: Text
    area: str
    area_name: Text
    first_year: int
    last_year: int
    baseline_year: int
    baseline_origin: str
    source: Source
    domains: tuple[Domain, ...] = ()
    units: tuple[Unit, ...] = ()
    goals: tuple[Goal, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    measures: tuple[Measure, ...] = ()
    projects: tuple[Project, ...] = ()
    commitments: tuple[Commitment, ...] = ()
    note: Text = Text("", "")
    example: str = ""
    goals_in_all: int = 0
    committee: Text | None = None

    def for_area(self, area: str, name: Text) -> Plan:
        """Return the same plan for another area: one folder serves every area that follows it."""
        return replace(self, area=area, area_name=name)

    @property
    def called(self) -> str:
        """What the plan calls itself in its title: 规划, 纲要, 计划 or 方案."""
        found = {self.title.zh.rfind(word): word for word in PLAN_WORDS}
        return found[max(found)] if max(found) >= 0 else PLAN_WORDS[0]

    def part(self, names: Iterable[str]) -> Plan:
        """Return the plan of some indicators and of those that their targets refer to."""
        wanted, kept = list(names), set()
        while wanted:
            kept.add(name := wanted.pop())
            reference = self.indicator(name).target.reference
            wanted += [reference] if reference and reference not in kept else []
        return replace(self, indicators=tuple(i for i in self.indicators if i.id in kept))

    def domain(self, named: str) -> Domain:
        """Return the domain of this name; `ParameterError` tells the closest one."""
        return self._find("domains", named)

    def unit(self, named: str) -> Unit:
        """Return the responsible unit of this name; `ParameterError` tells the closest one."""
        return self._find("units", named)

    def goal(self, named: str) -> Goal:
        """Return the goal of this name; `ParameterError` tells the closest one."""
        return self._find("goals", named)

    def indicator(self, named: str) -> Indicator:
        """Return the indicator of this name; `ParameterError` tells the closest one."""
        return self._find("indicators", named)

    def measure(self, named: str) -> Measure:
        """Return the measure of this name; `ParameterError` tells the closest one."""
        return self._find("measures", named)

    def project(self, named: str) -> Project:
        """Return the project of this name; `ParameterError` tells the closest one."""
        return self._find("projects", named)

    def goals_of(self, domain: str) -> tuple[Goal, ...]:
        """Return the goals of a domain, given by identifier or name."""
        return tuple(goal for goal in self.goals if goal.domain == self.domain(domain).id)

    def indicators_of(self, goal: str) -> tuple[Indicator, ...]:
        """Return the indicators of a goal, given by identifier or title."""
        return self._with_goal(self.indicators, goal)

    def measures_of(self, goal: str) -> tuple[Measure, ...]:
        """Return the measures that serve a goal, given by identifier or title."""
        return self._with_goal(self.measures, goal)

    def indicator_table(self) -> pd.DataFrame:
        """Return the catalogue, one row an indicator in the plan's order.

        ``domain`` is that of its first goal; ``goals`` are separated by ``;``.
        """
        table = pd.DataFrame([self._catalogue_row(indicator) for indicator in self.indicators])
        return table.astype({"target_year": "Int64"})

    def _catalogue_row(self, indicator: Indicator) -> dict:
        target = indicator.target
        return {
            "indicator": indicator.id,
            "name_zh": indicator.name.zh,
            "name_en": indicator.name.en,
            "domain": self.goal(indicator.goals[0]).domain,
            "goals": ";".join(indicator.goals),
            **{
                name: getattr(indicator, name)
                for name in ("clause", "unit", "direction", "data_kind")
            },
            **{name: getattr(indicator, name) for name in ("frequency", "availability")},
            **{name: getattr(indicator, name) for name in ("sex", "residence", "age_group")},
            "target_kind": target.kind,
            "target_value": math.nan if target.value is None else target.value,
            "tolerance": math.nan if target.tolerance is None else target.tolerance,
            "every_year": target.every_year,
            "target_year": target.year,
            "evidence": target.evidence,
        }

    @cached_property
    def _by_id(self) -> dict[str, dict]:
        return {group: {entry.id: entry for entry in getattr(self, group)} for group in _NOUNS}

    def _find(self, group: str, named: str) -> Any:
        known = self._by_id[group]
        if named in known:
            return known[named]
        called = {one.id: getattr(one, "name", None) or one.title for one in known.values()}
        names = {one: (text.zh, text.en) for one, text in called.items()}
        return known[find_name(named, names, _NOUNS[group], _WITHIN)]

    def _with_goal(self, entries: Sequence[Any], goal: str) -> tuple[Any, ...]:
        goal = self.goal(goal).id
        return tuple(entry for entry in entries if goal in entry.goals)
