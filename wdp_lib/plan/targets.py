"""A plan on one sheet, `targets.xlsx` or `targets.csv`: one row an indicator, in its own words."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

from wdp_lib.core.errors import Problem
from wdp_lib.core.names import fold
from wdp_lib.core.words import codes
from wdp_lib.plan.read import Row, Table, decode, problem
from wdp_lib.plan.schema import FILES

FORMS = ("targets.xlsx", "targets.csv")
HEADINGS = {
    "领域": "domain",
    "目标": "title_zh",
    "指标": "name_zh",
    "单位": "unit",
    "目标值": "wording_zh",
    "阶段目标": "milestones",
    "责任单位": "lead_units",
    "备注": "note_zh",
    "编号": "indicator",
    "条款": "clause",
    "方向": "direction",
    "分子": "numerator_zh",
    "分母": "denominator_zh",
    "英文名称": "name_en",
    "性别口径": "sex_scope",
    "数据类型": "data_kind",
    "核实情况": "evidence",
}
_WORDS = ("sex_scope", "data_kind", "evidence")  # columns of a word of the vocabulary
_ENGLISH = {
    "title_zh": ("goal",),
    "name_zh": ("indicator", "name"),
    "wording_zh": ("target",),
    "lead_units": ("unit in charge", "responsible unit"),
    "note_zh": ("note",),
    "indicator": ("id",),
    "numerator_zh": ("numerator",),
    "denominator_zh": ("denominator",),
}
COLUMNS = tuple(HEADINGS)[:8]  # those of a new form; the others may be added
_HELD = ("domain", "title_zh")  # an empty cell repeats the one above


def read_form(folder: Path) -> tuple[dict[str, Table], list[Problem]]:
    """Return the tables of a plan written on one sheet; none where the folder has no such file."""
    found = [name for name in FORMS if (folder / name).is_file()]
    if not found:
        return {}, []
    if len(found) > 1:
        return {}, [problem("two_forms", name) for name in found]
    path = folder / found[0]
    lines = _workbook(path) if path.suffix == ".xlsx" else _text(path)
    if isinstance(lines, Problem):
        return {}, [lines]
    known = {fold(name): column for name, column in HEADINGS.items()}
    known |= {column: column for column in HEADINGS.values()}
    known |= {fold(word): column for column, words in _ENGLISH.items() for word in words}
    read = ([known.get(fold(cell), "") for cell in row] for row in lines)
    place, columns = next(
        ((n, row) for n, row in enumerate(read) if {"name_zh", "title_zh"} <= set(row)), (None, [])
    )
    if place is None:
        return {}, [problem("no_form_headings", path.name)]
    problems = [
        problem("unknown_column.form", path.name, place + 1, cell, found=cell)
        for cell, column in zip(lines[place], columns, strict=True)
        if cell and not column
    ]
    rows: list[tuple[int, dict[str, str]]] = []
    above: dict[str, str] = {}
    for line, cells in enumerate(lines[place + 1 :], place + 2):
        row = {c: _code(c, cell) for c, cell in zip(columns, cells, strict=False) if c}
        if any(row.values()):
            row |= {name: row.get(name) or above.get(name, "") for name in _HELD}
            rows.append((line, row))
            above = row
    return _tables(rows), problems


def _code(column: str, cell: str) -> str:
    """The code of a word as the vocabulary has it; other texts as they are."""
    found = codes(column).get(fold(cell), ()) if column in _WORDS else ()
    return next(iter(found)) if len(found) == 1 else cell


def on_the_form(problems: list[Problem], folder: Path) -> list[Problem]:
    """Return problems of the tables with the file and headings of the sheet they were read from."""
    form = next((name for name in FORMS if (folder / name).is_file()), "")
    shown = {column: heading for heading, column in HEADINGS.items()}
    shown |= {"target_kind": "目标值", "target_value": "目标值"}
    of_form = ("domains.csv", "goals.csv", "indicators.csv")
    return [
        replace(p, file=form, column=shown.get(p.column or "", p.column))
        if form and p.file in of_form
        else p
        for p in problems
    ]


def _tables(rows: list[tuple[int, dict[str, str]]]) -> dict[str, Table]:
    entries: dict[str, list[Row]] = {"domains.csv": [], "goals.csv": [], "indicators.csv": []}
    domains: dict[str, str] = {}
    goals: dict[tuple[str, str], str] = {}
    number: dict[str, int] = {}
    for line, row in rows:
        name, title = row["domain"] or "全部", row["title_zh"]
        if name not in domains:
            domains[name] = f"domain_{len(domains) + 1}"
            cells = {"domain": domains[name], "name_zh": name}
            entries["domains.csv"].append(Row(line, cells))
        if (name, title) not in goals:
            letter = chr(ord("A") + (len(domains) - 1) % 26)
            number[name] = number.get(name, 0) + 1
            goals[name, title] = f"{letter}{number[name]:02}"
            cells = {"goal": goals[name, title], "domain": domains[name], "title_zh": title}
            cells["clause"] = row.get("clause", "")
            entries["goals.csv"].append(Row(line, cells))
        if row.get("name_zh"):
            goal = goals[name, title]
            number[goal] = number.get(goal, 0) + 1
            id = row.get("indicator") or f"{goal.lower()}_{number[goal]}"
            entries["indicators.csv"].append(Row(line, {**row, "indicator": id, "goals": goal}))
    return {
        file: Table(file, tuple(field.name for field in FILES[file]), tuple(found))
        for file, found in entries.items()
    }


def _text(path: Path) -> list[list[str]] | Problem:
    text = decode(path)
    if isinstance(text, Problem):
        return text
    return [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""))]


def _workbook(path: Path) -> list[list[str]] | Problem:
    from openpyxl import load_workbook

    try:
        sheet = load_workbook(path, data_only=True).worksheets[0]
    except Exception:  # openpyxl fails on damaged parts with errors of any kind; the user is told
        return problem("damaged_form", path.name)
    return [
        ["" if cell is None else str(cell).strip() for cell in row]
        for row in sheet.iter_rows(values_only=True)
    ]
