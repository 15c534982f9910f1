"""A county that does not exist: its returns of many years, faults included, and the truth."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from wdp_lib.core.errors import ParameterError
from wdp_lib.plan import Plan
from wdp_lib.simulate.draws import cells, count_parts, draw, strata, table_of
from wdp_lib.simulate.plants import habits, plant_faults
from wdp_lib.simulate.returns import as_form, write_records
from wdp_lib.simulate.specification import YEARS, Specification, read_specification
from wdp_lib.simulate.truth import planted_verdicts, truth_table

GENERATOR = "wdp_lib.simulate 1"
TO_DATE = 2025  # last year of the returns at the mid-term
KNOWN_BY = "06-30"  # day of the year after, by which a round knows its returns
PLANTED = """
    plant kind file row indicator area year sex residence column before after rule severity
    known_from corrected
"""
BREAKS = ["indicator", "area", "year", "kind", "description_zh", "description_en", "link_factor"]
ABSENT_AFTER = {"missing_year": 2, "missing_latest": 1}  # years until an absence shows


@dataclass(frozen=True)
class Simulation:
    """Simulated returns with their truth; every table holds text, as it is written.

    ``planted`` says of each fault where it stands (file, row; no row where it is an absence), what
    stood there before and stands there after, the rule that must find it, the day from which it can
    be found, and why a correction puts it right (empty: none does).
    """

    returns: dict[str, pd.DataFrame]  # one a department, by file name
    truth: pd.DataFrame
    planted: pd.DataFrame
    areas: pd.DataFrame
    breaks: pd.DataFrame
    corrections: pd.DataFrame
    metadata: dict  # content of dataset.yaml
    verdicts: pd.DataFrame  # what a final evaluation must find; empty before the plan's last year


def simulate_county(
    plan: Plan, *, first_year: int = 2015, last_year: int = TO_DATE, seed: int = 20260630
) -> Simulation:
    """Return simulated returns of the plan's county for the years asked for.

    The same seed gives the same tables, and a longer simulation only adds rows: every series has
    random numbers of its own, drawn for all years whatever is asked for.

    Each indicator of the plan with routine or partial data is simulated, the others have no rows.
    Years lie between 2015 and 2030.

    Raises
    ------
    ParameterError
        When the years lie outside, or the plan has indicators the simulated county does not know.
    """
    if not YEARS[0] <= first_year <= last_year <= YEARS[-1]:
        raise ParameterError.of(
            f"模拟年份须在 {YEARS[0]}—{YEARS[-1]} 之间且起始年不晚于截止年，"
            f"现为 {first_year}—{last_year}。",
            f"Simulated years must lie in {YEARS[0]}-{YEARS[-1]}, first not after last: "
            f"{first_year}-{last_year}.",
        )
    specification = read_specification(plan)
    table = _all_cells(specification, plan.area, seed)
    by_id = dict(list(table.groupby("indicator", sort=False)))
    written = [
        write_records(s, by_id[s.indicator.id], specification, plan, seed)
        for s in specification.series
    ]
    # by year: a longer simulation then only adds rows at the end
    records = pd.concat(written).sort_values("order_year", kind="stable", ignore_index=True)
    verdicts = planted_verdicts(
        records, specification.breaks, plan, f"{plan.last_year + 1}-{KNOWN_BY}"
    )
    records, planted = plant_faults(records, specification.plants, plan)
    planted = pd.concat([planted, habits(records, specification.series)], ignore_index=True)
    records = records[records["order_year"].between(first_year, last_year)]
    areas = _areas(specification, plan)
    returns, places = _files(records, specification, plan, areas)
    planted = _planted(planted, places, records, plan, (first_year, last_year))
    return Simulation(
        returns=returns,
        truth=truth_table(table, specification.series, plan),
        planted=planted,
        areas=areas,
        breaks=_breaks(specification, table),
        corrections=_corrections(planted, plan),
        metadata=_metadata(plan, list(returns), seed, last_year),
        verdicts=verdicts if last_year >= plan.last_year else verdicts.iloc[:0],
    )


def _all_cells(specification: Specification, county: str, seed: int) -> pd.DataFrame:
    towns = specification.towns
    counts = {
        id: count_parts(d, towns, county, seed) for id, d in specification.denominators.items()
    }
    made = []
    for series in specification.series:
        drawn = draw(series, counts.get(series.denominator), towns, county, seed)
        made += cells(series, drawn, county, strata(series, drawn, towns, county))
    return table_of(made)


def _files(
    records: pd.DataFrame, specification: Specification, plan: Plan, areas: pd.DataFrame
) -> tuple[dict[str, pd.DataFrame], dict[str, tuple[str, int]]]:
    """Return the returns by file name, and file and line of each row by its ``uid``."""
    returns, places = {}, {}
    names = dict(zip(areas["area"], areas["name_zh"], strict=True))
    for unit, office in specification.departments.iterrows():
        rows = records[records["unit_id"] == unit]
        if rows.empty:
            continue
        file = f"{unit}.csv"
        returns[file] = as_form(rows, office["form"], plan, names)
        places |= {uid: (file, line) for line, uid in enumerate(rows["uid"], 2)}
    return returns, places


def _planted(
    planted: pd.DataFrame, places: dict, records: pd.DataFrame, plan: Plan, years: tuple[int, int]
) -> pd.DataFrame:
    """Faults of these years with the place where each stands and the day it can be found from."""
    rows, listed = records.set_index("uid"), []
    for entry in planted.to_dict("records"):
        if entry["uid"] in places:
            entry |= _fault_in_row(rows.loc[entry["uid"]], entry)
            file, line = places[entry["uid"]]
            listed.append({**entry, "file": file, "row": str(line)})
        elif not entry["uid"] and years[0] <= int(entry["year"]) <= years[1]:
            indicator = plan.indicator(entry["indicator"])
            place = {"file": f"{indicator.lead_units[0]}.csv", "row": "", "area": plan.area}
            place |= {"sex": indicator.sex, "residence": indicator.residence}
            day = _absent_from(int(entry["year"]), entry["rule"])
            listed.append({**entry, **place, "before": "", "after": "", "known_from": day})
    return pd.DataFrame(listed, columns=PLANTED.split())


def _fault_in_row(row: pd.Series, entry: dict) -> dict[str, str]:
    return {
        "sex": row["sex"],
        "residence": row["residence"],
        "area": row["true_area"],
        "year": str(row["order_year"]),
        "before": entry["written_before"],
        "after": row[entry["column"]] if entry["column"] else "",
        "known_from": _absent_from(row["order_year"], entry["rule"]) or row["as_of"],
    }


def _absent_from(year: int, rule: str) -> str:
    """Day from which an absence shows: a hole when the next year is due, a stop with its own."""
    wait = ABSENT_AFTER.get(rule)
    return f"{year + wait}-{KNOWN_BY}" if wait else ""


def _areas(specification: Specification, plan: Plan) -> pd.DataFrame:
    county = [plan.area, plan.area_name.zh, plan.area_name.en, "county", ""]
    towns = [
        [t.Index, t.name_zh, t.name_en, "township", plan.area]
        for t in specification.towns.itertuples()
    ]
    return pd.DataFrame([county, *towns], columns=["area", "name_zh", "name_en", "level", "parent"])


def _breaks(specification: Specification, table: pd.DataFrame) -> pd.DataFrame:
    broken = specification.breaks.set_index("indicator")
    areas = table[table["indicator"].isin(broken.index)].drop_duplicates(["indicator", "area"])
    joined = areas[["indicator", "area"]].join(broken, on="indicator")
    return joined[BREAKS].reset_index(drop=True)


def _corrections(planted: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    rows = planted[planted["corrected"] != ""]
    units = {unit.id: unit.name.zh for unit in plan.units}
    table = rows.rename(columns={"after": "was", "before": "use", "corrected": "why"}).assign(
        age_group=[plan.indicator(name).age_group for name in rows["indicator"]],
        confirmed_by=[f"模拟：{units[file.removesuffix('.csv')]}" for file in rows["file"]],
    )
    names = ["file", "indicator", "area", "year", "sex", "age_group", "residence", "was", "use"]
    return table[[*names, "confirmed_by", "why"]].reset_index(drop=True)


def _metadata(plan: Plan, files: list[str], seed: int, last_year: int) -> dict:
    zh, en = plan.area_name.zh, plan.area_name.en
    until = ("", "") if last_year == TO_DATE else (f"，至{last_year}年", f" to {last_year}")
    return {
        "title": {
            "zh": f"{zh}各部门年报（模拟数据{until[0]}）",
            "en": f"Returns of the departments of {en} (simulated data{until[1]})",
        },
        "kind": "simulated",
        "mark": {"zh": "模拟数据", "en": "Simulated data"},
        "licence": "CC0-1.0",
        "source": {
            "zh": "由程序模拟生成，不是真实统计数据；人口、比率和差错均为虚构，"
            "真值见 truth 文件夹。",
            "en": "Made by a program, no real statistics: people, rates, faults are invented; "
            "truth/ holds the truth.",
        },
        "files": files,
        "seed": seed,
        "generator": GENERATOR,
    }
