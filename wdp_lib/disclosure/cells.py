"""Counts of people in a table of observations, as cells with the sums that hold among them.

The same count may stand in several rows (live births are the denominator of many rates): a cell is
a count of one definition, one area, one group, one year.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wdp_lib.core.columns import KEY
from wdp_lib.disclosure.sums import Sums
from wdp_lib.plan import Indicator, Plan

SMALL = ("yes", "moderate")  # indicators of few people, as the plan marks them
GROUPS = {"sex": ("female", "male"), "residence": ("urban", "rural")}
# of people, not of places, things or posts (who holds an office is public)
_OF_PEOPLE = ("female_only", "both_by_sex")
_PARTS_OF_WHOLE = ("proportion", "share", "rare_rate")
_OTHERS = ("gap", "index")  # values without counts of people
_PLACE = ["counted", *KEY[1:], "year"]
_AGES = re.compile(r"(\d+)(?:-(\d+)|\+)?")
_COSTS = {"own": 4.0, "target": 4.0}  # what is dearer to lose than one small part


@dataclass(frozen=True)
class Counts:
    """The cells, and which two cells each row of the observations shows."""

    # ``counted, area, sex, age_group, residence, year, count``, ``few`` (so few people that it is
    # hidden)
    cells: pd.DataFrame
    # by the index of the observations: ``numerator, denominator`` (cells, -1 for none)
    rows: pd.DataFrame
    sums: Sums
    cost: np.ndarray


def counts_of(
    observations: pd.DataFrame, plan: Plan, areas: pd.DataFrame, *, threshold: int
) -> Counts:
    """Return the counts of people among observations, those of ``1 … threshold - 1`` as small.

    Looked at are the indicators of few people (`is_of_few_people`), and every indicator that shares
    a count with one. Small is a numerator, a denominator or the rest of the denominator. A row
    without counts has them from its value and the denominator of the same definition, where that is
    known.
    """
    long = _long(observations, plan)
    watched = long.loc[long["marked"], "counted"].unique()
    near = long[long["line"].isin(long.loc[long["counted"].isin(watched), "line"])]
    near = near.assign(below=near["part"] == "denominator")
    near = near.assign(few=near["marked"] & near["count"].between(1, threshold - 1))
    shown = near.groupby(_PLACE, sort=True).agg(
        count=("count", "first"),
        few=("few", "any"),
        target=("target", "any"),
        below=("below", "any"),
    )
    cells = shown.reset_index()
    place = pd.Series(np.arange(len(cells)), pd.MultiIndex.from_frame(cells[_PLACE]))
    long["cell"] = (
        place.reindex(pd.MultiIndex.from_frame(long[_PLACE])).fillna(-1).astype(int).array
    )
    rows = long.pivot(index="line", columns="part", values="cell").reindex(
        index=observations.index, columns=["numerator", "denominator"], fill_value=-1
    )
    rows = rows.fillna(-1).astype(int)
    pairs = long[long["cell"] >= 0].pivot(index="line", columns="part", values="cell").dropna()
    kinds = long.drop_duplicates("line").set_index("line")[["rest", "marked"]]
    sums, few = _sums(cells, pairs.join(kinds), areas, threshold)
    cells["few"] |= few
    return Counts(cells, rows, sums, _cost(cells, plan))


def is_of_few_people(indicator: Indicator) -> bool:
    """Whether an indicator counts people of whom there may be few."""
    people = indicator.sex_scope in _OF_PEOPLE or indicator.unit == "persons"
    return indicator.small_numbers in SMALL and (people or indicator.data_kind == "rare_rate")


def _long(observations: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Two lines a row: its numerator and its denominator, under the name of their definition."""
    told = pd.DataFrame(
        [
            (
                i.id,
                i.numerator.zh or f"{i.id} numerator",
                i.denominator.zh or f"{i.id} denominator",
                i.multiplier or np.nan,
                is_of_few_people(i),
                i.data_kind in _PARTS_OF_WHOLE,
                i.data_kind == "count",
                *i.stratum.values(),
            )
            for i in plan.indicators
            if i.data_kind not in _OTHERS
        ],
        columns=["indicator", "above", "under", "scale", "marked", "rest", "is_count", *_OWN],
    )
    rows = observations[observations["used"] & observations["value"].notna()]
    rows = rows.reset_index(names="line").merge(told, on="indicator")
    rows["target"] = np.all([rows[name] == rows[f"own_{name}"] for name in KEY[2:]], axis=0)
    rows["target"] &= rows["area"] == plan.area
    parts = [
        rows.assign(part=part, counted=rows[named], count=rows[part])
        for part, named in (("numerator", "above"), ("denominator", "under"))
    ]
    long = pd.concat(parts, ignore_index=True)
    long["year"] = long["year"].astype(int)
    long["counted"] = _told_apart(long)
    given = long.groupby(_PLACE)["count"].first()
    missing = long["count"].isna() & (long["part"] == "denominator")
    keys = pd.MultiIndex.from_frame(long.loc[missing, _PLACE])
    long.loc[missing, "count"] = given.reindex(keys).to_numpy()
    below = long[long["part"] == "denominator"].set_index("line")["count"]
    derived = long["value"] * long["line"].map(below) / long["scale"]
    derived = derived.where(~long["is_count"], long["value"]).round()
    above = long["part"] == "numerator"
    long["count"] = long["count"].where(~above | long["count"].notna(), derived)
    return long[long["count"].notna()].reset_index(drop=True)


