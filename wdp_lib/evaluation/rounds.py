"""What a round is bound to, and the part of a plan that it looks at."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import pandas as pd

from wdp_lib.assessment import Scheme
from wdp_lib.core.columns import Contract, conform
from wdp_lib.core.errors import ParameterError, Text
from wdp_lib.core.names import find_area
from wdp_lib.plan import Plan

CHANGES = Contract("scheme_changes", "setting frozen now")


@dataclass(frozen=True)
class FrozenScheme:
    """What a round is bound to: thresholds, rules, targets, data, cut-off; with one fingerprint."""

    settings: Mapping[str, str]
    sha256: str

    @property
    def record(self) -> dict[str, Any]:
        """Settings and fingerprint as the archive keeps them."""
        return {"settings": dict(self.settings), "sha256": self.sha256}


def freeze(scheme: Scheme, plan: Plan, parameters: Mapping[str, Any]) -> FrozenScheme:
    """Return the scheme of a round, frozen.

    The targets enter by a fingerprint of the catalogue (`Plan.indicator_table`); of the parameters
    data set, cut-off, stage, horizon and seed.
    """
    settings = _flat(asdict(scheme), "scheme")
    settings["plan"] = plan.id
    settings["plan.indicators"] = _fingerprint(
        plan.indicator_table().to_csv(index=False, lineterminator="\n")
    )
    names = ("dataset", "as_of", "stage", "through", "seed")
    settings |= {
        name: str(parameters[name]) for name in names if parameters.get(name) not in (None, "")
    }
    return FrozenScheme(
        settings, _fingerprint(json.dumps(settings, ensure_ascii=False, sort_keys=True))
    )


def scheme_changes(frozen: Mapping[str, Any], now: FrozenScheme) -> pd.DataFrame:
    """Return what was changed since a scheme was frozen (`FrozenScheme.record` as archived).

    Returns
    -------
    pandas.DataFrame
        One row a setting that differs, in alphabetical order (contract ``CHANGES``).
    """
    before, after = dict(frozen["settings"]), dict(now.settings)
    differing = [name for name in sorted(before | after) if before.get(name) != after.get(name)]
    rows = [
        {"setting": name, "frozen": before.get(name, ""), "now": after.get(name, "")}
        for name in differing
    ]
    return conform(pd.DataFrame(rows, columns=CHANGES.names), CHANGES)


def _flat(values: Mapping[str, Any], prefix: str) -> dict[str, str]:
    flat = {}
    for key, value in values.items():
        name = f"{prefix}.{key}"
        flat |= _flat(value, name) if isinstance(value, Mapping) else {name: str(value)}
    return flat


def _fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def select(
    plan: Plan,
    *,
    domain: str = "",
    project: str = "",
    goals: Sequence[str] = (),
    unit: str = "",
    area: str = "",
    areas: pd.DataFrame | None = None,
) -> Plan:
    """Return the part of a plan that special supervision looks at, and nothing else.

    What is named together narrows: a domain and a project give the project's targets within the
    domain. A project brings the indicators it names and the goals they belong to, a unit those that
    it leads. ``goals``: identifiers, or empty: all. ``area``: a smaller area of the data set, or
    ``""``: the plan's own. The targets are then those of the plan, the values those of the area.
    ``areas``: areas of the data set (``areas.csv``), to check and to name ``area``. Assess with the
    whole plan (for an area: `in_area`), since targets may refer to indicators outside of the
    selection; then keep the rows with `selected`. Raises `ParameterError` when a name is not known,
    or nothing is left.
    """
    wanted = {g.id for g in (plan.goals_of(domain) if domain else plan.goals)}
    wanted &= {plan.goal(goal).id for goal in goals} if goals else wanted
    kept = [i for i in plan.indicators if wanted & set(i.goals)]
    if project:
        project = plan.project(project).id
        kept = [i for i in kept if i.id in plan.project(project).indicators]
        wanted &= {goal for i in kept for goal in i.goals} | set(plan.project(project).goals)
    if unit:
        unit = plan.unit(unit).id
        kept = [i for i in kept if unit in i.lead_units]
        wanted &= {goal for i in kept for goal in i.goals}
    if not wanted:
        raise ParameterError.of(
            "所选范围内没有任何目标，请放宽条件。",
            "The selection holds no goal; name fewer conditions.",
        )
    reduced = _reduced(plan, wanted, {i.id for i in kept}, project)
    return in_area(reduced, area, areas) if area else reduced


def in_area(plan: Plan, area: str, areas: pd.DataFrame | None = None) -> Plan:
    """Return a plan whose targets are judged by the values of another area.

    Raises `ParameterError` when the area is not in the table of areas.
    """
    if areas is None:
        return plan.for_area(area, Text(area, area))
    area = find_area(area, areas)
    rows = areas[areas["area"] == area]
    return plan.for_area(area, Text(rows["name_zh"].iloc[0], rows["name_en"].iloc[0]))


def selected(table: pd.DataFrame, part: Plan) -> pd.DataFrame:
    """Return the rows of a table that belong to a part of a plan, by indicator or else by goal."""
    column = "indicator" if "indicator" in table else "goal"
    known = {entry.id for entry in getattr(part, f"{column}s")}
    return table[table[column].isin(known)].reset_index(drop=True)


def _reduced(plan: Plan, goals: set[str], indicators: set[str], project: str) -> Plan:
    """Drop what is not selected, also where one noun names another."""

    def cut(entries, **kept):
        return tuple(
            replace(e, **{k: tuple(x for x in getattr(e, k) if x in v) for k, v in kept.items()})
            for e in entries
        )

    left = tuple(goal for goal in plan.goals if goal.id in goals)
    domains = {goal.domain for goal in left}
    both = {"goals": goals, "indicators": indicators}
    touched = [e for e in plan.projects if e.id == project or not project]
    projects = [e for e in cut(touched, **both) if e.goals or e.indicators]
    names = {e.id for e in projects}
    return replace(
        plan,
        domains=tuple(d for d in plan.domains if d.id in domains),
        goals=left,
        indicators=cut([i for i in plan.indicators if i.id in indicators], goals=goals),
        measures=tuple(m for m in cut(plan.measures, **both) if m.goals or m.indicators),
        projects=tuple(projects),
        commitments=cut([c for c in plan.commitments if c.project in names], **both),
    )
