"""From a plan folder to a `Plan`, or to everything that is wrong with the folder."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

from wdp_lib.core.errors import PlanError, Problem, Text, suggestion
from wdp_lib.core.home import find_home
from wdp_lib.plan.check import Tables, check_tables, duplicates
from wdp_lib.plan.defaults import completed
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
from wdp_lib.plan.targets import FORMS, on_the_form, read_form
from wdp_lib.plan.wording import read_milestones


def plan_names(home: Path | str | None = None) -> list[str]:
    """Return the names of the plans of the project (found by `find_home` by default), sorted."""
    folder = Path(home or find_home()) / "data" / "plans"
    return sorted(path.parent.name for path in folder.glob("*/plan.yaml"))


def load_plan(name_or_folder: str | Path, home: Path | str | None = None) -> Plan:
    """Read and check a plan.

    Parameters
    ----------
    name_or_folder : str or Path
        Name of a folder in ``data/plans``, e.g. ``"county-2021-2030"``; or a folder elsewhere, as a
        `Path` or with a slash in it.
    home : Path or str, optional
        The project's folder; found by `find_home` by default.

    Raises
    ------
    PlanError
        When there is no such plan, or with every problem of the folder at once.
    ParameterError
        When no project folder can be found.
    """
    return read_plan(name_or_folder, home)[0]


def read_plan(
    name_or_folder: str | Path, home: Path | str | None = None
) -> tuple[Plan, list[Problem]]:
    """Return a plan as `load_plan`, and hints: what was derived, as the plan does not say it."""
    folder = _folder(name_or_folder, home)
    head, problems, hints = read_head(folder)
    tables, found = read_form(folder)
    on_one_sheet = bool(tables)
    problems += found
    for file, columns in FILES.items():
        if file in tables or not (file in _ALWAYS and not found or (folder / file).is_file()):
            continue
        table, faults = read_table(folder / file, columns)
        problems += faults
        if table is not None:
            tables[file] = table
    lacking = {file for file in _ALWAYS if file not in tables}
    tables, derived = completed(tables, head)
    for file in lacking:  # it was told already: nothing is to be said of its rows
        del tables[file]
    problems += check_tables(tables, head)
    if on_one_sheet:  # with its own rows for the strata a plan of tables may repeat a name
        problems += duplicates(tables["indicators.csv"], "name_zh")
    if problems:
        order = ["plan.yaml", *FORMS, *FILES]
        problems = on_the_form(problems, folder)
        problems.sort(key=lambda problem: (order.index(problem.file), problem.row or 0))
        raise PlanError(_summary(folder.name, problems), problems)
    return _plan(head, tables), [*hints, *on_the_form(derived, folder)]


_ALWAYS = ("goals.csv", "indicators.csv")


def _folder(name_or_folder: str | Path, home: Path | str | None) -> Path:
    name = str(name_or_folder)
    if isinstance(name_or_folder, Path) or "/" in name or "\\" in name:
        folder = Path(name_or_folder)
        if folder.is_dir():
            return folder.resolve()
        raise PlanError.of(f"没有计划文件夹 {name}。", f"There is no plan folder {name}.")
    known = plan_names(home)
    if name not in known:
        advice = suggestion(name, known)
        raise PlanError.of(
            f"没有名为“{name}”的计划。{advice.zh}", f"There is no plan '{name}'. {advice.en}"
        )
    return Path(home or find_home()) / "data" / "plans" / name


def _summary(name: str, problems: list[Problem]) -> Text:
    n = len(problems)
    return Text(
        f"计划 {name} 有 {n} 处问题，未能读入：",
        f"The plan {name} was not loaded, it has {n} problem{'s' if n > 1 else ''}:",
    )


def _plan(head: dict, tables: Tables) -> Plan:
    def entries(cls: type, file: str, given: Callable[[Row], dict] = lambda row: {}) -> tuple:
        return tuple(_entry(cls, row, **given(row)) for row in tables[file].rows)

    return Plan(
        **{
            key: head[key]
            for key in ("id", "area", "first_year", "last_year", "baseline_year", "baseline_origin")
        },
        title=Text(**head["title"]),
        area_name=Text(**head["area_name"]),
        note=Text(**head.get("note", {"zh": "", "en": ""})),
        example=head.get("example", ""),
        goals_in_all=head.get("goals_in_all", 0),
        committee=Text(**head["committee"]) if "committee" in head else None,
        source=Source(**head["source"]),
        domains=entries(Domain, "domains.csv"),
        units=entries(Unit, "units.csv"),
        goals=entries(Goal, "goals.csv"),
        indicators=entries(Indicator, "indicators.csv", _target_and_bounds),
        measures=entries(Measure, "measures.csv"),
        projects=entries(Project, "projects.csv"),
        commitments=entries(Commitment, "commitments.csv"),
    )


_READ = {
    "str": Row.__getitem__,
    "bool": lambda row, name: row[name] == "yes",
    "Text": Row.text,
    "tuple[str, ...]": Row.items,
    "float | None": Row.number,
}


def _entry(cls: type, row: Row, **given: Any) -> Any:
    """Return what a row describes: each field is read by its type, but what is given."""
    given = {"id": row[cls.__name__.lower()]} | given
    names = {field.name: str(field.type) for field in fields(cls)}
    return cls(**{n: given[n] if n in given else _READ[kind](row, n) for n, kind in names.items()})


def _target_and_bounds(row: Row) -> dict:
    lower, upper, year = map(row.number, ("lower_bound", "upper_bound", "target_year"))
    target = _entry(
        Target,
        row,
        kind=row["target_kind"],
        value=row.number("target_value"),
        reference=row["reference_indicator"],
        year=None if year is None else int(year),
        source=row["target_source"],
        source_address=row["target_source_address"],
        lower_limit=lower,
        upper_limit=upper,
        milestones=tuple((year, float(v)) for year, v in read_milestones(row["milestones"])),
    )
    return {
        "target": target,
        "lower_bound": -math.inf if lower is None else lower,
        "upper_bound": math.inf if upper is None else upper,
    }
