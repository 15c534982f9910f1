"""A study of your own data: a table from anywhere, through the same doors as a plan's data."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from wdp_lib.comparison.tables import DIMENSIONS
from wdp_lib.core.errors import DataError, ParameterError, Text
from wdp_lib.core.names import find_name, fold
from wdp_lib.data.read.returns import RETURN
from wdp_lib.data.read.words import code_named
from wdp_lib.forecasting.attainment import SIGNS
from wdp_lib.plan import load_plan
from wdp_lib.plan.wording import read_wording
from wdp_lib.study.study import Study, open_study

HERE = "area"  # the area of a table that names none
_YEAR = re.compile(r"(1[89]|2[01])\d\d年?")
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")
_NOUN, _IN_TABLE = Text("指标", "indicator"), Text("数据表中", "The table")


def study_from_frame(
    frame: pd.DataFrame,
    *,
    unit: str | Mapping[str, str] | None = None,
    targets: Mapping[str, str | tuple[str, float | None, int]] | None = None,
    as_of: str = "",
    through: int | None = None,
    baseline_year: int | None = None,
    title: str = "",
    source: str = "",
    **settings: Any,
) -> Study:
    """Open a study of a table of your own, checked like a return.

    Parameters
    ----------
    frame : pandas.DataFrame
        Tidy: ``indicator, area, year, value`` and perhaps ``sex, age_group, residence, unit,
        numerator, denominator, status, as_of, source``, under these headings or Chinese ones. Or
        wide: a column a year; or a ``year`` and a column an indicator. Without ``area`` all is of
        one area; the first area is the study's own.
    unit : str or mapping of str to str, optional
        Unit of all, or of each indicator, where the table has no column of it: ``"%"``, ``"岁"``.
    targets : mapping of str to str or tuple, optional
        Indicator → the words of a plan (``"到2030年不超过5"``), or operator, value and year, as in
        ``("≤", 5.0, 2030)`` or ``("rise", None, 2030)``. Others are only monitored.
    as_of : str
        Cut-off ``YYYY-MM-DD``, today unless given; values that say no other day are known by then.
    through : int, optional
        Last year forecast; that of the last target, else five years after the last value.
    baseline_year : int, optional
        The first year of the table unless given.
    title, source : str
        What the table is, and where it comes from.
    **settings
        ``area, language, seed, stage, report_folder`` of `wdp_lib.open_study`.

    Raises
    ------
    DataError
        When a column is missing; rows that cannot be right are in ``study.rejected`` instead.
    ParameterError, PlanError
        When an indicator has no known unit, or a target cannot be read.
    """
    as_of = as_of or date.today().isoformat()
    rows = _tidy(frame)
    given = {"area": HERE, "status": "final", "as_of": as_of, "source": source or "DataFrame"}
    for name, default in given.items():
        column = rows[name] if name in rows else pd.Series(None, index=rows.index, dtype=object)
        rows[name] = column.where(column.notna() & column.ne(""), default)
    if missing := [name for name in ("indicator", "year", "value") if name not in rows]:
        found = ", ".join(map(str, frame.columns))
        raise DataError.of(
            f"数据表缺少列：{'、'.join(missing)}。现有：{found}。",
            f"The table lacks columns: {', '.join(missing)}. It has: {found}.",
        )
    years = pd.to_numeric(rows["year"].astype(str).str.removesuffix("年"), errors="coerce").dropna()
    ids, areas = _identifiers(rows["indicator"], "indicator"), _identifiers(rows["area"], "area")
    wanted = {}
    for named, target in (targets or {}).items():
        wanted[find_name(named, {i: (n,) for n, i in ids.items()}, _NOUN, _IN_TABLE)] = target
    baseline = baseline_year or int(years.min())
    due = [int(one[2]) for one in wanted.values() if not isinstance(one, str)]
    due += [read_wording(one).year or 0 for one in wanted.values() if isinstance(one, str)]
    last = max([through or 0, *due])
    last = last or int(years.max()) + 5
    entries = [
        _indicator(i, name, rows[rows["indicator"] == name], unit, wanted.get(i))
        for name, i in ids.items()
    ]
    rows = rows.assign(indicator=rows["indicator"].map(ids), area=rows["area"].map(areas))
    own = next(iter(areas))
    head: dict[str, Any] = {"id": "frame", "title": _both(title or source or "DataFrame")}
    head |= {"area": areas[own], "area_name": _both(own)}
    head |= {"first_year": min(baseline + 1, last), "last_year": last}
    head |= {"baseline_year": baseline, "baseline_origin": "suggested"}
    head |= {"source": {"title": title, "publisher": "", "address": ""}}
    with TemporaryDirectory() as folder:
        plan = load_plan(_write_plan(Path(folder) / "frame", head, entries))
        data = _write_data(Path(folder) / "observations-of-frame", head, rows, areas, source)
        return open_study(plan, str(data), as_of=as_of, through=through or last, **settings)


def _tidy(frame: pd.DataFrame) -> pd.DataFrame:
    """A row a value, under the names of the columns of a return."""
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    headings = {name: RETURN.headings.get(fold(str(name)), name) for name in frame.columns}
    rows = frame.rename(columns=headings)
    years = [name for name in rows if _YEAR.fullmatch(str(name))]
    if "value" in rows:
        return rows.copy()
    if years:
        others = [name for name in rows if name not in years]
        return rows.melt(others, years, var_name="year", value_name="value").dropna(subset="value")
    known = [name for name in rows if name in RETURN.columns]
    tidy = rows.melt(known, var_name="indicator", value_name="value")
    return tidy.dropna(subset="value")


def _identifiers(names: pd.Series, kind: str) -> dict[str, str]:
    """Name → itself where it can be an identifier, else a numbered one; in order of appearance."""
    known = list(dict.fromkeys(names.dropna().astype(str)))
    return {
        name: name if _IDENTIFIER.fullmatch(name) else f"{kind}_{place}"
        for place, name in enumerate(known, 1)
    }


def _both(text: str) -> dict[str, str]:
    return {"zh": text, "en": text}


def _indicator(id: str, name: str, rows: pd.DataFrame, unit, target) -> dict[str, Any]:
    """What a row of `indicators.csv` must say; the plan derives the rest."""
    said = [one for one in rows.get("unit", pd.Series(dtype=object)).dropna() if one != ""]
    said = said or [unit.get(name, unit.get(id)) if isinstance(unit, Mapping) else unit]
    if not said[0]:
        raise ParameterError.of(
            f'指标“{name}”没有单位，请用 unit= 写明，如 unit="%"。',
            f"The indicator '{name}' has no unit; give it, e.g. unit=\"%\".",
        )
    row = {"indicator": id, "goals": "G1", "name_zh": name, "unit": said[0]}
    row |= {"evidence": "confirmed"}  # whoever brings the table has said the target
    row |= {by: _stratum(rows, by) for by in DIMENSIONS if by in rows}
    if target is None or isinstance(target, str):
        return row | {"wording_zh": target or ""}
    operator, value, year = target
    words = " ".join(str(one) for one in target if one is not None)
    row |= {"target_kind": SIGNS.get(operator, operator), "target_value": value}
    return row | {"target_year": year, "wording_zh": words}


def _stratum(rows: pd.DataFrame, by: str) -> str:
    """All, or the only group there is."""
    found = {code_named(by, str(one)) for one in rows.get(by, pd.Series(dtype=object)).dropna()}
    return found.pop() if len(found) == 1 else "all"


def _write_plan(folder: Path, head: dict, indicators: list[dict]) -> Path:
    folder.mkdir()
    goals = pd.DataFrame([{"goal": "G1", "domain": "all", "title_zh": "全部", "title_en": "All"}])
    goals.to_csv(folder / "goals.csv", index=False)
    pd.DataFrame(indicators).to_csv(folder / "indicators.csv", index=False)
    (folder / "plan.yaml").write_text(json.dumps(head, ensure_ascii=False), encoding="utf-8")
    return folder


def _write_data(folder: Path, head: dict, rows: pd.DataFrame, areas: dict, source: str) -> Path:
    folder.mkdir()
    names = pd.DataFrame({"area": areas.values(), "name_zh": list(areas), "name_en": list(areas)})
    names.assign(level="", parent="").to_csv(folder / "areas.csv", index=False)
    rows.to_csv(folder / "frame.csv", index=False)
    # a map makes them published figures, which are due on no day
    keys = pd.DataFrame({"key": rows["indicator"].unique(), "sex": "", "residence": ""})
    keys = keys.assign(indicator=keys["key"], definition_match="same")
    keys.to_csv(folder / "indicator_map.csv", index=False)
    others = [str(name) for name in rows if name not in RETURN.columns]
    about = {"id": "frame", "title": head["title"], "kind": "real", "source": _both(source)}
    about |= {"files": ["frame.csv"], "extra_columns": others}
    content = json.dumps(about, ensure_ascii=False)
    (folder / "dataset.yaml").write_text(content, encoding="utf-8")
    return folder
