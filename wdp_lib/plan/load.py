"""From a plan folder to a `Plan`, or to everything that is wrong with the folder."""

from __future__ import annotations

import math
from pathlib import Path

from wdp_lib.core.errors import PlanError, Problem, Text, suggestion
from wdp_lib.core.home import find_home
from wdp_lib.plan.check import Tables, check_tables
from wdp_lib.plan.head import read_head
from wdp_lib.plan.model import (
    Commitment,
    Domain,
    Goal,
    Indicator,
    Measure,
    Plan,
    Project,
    Source,
    Unit,
)
from wdp_lib.plan.read import Row, read_table
from wdp_lib.plan.schema import FILES
from wdp_lib.plan.target import Target


def plan_names(home: Path | str | None = None) -> list[str]:
    """Return the names of the plans of the project, sorted.

    Parameters
    ----------
    home : Path or str, optional
        The project's folder; found by `find_home` by default.
    """
    folder = Path(home or find_home()) / "data" / "plans"
    return sorted(path.parent.name for path in folder.glob("*/plan.yaml"))


def load_plan(name_or_folder: str | Path, home: Path | str | None = None) -> Plan:
    """Read and check a plan.

    Parameters
    ----------
    name_or_folder : str or Path
        Name of a folder in ``data/plans``, e.g. ``"ruyuan-2021-2030"``; or a folder elsewhere, as a
        `Path` or with a slash in it.
    home : Path or str, optional
        The project's folder; found by `find_home` by default.

    Returns
    -------
    Plan
        Everything the folder holds, in the order of its files.

    Raises
    ------
    PlanError
        When there is no such plan, or with every problem of the folder at once.
    ParameterError
        When no project folder can be found.
    """
    folder = _folder(name_or_folder, home)
    head, problems = read_head(folder)
    tables: Tables = {}
    for file, fields in FILES.items():
        table, found = read_table(folder / file, fields)
        problems += found
        if table is not None:
            tables[file] = table
    problems += check_tables(tables, head)
    if problems:
        order = ["plan.yaml", *FILES]
        problems.sort(key=lambda problem: (order.index(problem.file), problem.row or 0))
        raise PlanError(_summary(folder.name, problems), problems)
    return _plan(head, tables)


def _folder(name_or_folder: str | Path, home: Path | str | None) -> Path:
    name = str(name_or_folder)
    if isinstance(name_or_folder, Path) or "/" in name or "\\" in name:
        folder = Path(name_or_folder)
        if folder.is_dir():
            return folder.resolve()
        raise PlanError(Text(f"没有计划文件夹 {name}。", f"There is no plan folder {name}."))
    known = plan_names(home)
    if name not in known:
        advice = suggestion(name, known)
        raise PlanError(
            Text(f"没有名为“{name}”的计划。{advice.zh}", f"There is no plan '{name}'. {advice.en}")
        )
    return Path(home or find_home()) / "data" / "plans" / name


def _summary(name: str, problems: list[Problem]) -> Text:
    n = len(problems)
    return Text(
        f"计划 {name} 有 {n} 处问题，未能读入：",
        f"The plan {name} was not loaded, it has {n} problem{'s' if n > 1 else ''}:",
    )


def _plan(head: dict, tables: Tables) -> Plan:
    rows = {file: table.rows for file, table in tables.items()}
    return Plan(
        **{
            key: head[key]
            for key in ("id", "area", "first_year", "last_year", "baseline_year", "baseline_origin")
        },
        title=Text(**head["title"]),
        area_name=Text(**head["area_name"]),
        note=Text(**head.get("note", {"zh": "", "en": ""})),
        example=head.get("example", ""),
        committee=Text(**head["committee"]) if "committee" in head else None,
        source=Source(**head["source"]),
        domains=tuple(Domain(r["domain"], r["code"], r.text("name")) for r in rows["domains.csv"]),
        units=tuple(Unit(r["unit"], r.text("name")) for r in rows["units.csv"]),
        goals=tuple(_goal(r) for r in rows["goals.csv"]),
        indicators=tuple(_indicator(r) for r in rows["indicators.csv"]),
        measures=tuple(_measure(r) for r in rows["measures.csv"]),
        projects=tuple(_project(r) for r in rows["projects.csv"]),
        commitments=tuple(_commitment(r) for r in rows["commitments.csv"]),
    )


def _goal(row: Row) -> Goal:
    columns = ("domain", "clause", "kind", "measurability", "note_en")
    return Goal(id=row["goal"], title=row.text("title"), **{name: row[name] for name in columns})


def _indicator(row: Row) -> Indicator:
    lower, upper = row.number("lower_bound"), row.number("upper_bound")
    lists = ("goals", "clause_also", "disaggregations", "lead_units")
    return Indicator(
        id=row["indicator"],
        target=_target(row),
        lower_bound=-math.inf if lower is None else lower,
        upper_bound=math.inf if upper is None else upper,
        multiplier=row.number("multiplier"),
        **{name: row.items(name) for name in lists},
        **{name: row.text(name) for name in ("name", "numerator", "denominator", "note")},
        **{name: row[name] for name in _INDICATOR_WORDS},
    )


_INDICATOR_WORDS = (
    *(
        "clause",
        "unit",
        "direction",
        "origin",
        "basis",
        "sex",
        "residence",
        "age_group",
        "sex_scope",
        "data_kind",
    ),
    *("definition_origin", "lead_units_origin", "frequency", "availability", "small_numbers"),
)


def _target(row: Row) -> Target:
    year = row.number("target_year")
    return Target(
        kind=row["target_kind"],
        value=row.number("target_value"),
        tolerance=row.number("tolerance"),
        tolerance_origin=row["tolerance_origin"],
        every_year=row["every_year"] == "yes",
        reference=row["reference_indicator"],
        year=None if year is None else int(year),
        evidence=row["evidence"],
        wording=row.text("wording"),
        second_line=row.text("second_line"),
        source=row["target_source"],
        source_address=row["target_source_address"],
        lower_limit=row.number("lower_bound"),
        upper_limit=row.number("upper_bound"),
    )


def _measure(row: Row) -> Measure:
    return Measure(
        id=row["measure"],
        domain=row["domain"],
        clause=row["clause"],
        title=row.text("title"),
        goals=row.items("goals"),
        indicators=row.items("indicators"),
        commitments=row.text("commitments"),
    )


def _project(row: Row) -> Project:
    return Project(
        row["project"], row["clause"], row.text("name"), row.items("goals"), row.items("indicators")
    )


def _commitment(row: Row) -> Commitment:
    return Commitment(
        id=row["commitment"],
        wording=row.text("wording"),
        value=row.number("value"),
        indicators=row.items("indicators"),
        goals=row.items("goals"),
        **{name: row[name] for name in ("project", "clause", "kind", "operator", "unit")},
    )
