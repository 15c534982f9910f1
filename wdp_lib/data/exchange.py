"""Tables in open formats: SDMX-CSV, World Bank, WHO, Open SDG, and data packages of any of them.

`exchange.csv` lists the headings of each format, the first that a file has goes first. What comes
back is a table as `study_from_frame` takes it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from wdp_lib.core.errors import DataError, Text
from wdp_lib.core.names import fold
from wdp_lib.core.words import rows_beside
from wdp_lib.data.read.grids import read_grids

COLUMNS = (
    *("indicator", "area", "year", "value", "unit", "sex", "residence", "age_group"),
    *("status", "source"),
)
KEY = ["indicator", "area", "year", "sex", "residence", "age_group"]
NEEDED = {"world_bank": ("area", "indicator")}  # others: value and year
_YEAR = re.compile(r"((?:1[89]|2[01])\d\d)(?: \[YR\1\])?")  # 1990, or 1990 [YR1990]
_LABELLED = re.compile(r"([A-Z_0-9]+): ?.+")  # REF_AREA:Reference area
_DIMENSION = re.compile(r"(?:Dim|DisaggregatingDimension)(\d)(?: ?[Tt]ype)?")
# codes of groups as SDMX and WHO write them, without what stands before
_GROUPS = {
    **dict.fromkeys(("_t", "t", "total", "all", "btsx", "bothsexes", "_z", ""), "all"),
    **dict.fromkeys(("f", "fmle", "female"), "female"),
    **dict.fromkeys(("m", "mle", "male"), "male"),
    **dict.fromkeys(("u", "urb", "urban"), "urban"),
    **dict.fromkeys(("r", "rur", "rural"), "rural"),
}
_PREFIX = re.compile(r"(sex|residenceareatype|rat|age|agegroup)_(?=.)")
_STATES = {"e": "estimated", "p": "provisional"}


def read_table(
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    keep: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Read a table in an open format, for `study_from_frame`.

    Parameters
    ----------
    path : str or Path
        A file of SDMX-CSV, of the World Bank, of WHO's observatory, of an Open SDG site; a folder
        of such files; or the ``datapackage.json`` of a Frictionless package.
    columns : mapping of str to str, optional
        Our column → heading, where it is called otherwise: ``{"area": "Province"}``.
    keep : mapping of str to str, optional
        Heading → the one value whose rows are kept: ``{"Wealth quintile": "Total"}``.

    Returns
    -------
    pandas.DataFrame
        ``indicator, area, year, value, unit, sex, residence, age_group, status, source``; a column
        that no file has is left out, and so are rows without a value. Of a breakdown by anything
        else only the total is kept.

    Raises
    ------
    DataError
        When a file is in none of these formats, or rows differ in nothing but a breakdown that
        has no total: ``keep`` then says which are meant.
    """
    path, columns, keep = Path(path), dict(columns or {}), dict(keep or {})
    parts = [_read(one, title, columns, keep) for one, title in _files(path)]
    table = pd.concat(parts, ignore_index=True)
    for name in ("year", "value"):  # what is no number stays as it is, and is told at the door
        numbers = pd.to_numeric(table[name], errors="coerce")
        table[name] = numbers if numbers.notna().all() else table[name]
    return table[[name for name in COLUMNS if name in table]]


def _files(path: Path) -> list[tuple[Path, str]]:
    """The files with the title each gives to what it holds."""
    if path.is_dir() and (path / "datapackage.json").is_file():
        path = path / "datapackage.json"
    if path.name == "datapackage.json":
        package = json.loads(path.read_text(encoding="utf-8"))
        named = [(one, str(one.get("path", ""))) for one in package.get("resources", [])]
        inside = [(one, name) for one, name in named if name.endswith((".csv", ".xlsx"))]
        inside = [found for found in inside if _holds_values(found[0])] or inside
        title = package.get("title") or package.get("name", "")
        return [
            (_within(path.parent, name), one.get("title") or (title if len(inside) == 1 else ""))
            for one, name in inside
        ] or _refuse(path, Text("没有表格", "it has no table"))
    found = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    return [(one, "") for one in found] or _refuse(path, Text("没有表格", "it has no table"))


def _holds_values(resource: Mapping[str, Any]) -> bool:
    """Whether a resource says that it holds values; one of our packages has other tables too."""
    schema = resource.get("schema") or {}
    fields = schema.get("fields", []) if isinstance(schema, dict) else []
    names = {one.get("name") for one in fields if isinstance(one, dict)}
    return {"indicator", "year", "value"} <= names and "section" not in names


def _within(folder: Path, name: str) -> Path:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        _refuse(folder, Text(f"{name} 不在文件夹内", f"{name} is outside of the folder"))
    return path


