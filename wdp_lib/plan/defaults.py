"""What a plan need not say: everything but names, goals and targets is derived, and told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from difflib import get_close_matches
from fractions import Fraction
from typing import Any

from wdp_lib.core.errors import Problem, Text
from wdp_lib.core.names import fold
from wdp_lib.core.words import code_name, codes
from wdp_lib.plan.read import Row, Table, problem
from wdp_lib.plan.schema import FILES, UNITS
from wdp_lib.plan.target import KINDS
from wdp_lib.plan.wording import Wording, read_wording

Tables = dict[str, Table]
_LACKING = ("numerator_zh", "lead_units")  # nothing derives them
_MULTIPLIER = {"per_100k_live_births": 100000, "per_100k": 100000, "per_10k": 10000} | {
    unit: 1000 for unit in UNITS if unit.startswith("per_1000")
}
_KIND_OF_UNIT = {
    "percent": "proportion",
    "percentage_points": "gap",
    "count": "count",
    "persons": "count",
    "10k_persons": "count",
    "ratio": "ratio",
}
_NEARLY = 0.05  # 左右, where a plan does not say how far: a suggestion, and marked as one
# columns whose defaults are worth a hint; the rest is told by the document of formats
_HINTED = {
    "goals.csv": ("clause",),
    "indicators.csv": (
        *("unit", "target_kind", "tolerance", "sex_scope", "data_kind", "evidence"),
        *("numerator_zh", "lead_units"),
    ),
}


def completed(tables: Tables, head: dict) -> tuple[Tables, list[Problem]]:
    """Return the tables with every cell that can be derived, and a hint for each kind of default.

    What is written is never changed, but for units and targets in the words of the plan.
    """
    full = {
        file: tables.get(file) or Table(file, (fields[0].name,), ())
        for file, fields in FILES.items()
    }
    given = {file: table.rows for file, table in full.items()}
    full["goals.csv"] = _filled(full["goals.csv"], _clause(full["domains.csv"]))
    indicators = _filled(full["indicators.csv"], _indicator(head, full))
    full["indicators.csv"] = indicators
    full["goals.csv"] = _filled(full["goals.csv"], _goal(indicators))
    full["domains.csv"] = _filled(
        _of_all(full["domains.csv"], full["goals.csv"], "domain"), _domain()
    )
    full["units.csv"] = _filled(
        _of_all(full["units.csv"], indicators, "lead_units"), _named("unit")
    )
    for file in ("measures.csv", "projects.csv", "commitments.csv"):
        full[file] = _filled(full[file], lambda cells, place: {"clause": str(place)})
    return full, _hints(full, given)


def _filled(table: Table, derive: Callable[[dict[str, str], int], dict[str, str]]) -> Table:
    names = [field.name for field in FILES[table.file]]
    rows = []
    for place, row in enumerate(table.rows, 1):
        cells = {name: row[name] for name in names}
        cells |= {name: text for name, text in derive(cells, place).items() if not cells[name]}
        for name in names:  # one language serves as the other
            other = f"{name[:-3]}_{'zh' if name.endswith('_en') else 'en'}"
            if name.endswith(("_zh", "_en")) and not cells[name]:
                cells[name] = cells.get(other, "")
        rows.append(Row(row.line, cells))
    return replace(table, columns=tuple(names), rows=tuple(rows))


def _of_all(table: Table, rows: Table, column: str) -> Table:
    """The table with a row for each entry that other rows name, where it has no rows itself."""
    if table.rows:
        return table
    named = dict.fromkeys(name for row in rows.rows for name in row.items(column))
    entries = enumerate(named, 2)
    return replace(table, rows=tuple(Row(n, {table.columns[0]: name}) for n, name in entries))


def _named(column: str) -> Callable:
    return lambda cells, place: {"name_zh": cells[column]}


def _domain() -> Callable:
    return lambda cells, place: {
        "code": "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[(place - 1) % 26],
        "name_zh": cells["domain"],
    }


def _clause(domains: Table) -> Callable:
    names = {row["domain"]: row["name_zh"] or row["domain"] for row in domains.rows}
    places: dict[str, int] = {}

    def derive(cells: dict[str, str], place: int) -> dict[str, str]:
        domain = cells["domain"]
        places[domain] = places.get(domain, 0) + 1
        return {"clause": f"{names.get(domain, domain)}，主要目标{places[domain]}"}

    return derive


def _goal(indicators: Table) -> Callable:
    ranks = {"value": 2, "reference": 2, "baseline": 1}
    strength: dict[str, int] = {}
    for row in indicators.rows:
        kind = KINDS.get(row["target_kind"])
        rank = 2 if kind and kind.by else ranks.get(kind.line, 0) if kind else 0
        for goal in row.items("goals"):
            strength[goal] = max(strength.get(goal, 0), rank)
    return lambda cells, place: {
        "kind": ("qualitative", "directional", "quantified")[strength.get(cells["goal"], 0)],
        "measurability": "statistic" if cells["goal"] in strength else "descriptive",
    }


def _indicator(head: dict, tables: Tables) -> Callable:
    clauses = {row["goal"]: row["clause"] for row in tables["goals.csv"].rows}
    titles = {row["goal"]: row["title_zh"] for row in tables["goals.csv"].rows}
    source: Any = head.get("source")
    source = source if isinstance(source, dict) else {}
    title = head.get("title")

    def derive(cells: dict[str, str], place: int) -> dict[str, str]:
        goal = cells["goals"].partition(";")[0].strip()
        said = read_wording(cells["wording_zh"])
        quoted = cells["wording_zh"] and said.kind not in ("", "monitor_only")
        if cells["target_kind"]:  # of the words only the year is needed
            said = Wording(said.kind, said.value, said.unit, said.year, said.base_year)
        cells["unit"] = unit = _unit(cells["unit"] or said.unit, cells["name_zh"])
        _put_target(cells, _over_the_years(said, head))
        kind = KINDS.get(cells["target_kind"])
        about = kind.slack == "needed" and not cells["tolerance"] if kind else False
        found = {
            "clause": clauses.get(goal) or str(place),
            "origin": "goal",
            "basis": "explicit",
            "every_year": "yes" if said.every_year or (kind and kind.every_year) else "no",
            "milestones": said.milestones,
            "tolerance": said.tolerance,
            "direction": _direction(cells),
            # the words of the plan are its evidence; a number alone has none
            "evidence": "confirmed" if quoted or source.get("address") else "to_confirm",
            "target_source": source.get("title")
            or (title.get("zh") if isinstance(title, dict) else str(title or "")),
            "target_source_address": source.get("address", ""),
            "residence": "all",
            "age_group": "all",
            "multiplier": str(_MULTIPLIER.get(unit, 100 if unit == "percent" else 1)),
            "frequency": "annual",
            "availability": "routine",
            "definition_origin": "suggested"
            if cells["numerator_zh"] or cells["denominator_zh"]
            else "",
            "lead_units_origin": "stated" if cells["lead_units"] else "",
            **_people(cells["name_zh"]),
        }
        if kind and kind.line:
            found["target_year"] = str(said.year or head.get("last_year") or "")
            found["wording_zh"] = cells["wording_zh"] or titles.get(goal, "")
        if about and cells["target_value"] and not said.tolerance:
            found["tolerance"] = f"{float(cells['target_value']) * _NEARLY:.6g}"
        if cells["tolerance"] or found["tolerance"]:
            found["tolerance_origin"] = "stated" if said.tolerance else "suggested"
        return found | _limits(cells, found)

    return derive


def _put_target(cells: dict[str, str], said: Wording) -> None:
    """Where kind and number are not given they are those of the words of the plan."""
    if cells["target_kind"]:
        return
    side = {"higher_better": "at_least", "lower_better": "at_most"}.get(cells["direction"], "")
    if not cells["target_value"] and not said.value:
        cells["target_kind"] = said.kind
        return
    if cells["target_value"]:
        cells["target_kind"] = said.kind if said.value == cells["target_value"] else side
        cells["target_kind"] = cells["target_kind"] or side
        return
    cells["target_kind"] = said.kind or side
    if said.value and cells["target_kind"]:
        of_all = "/" in said.value and not cells["target_kind"].endswith("_share")
        percent = of_all and cells["unit"] == "percent"  # 三分之一 of a percentage is 33.3
        cells["target_value"] = (
            f"{float(Fraction(said.value)) * 100:.6g}" if percent else said.value
        )


def _over_the_years(said: Wording, head: dict) -> Wording:
    """The change since the baseline that a mean change of a year comes to."""
    years = (said.year or head.get("last_year") or 0) - (head.get("baseline_year") or 0)
    if not said.yearly or not said.value or not 0 < years < 100:
        return said
    value = float(Fraction(said.value))
    if said.kind == "rise_by_share":
        value = (1 + value) ** years - 1
    elif said.kind == "fall_by_share":
        value = 1 - (1 - value) ** years
    else:
        value *= years
    return replace(said, value=f"{value:.6g}")


def _unit(word: str, name: str) -> str:
    found = codes("unit").get(fold(word), frozenset()) & set(UNITS)
    if len(found) < 2:
        return next(iter(found), word)
    likely = (
        ("per_100k_live_births", ("孕产妇", "产妇", "新生儿")),
        ("per_1000_live_births", ("婴儿", "新生儿", "出生", "5岁以下", "五岁以下")),
        ("per_1000_women", ("妇女", "女性")),
        ("per_1000_children", ("儿童", "托位")),
        ("yuan_per_month", ("月",)),
        ("yuan_per_case", ("例", "救助")),
    )
    by_name = (unit for unit, words in likely if unit in found and any(w in name for w in words))
    plain = ("per_100k", "per_1000_people", "yuan_per_year", "persons")
    return next(by_name, next((unit for unit in plain if unit in found), min(found)))


def _direction(cells: dict[str, str]) -> str:
    kind = KINDS.get(cells["target_kind"])
    if kind is None or not kind.line:
        return "monitor_only"
    if kind.statistic == "magnitude":
        return "narrow_gap"
    return {1: "higher_better", -1: "lower_better", 0: "target_value"}[kind.improving]


def _people(name: str) -> dict[str, str]:
    if any(word in name for word in ("孕产妇", "产妇", "宫颈", "乳腺", "妇科")):
        return {"sex": "female", "sex_scope": "female_only"}
    if "女" in name and any(word in name for word in ("比例", "占比", "比重")):
        return {"sex": "all", "sex_scope": "share_female"}
    if "女" in name and "男" not in name and "儿女" not in name and "子女" not in name:
        return {"sex": "female", "sex_scope": "female_only"}
    return {"sex": "all", "sex_scope": "none"}


def _limits(cells: dict[str, str], found: dict[str, str]) -> dict[str, str]:
    unit, name = cells["unit"], cells["name_zh"]
    share = found["sex_scope"] == "share_female" and unit == "percent"
    kind = (
        "share"
        if share
        else _KIND_OF_UNIT.get(unit, "rare_rate" if unit in _MULTIPLIER else "mean")
    )
    limits = {"data_kind": cells["data_kind"] or kind}
    few = limits["data_kind"] == "rare_rate"
    limits["small_numbers"] = "moderate" if few else "no"
    if limits["data_kind"] != "gap":
        limits["lower_bound"] = "" if "增" in name else "0"
    over = any(word in name for word in ("毛", "增", "相当于"))
    if unit == "percent" and limits["data_kind"] in ("proportion", "share") and not over:
        limits["upper_bound"] = "100"
    return limits


def _hints(full: Tables, given: dict[str, tuple[Row, ...]]) -> list[Problem]:
    hints = []
    for file, columns in _HINTED.items():
        for column in columns:
            empty = {row.line for row in given[file] if not row[column]}
            rows = [row for row in full[file].rows if row.line in empty]
            lacking = column in _LACKING
            rows = [row for row in rows if lacking or row[column]]
            if column == "target_kind":  # what was read from words is no default
                rows = [row for row in rows if row[column] == "monitor_only"]
            if rows:
                hints.append(_hint(file, column, rows))
    english = [f"{name}_en" for name in ("name", "title")]
    n = sum(
        not row.cells.get(column)
        for rows in given.values()
        for row in rows
        for column in english
        if f"{column[:-3]}_zh" in row.cells
    )
    return [*hints, problem("no_english", "plan.yaml", n=n)] if n else hints


def _hint(file: str, column: str, rows: list[Row]) -> Problem:
    code = (
        f"derived.{column}" if column in ("numerator_zh", "lead_units", "evidence") else "derived"
    )
    kinds = dict.fromkeys(row[column] for row in rows)
    topic = {"target_kind": "target_kind"}.get(column, column)
    shown = [
        code_name(topic, kind) if kind else Text("空白", "nothing") for kind in list(kinds)[:4]
    ]
    values = Text("、".join(one.zh for one in shown), ", ".join(one.en for one in shown))
    names = [row["name_zh"] or row["title_zh"] for row in rows[:3]]
    more = Text("等" if len(rows) > 3 else "", " …" if len(rows) > 3 else "")
    named = Text("、".join(names) + more.zh, ", ".join(names) + more.en)
    return problem(code, file, None, column, n=len(rows), values=values, names=named)


def unit_or_typo(word: str) -> str:
    """Return the known unit that a word is nearly, ``""`` for a unit of the plan's own."""
    known = [*UNITS, *codes("unit")]
    near = get_close_matches(word, known, 1, 0.7) if word.isascii() else []
    return near[0] if near else ""