_OWN = [f"own_{name}" for name in KEY[2:]]


def _told_apart(long: pd.DataFrame) -> pd.Series:
    """Definitions of the same words whose counts differ in one place are two quantities."""
    counts = long.groupby(_PLACE)["count"]
    spread = counts.max() - counts.min()
    apart = set(spread[spread > 0.5].index.get_level_values("counted"))
    own = long["indicator"] + " " + long["part"]
    return long["counted"].where(~long["counted"].isin(apart), own)


def _sums(
    cells: pd.DataFrame, pairs: pd.DataFrame, areas: pd.DataFrame, threshold: int
) -> tuple[Sums, np.ndarray]:
    """Equations among the cells; what is left of a sum is a cell of its own that no table shows."""
    count = cells["count"].to_numpy(float)
    known = len(cells)
    equations: list[tuple[np.ndarray, np.ndarray]] = []
    values, lower = list(count), list(np.where(cells["few"], 1.0, 0.0))
    upper = list(np.where(cells["few"], threshold - 1.0, np.inf))
    few = np.zeros(known, dtype=bool)

    def add(whole: int, parts: list[int], rest: bool, small: bool = False) -> None:
        left = count[whole] - count[parts].sum()
        if left < -0.5 and rest:
            return  # what is more than its whole is no part of it
        which, signs = [whole, *parts], [1.0, *[-1.0] * len(parts)]
        if rest:
            which, signs = [*which, len(values)], [*signs, -1.0]
            values.append(left)
            lower.append(1.0 if small else 0.0)
            upper.append(threshold - 1.0 if small else np.inf)
        equations.append((np.array(which), np.array(signs)))

    for whole, parts, complete in _parts(cells, areas):
        add(whole, parts, not complete)
    for row in pairs[pairs["rest"]].drop_duplicates(["numerator", "denominator"]).itertuples():
        above, below = int(row.numerator), int(row.denominator)
        left = count[below] - count[above]
        small = bool(row.marked) and 1 <= left < threshold
        few[above] |= small
        add(below, [above], True, small)
    never = np.arange(len(values)) >= known
    return Sums(np.array(values), np.array(lower), np.array(upper), equations, never), few


def _parts(cells: pd.DataFrame, areas: pd.DataFrame) -> Iterator[tuple[int, list[int], bool]]:
    """Yield a cell, the cells it is made of, and whether nothing is left over."""
    tree = {dimension: _tree(*groups) for dimension, groups in GROUPS.items()}
    tree["area"] = areas.groupby("parent")["area"].agg(list).to_dict() if len(areas) else {}
    for dimension in ("area", "sex", "residence", "age_group"):
        rest = [name for name in _PLACE if name != dimension]
        place, seen = cells[dimension].to_numpy(), {}
        if dimension == "area":
            series = cells.groupby([name for name in rest if name != "year"])
            seen = {key: set(group) for key, group in series["area"]}
        for key, group in cells[cells.duplicated(rest, keep=False)].groupby(rest):
            here = dict(zip(place[group.index], group.index, strict=True))
            branches = _ages(here) if dimension == "age_group" else tree[dimension]
            for whole, named in branches.items():
                parts = [int(here[one]) for one in named if one in here]
                if whole not in here or not parts:
                    continue
                total, added = cells["count"][here[whole]], cells["count"][parts].sum()
                if dimension == "area":
                    expected = seen[key[:-1]] & set(named)
                    complete = expected <= set(here)
                else:
                    complete = abs(total - added) < 0.5 or (
                        dimension != "age_group" and len(parts) == len(named)
                    )
                yield int(here[whole]), parts, bool(complete)


def _tree(*groups: str) -> Mapping[str, list[str]]:
    return {"all": list(groups)}


def _ages(here: Mapping[str, int]) -> dict[str, list[str]]:
    """Of each age group the largest groups within it that do not overlap."""
    spans = {"all": (0, 1000)}
    for name in here:
        if found := _AGES.fullmatch(name):
            first = int(found[1])
            last = int(found[2]) if found[2] else (1000 if name.endswith("+") else first)
            spans[name] = (first, last)
    branches = {}
    for whole, (first, last) in spans.items():
        inside = [n for n, s in spans.items() if n != whole and first <= s[0] and s[1] <= last]
        inside = sorted(inside, key=lambda n: (spans[n][0], -spans[n][1]))
        kept: list[str] = []
        for name in inside:
            if not kept or spans[name][0] > spans[kept[-1]][1]:
                kept.append(name)
        branches[whole] = kept
    return branches


def _cost(cells: pd.DataFrame, plan: Plan) -> np.ndarray:
    """What is lost with a cell: most with the figure of a target, least with a small part."""
    cost = 1.0 + 0.01 * np.log1p(cells["count"].clip(lower=0).to_numpy(float))
    cost = cost + _COSTS["own"] * (cells["area"] == plan.area).to_numpy()
    return cost + _COSTS["target"] * cells["target"].to_numpy(bool)
