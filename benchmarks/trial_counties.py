"""Many counties whose truth is planted, as numbers: what `benchmarks/verdicts.py` judges.

One county is simulated, written and read with all its faults; the others have its rows (what is
returned and when, what is missing, what was refused) and numbers of their own. The planned change of
a target is each county's own, between none and twice the plan's: otherwise two hundred counties would
be one plan. Their true levels wander around the planned paths as real series do
(`benchmarks/dynamics.py`), unless they are to go straight. Only what targets are judged by is drawn:
2 s of computing a county instead of 11.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

import wdp_lib as wdp
from wdp_lib.core.home import find_home
from wdp_lib.simulate.county import simulate_county
from wdp_lib.simulate.draws import WANDER, cells, count_parts, draw, stream, table_of
from wdp_lib.simulate.returns import write_records, write_simulation
from wdp_lib.simulate.specification import YEARS, Series, Specification, read_specification
from wdp_lib.simulate.truth import planted_verdicts

SEED = 20260630
DAYS = {"midterm": "2026-06-30", "final": "2031-06-30"}
PLACE = ["indicator", "area", "year", "status"]
NUMBERS = ["value", "numerator", "denominator"]


@dataclass(frozen=True)
class TrialCounties:
    """Rows of the returns that targets are judged by, to be filled with numbers."""

    plan: wdp.Plan
    specification: Specification
    known: dict[str, pd.DataFrame]  # observations as read on each day
    held: pd.DataFrame  # rows as the departments hold them
    areas: pd.DataFrame

    @classmethod
    def of(cls, plan: wdp.Plan) -> TrialCounties:
        """Return the rows of one county that was written and read."""
        specification = read_specification(plan)
        data = _read(plan)
        areas = next(iter(data.values())).areas
        numbers = dict(list(_numbers(specification, plan, SEED, None).groupby("indicator")))
        made = [
            write_records(series, numbers[series.indicator.id], specification, plan, SEED)
            for series in specification.series
        ]
        held = pd.concat(made, ignore_index=True)
        held["decimals"] = held["value"].str.partition(".")[2].str.len()
        own = held[["indicator", "area", "sex", "residence"]].drop_duplicates()
        known = {day: one.observations.merge(own) for day, one in data.items()}
        return cls(plan, specification, known, held.drop(columns=[*NUMBERS, "year"]), areas)

    def county(self, seed: int, *, straight: bool = False) -> dict:
        """Return one county's observations on both days, verdicts planted and true levels."""
        wander = None if straight else WANDER
        rows = _numbers(self.specification, self.plan, seed, wander)
        numbers = _with_first_counts(rows, self.specification.series, seed)
        held = self.held.assign(year=self.held["order_year"]).merge(numbers, how="left", on=PLACE)
        held["value"] = [round(v, d) for v, d in zip(held["value"], held["decimals"], strict=True)]
        numbers, county = held[[*PLACE, *NUMBERS]], rows[rows["area"] == self.plan.area]
        breaks, last_day = self.specification.breaks, DAYS["final"]
        planted = planted_verdicts(held, breaks, self.plan, last_day).set_index("indicator")
        return {
            "known": {d: (_filled(rows, numbers), self.areas) for d, rows in self.known.items()},
            "planted": planted["verdict"].rename("planted"),
            "levels": county.pivot(index="indicator", columns="year", values="linked_level"),
        }


def _read(plan: wdp.Plan) -> dict[str, wdp.Dataset]:
    with tempfile.TemporaryDirectory(prefix="wdp-bench-") as place:
        home = Path(place)
        (home / "data" / "observations").mkdir(parents=True)
        for shared in ("plans", "schemes"):
            (home / "data" / shared).symlink_to(find_home() / "data" / shared)
        county = simulate_county(plan, last_year=plan.last_year, seed=SEED)
        folder = write_simulation(county, home / "data" / "observations" / "county")
        return {
            day: wdp.read_dataset(folder.name, plan, as_of=day, home=home) for day in DAYS.values()
        }


def _numbers(
    specification: Specification, plan: wdp.Plan, seed: int, wander: dict | None
) -> pd.DataFrame:
    """Return each series' own stratum, in the towns too where these decide."""
    towns, county, made = specification.towns, plan.area, []
    counts = {
        id: count_parts(d, towns, county, seed) for id, d in specification.denominators.items()
    }
    for series in specification.series:
        one, target = series.indicator, series.indicator.target
        kind = "percent" if one.unit == "percent" else "other"
        parts = counts.get(series.denominator)
        drawn = draw(series, parts, towns, county, seed, wander and wander[kind])
        by_town = target.line_from == "baseline" or target.statistic == "lowest_area"
        areas = [county, *(towns.index if series.townships and by_town else [])]
        chosen = [(area, one.sex, one.residence) for area in areas]
        made += cells(series, drawn, county, chosen)
    return table_of(made)


def _with_first_counts(rows: pd.DataFrame, series: tuple[Series, ...], seed: int) -> pd.DataFrame:
    """Return numbers as the returns hold them, those of first counts too."""
    status = {one.indicator.id: one.status for one in series}
    rows = rows.assign(status=rows["indicator"].map(status))
    first = rows[rows["status"] == "provisional"]
    less = {
        (name, year): share
        for name in first["indicator"].unique()
        for year, share in zip(
            YEARS, stream(seed, name, "first count").uniform(0.01, 0.03, len(YEARS)), strict=True
        )
    }
    kept = [1 - less[key] for key in zip(first["indicator"], first["year"], strict=True)]
    counted = np.floor(first["numerator"] * kept)
    per = first["value"] * first["denominator"] / first["numerator"]
    early = first.assign(numerator=counted, value=counted / first["denominator"] * per)
    last = rows.replace({"status": {"provisional": "final"}})
    return pd.concat([early, last])[[*PLACE, *NUMBERS]]


def _filled(rows: pd.DataFrame, numbers: pd.DataFrame) -> pd.DataFrame:
    """Return observations with a county's numbers where the returns gave any."""
    own = rows[PLACE].astype({"year": "int64"}).merge(numbers, how="left", on=PLACE)
    given = {name: own[name].where(rows[name].notna().to_numpy()).to_numpy() for name in NUMBERS}
    return rows.assign(**given)