def _read(path: Path, title: str, columns: dict[str, str], keep: dict[str, str]) -> pd.DataFrame:
    rows = read_grids(path)[0].rows
    place, form = _head(rows, columns) or _refuse(
        path, Text("不是已知的格式", "it is in none of the known formats")
    )
    heads = [_heading(cell) or f"_{n}" for n, cell in enumerate(rows[place])]
    table = pd.DataFrame(rows[place + 1 :], columns=heads).loc[:, ~pd.Index(heads).duplicated()]
    named = _named(heads, form) | columns
    if form == "gho":
        table = _dimensions(table)
    for heading, wanted in keep.items():
        if heading not in table:
            _refuse(path, Text(f"没有“{heading}”一列", f"it has no column '{heading}'"))
        table = table[table[heading] == wanted]
    years = {head: found[1] for head in heads if (found := _YEAR.fullmatch(head))}
    if "value" not in named and years:
        others = [head for head in table if head not in years]
        table = table.melt(others, list(years), var_name="year", value_name="value")
        table["year"] = table["year"].map(years)
        named |= {"year": "year", "value": "value"}
    known = {heading: name for name, heading in named.items()}
    table = table.rename(columns=known)
    table = table[table["value"].str.strip().ne("") & table["value"].ne("..")]
    for name in ("sex", "residence", "age_group"):
        if name in table:
            table[name] = table[name].map(_group)
    return _alone(_filled(table, path, title), path)


def _filled(table: pd.DataFrame, path: Path, title: str) -> pd.DataFrame:
    """With what the file says by its name, and states as returns have them."""
    own = title or path.stem.removeprefix("indicator_")
    if "indicator" not in table:
        table = table.assign(indicator=own)
    table["indicator"] = table["indicator"].replace("", own)
    if "status" in table:
        table["status"] = [_STATES.get(str(one)[:1].casefold(), "final") for one in table["status"]]
    source = table.get("source", "")
    return table.assign(source=pd.Series(source, index=table.index).replace("", path.name))


def _alone(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Rows of totals of every other breakdown, each series once."""
    table, key = table.drop_duplicates(), [name for name in KEY if name in table]
    twice = table[table.duplicated(key, keep=False)]
    apart = [
        name
        for name in table
        if name not in (*COLUMNS, "Id", "Date") and twice.groupby(key)[name].nunique().gt(1).any()
    ]
    for name in apart:
        total = table[name].map(_group).eq("all")
        with_total = table.assign(_total=total).groupby(key)["_total"].transform("any")
        table = table[total | ~with_total]
    if table.duplicated(key).any():
        listed = ", ".join(
            f"{name} ({', '.join(map(str, twice[name].unique()[:4]))})" for name in apart
        )
        zh = f"同一指标、地区、年份有几行，区别在于 {listed}，请用 keep= 选定"
        en = f"rows differ only in {listed}: choose with keep="
        _refuse(path, Text(zh, en))
    return table


def _head(rows: list[list[str]], columns: dict[str, str]) -> tuple[int, str] | None:
    """The line of the headings, after whatever is said before, and the format they are of."""
    for place, row in enumerate(rows[:30]):
        heads = [_heading(cell) for cell in row]
        for form in _formats():
            named = _named(heads, form) | {c: h for c, h in columns.items() if h in heads}
            if all(name in named for name in NEEDED.get(form, ("value", "year"))):
                return place, form
    return None


def _named(heads: list[str], form: str) -> dict[str, str]:
    """Our column → the heading it has in a file."""
    known = {fold(head): head for head in reversed(heads)} | {head: head for head in heads}
    found = {
        column: next(
            (
                known.get(one, known.get(fold(one)))
                for one in wanted
                if one in known or fold(one) in known
            ),
            None,
        )
        for column, wanted in _formats()[form].items()
    }
    return {column: head for column, head in found.items() if head}


@cache
def _formats() -> dict[str, dict[str, list[str]]]:
    made: dict[str, dict[str, list[str]]] = {}
    for row in rows_beside(__file__, "exchange.csv"):
        made.setdefault(row["format"], {})[row["column"]] = row["headings"].split("|")
    return made


def _heading(cell: str) -> str:
    found = _LABELLED.fullmatch(cell)
    return found[1] if found else cell


def _dimensions(table: pd.DataFrame) -> pd.DataFrame:
    """WHO names a breakdown in one column and its group in the next: a column for each."""
    made = table.copy()
    for head in table:
        if not (found := _DIMENSION.fullmatch(head)):
            continue
        group = next((one for one in (f"Dim{found[1]}", f"{head}ValueCode") if one in table), head)
        if group == head:
            continue
        for kind, rows in table.groupby(head):
            name = {
                "sex": "sex",
                "residenceareatype": "residence",
                "residenceareatypes": "residence",
            }
            column = name.get(fold(str(kind)).replace("_", ""), str(kind) or head)
            if kind:
                made.loc[rows.index, column] = rows[group]
        made = made.drop(columns=[head, group])
    return made.fillna("")


def _group(word: object) -> str:
    plain = _PREFIX.sub("", fold(str(word)))
    return _GROUPS.get(plain, str(word))


def _refuse(path: Path, why: Text):
    raise DataError.of(
        f"{path.name} 不能读入：{why.zh}。", f"{path.name} cannot be read: {why.en}."
    )
