"""Everything that can be wrong with the tables of a plan, each with file, row and column."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from wdp_lib.core.errors import Problem, Text, suggestion
from wdp_lib.plan.defaults import unit_or_typo
from wdp_lib.plan.read import Row, Table, problem
from wdp_lib.plan.schema import COUNTED, FILES, UNITS, Field
from wdp_lib.plan.target import KINDS
from wdp_lib.plan.wording import read_milestones, read_wording

_FILL_IN = Text("请补填。", "Fill it in.")
_YEAR = Text("年份", "a year")
_KINDS_OF_CELL = {"number": Text("数字", "a number"), "integer": Text("整数", "a whole number")}

Tables = dict[str, Table]


def check_tables(tables: Tables, head: dict) -> list[Problem]:
    """Return every problem of the tables, file by file and row by row.

    Where a file lacks a column, its cells are checked but not how they agree with one another;
    keys of ``head`` (`plan.yaml`) may be missing.
    """
    problems: list[Problem] = []
    complete = {
        file
        for file, table in tables.items()
        if {field.name for field in FILES[file]} <= set(table.columns)
    }
    for file, table in tables.items():
        for row in table.rows:
            for field in FILES[file]:
                if field.name in table.columns:
                    problems += _cell(file, row, field, tables)
            if file in complete:
                problems += _indicator(row, head) if file == "indicators.csv" else ()
                problems += _commitment(row) if file == "commitments.csv" else ()
        problems += duplicates(table, table.columns[0])
    if {"goals.csv", "indicators.csv"} <= complete:
        problems += _quantified_goals(tables)
    return [*problems, *_counts(tables, head), *_example(tables, head)]


def _cell(file: str, row: Row, field: Field, tables: Tables) -> Iterator[Problem]:
    found, name = row[field.name], field.name
    if not found:
        if name == "target_kind" and row["wording_zh"]:
            yield problem("words_of_target", file, row.line, "wording_zh", found=row["wording_zh"])
        elif field.required:
            yield _at(file, row, field, "missing_value", found, field.advice or _FILL_IN)
    elif field.allowed == UNITS and found not in UNITS and not unit_or_typo(found):
        pass  # a unit of the plan's own
    elif field.allowed and found not in field.allowed:
        advice = suggestion(found, list(field.allowed))
        yield _at(file, row, field, "not_allowed", found, advice)
    elif field.kind in ("number", "integer"):
        value = row.number(name)
        if value is None or (field.kind == "integer" and value != int(value)):
            yield _at(file, row, field, "not_a_number", found)
    elif field.refers in tables:
        known = tables[field.refers].ids
        for item in row.items(name) if field.kind == "list" else (found,):
            if item not in known:
                advice = suggestion(item, known)
                yield _at(file, row, field, "dangling_reference", item, advice)


def _at(
    file: str, row: Row, field: Field, code: str, found: str, advice: Text | None = None
) -> Problem:
    fill = {"found": found, "expected": _expected(field), "advice": advice}
    return problem(code, file, row.line, field.name, **fill)


def _expected(field: Field) -> Text:
    if field.allowed:
        return Text("规定用词", "one of the defined words")
    if field.refers:
        return Text(f"{field.refers} 中的标识", f"an identifier of {field.refers}")
    return _KINDS_OF_CELL.get(field.kind, Text("内容", "content"))


def duplicates(table: Table, column: str) -> Iterator[Problem]:
    """Yield a problem for each cell of a column that a row above has too."""
    first: dict[str, int] = {}
    for row in table.rows:
        name = row[column]
        if name in first:
            fill = {"found": name, "first": first[name]}
            yield problem("duplicate", table.file, row.line, column, **fill)
        elif name:
            first[name] = row.line


def _indicator(row: Row, head: dict) -> Iterator[Problem]:
    # of each group the first fault: code, column, whether it is wrong, what is filled in
    for group in (*_numbers_and_origins(row), *_by_kind(row, head)):
        code, column, _, *more = next((fault for fault in group if fault[2]), ("", "", False))
        if code:
            fill = {"kind": row["target_kind"], "found": row[column] or Text("空白", "nothing")}
            yield problem(code, "indicators.csv", row.line, column, **fill, **dict(more))


def _numbers_and_origins(row: Row) -> Iterator[tuple]:
    lower, upper, value = map(row.number, ("lower_bound", "upper_bound", "target_value"))
    least, most = (-inf if lower is None else lower), (inf if upper is None else upper)
    by = row["target_kind"] in KINDS and KINDS[row["target_kind"]].by
    outside = value is not None and not by and not least <= value <= most
    yield (
        ("bounds_crossed", "upper_bound", least >= most, ("lower", row["lower_bound"])),
        ("target_out_of_bounds", "target_value", outside),
    )
    for column, given in (
        ("tolerance_origin", row["tolerance"]),
        ("definition_origin", row["numerator_zh"] or row["denominator_zh"]),
        ("lead_units_origin", row["lead_units"]),
    ):
        yield (
            ("missing_origin", column, given and not row[column]),
            ("origin_of_nothing", column, row[column] and not given),
        )


def _by_kind(row: Row, head: dict) -> Iterator[tuple]:
    if row["target_kind"] not in KINDS:
        return
    kind, value, reference = KINDS[row["target_kind"]], row["target_value"], "reference_indicator"
    slack, of_value = row["tolerance"], bool(kind.line == "value" or kind.by)
    said, baseline = read_wording(row["wording_zh"]), head.get("baseline_year")
    other = kind.by and said.base_year and said.base_year != baseline
    base = ("year", str(said.base_year)), ("baseline", str(baseline))
    yield (("other_base_year", "wording_zh", other, *base),)
    yield (("milestones", "milestones", not _milestones(row["milestones"], head)),)
    yield (
        ("missing_target_value", "target_value", of_value and not value),
        ("target_value_of_nothing", "target_value", value and not of_value),
    )
    yield (
        ("missing_tolerance", "tolerance", kind.slack == "needed" and not slack),
        ("tolerance_of_nothing", "tolerance", slack and not kind.slack),
        ("negative_tolerance", "tolerance", (row.number("tolerance") or 0) < 0),
    )
    yield (
        ("missing_reference", reference, kind.line == "reference" and not row[reference]),
        ("reference_to_itself", reference, row[reference] and row[reference] == row["indicator"]),
    )
    against = {1: ("lower_better", "narrow_gap"), -1: ("higher_better",), 0: ()}[kind.improving]
    yield (("direction_against_target", "direction", row["direction"] in against),)
    if kind.line:
        worded = row["wording_zh"] or row["wording_en"]
        yield (("missing_wording", "wording_zh", not worded),)
        yield (("target_year", "target_year", *_year(row, head)),)


def _milestones(text: str, head: dict) -> bool:
    first, last = head.get("first_year", 0), head.get("last_year", 9999)
    return all(number and first <= year <= last for year, number in read_milestones(text))


def _year(row: Row, head: dict) -> tuple[bool, tuple[str, Text]]:
    first, last, year = head.get("first_year"), head.get("last_year"), row.number("target_year")
    span, outside = _YEAR, False
    if isinstance(first, int) and isinstance(last, int):
        span = Text(f"{first}—{last} 年间的年份", f"a year from {first} to {last}")
        outside = year is not None and year == int(year) and not first <= year <= last
    return outside or not row["target_year"], ("expected", span)


def _commitment(row: Row) -> Iterator[Problem]:
    operator = row["operator"]
    needed = operator == "exactly" or (operator in KINDS and KINDS[operator].line == "value")
    if needed and not row["value"]:
        yield problem("missing_value.operator", "commitments.csv", row.line, "value", kind=operator)


def _quantified_goals(tables: Tables) -> Iterator[Problem]:
    with_number = {
        goal
        for row in tables["indicators.csv"].rows
        if row["target_kind"] in KINDS
        and (
            KINDS[row["target_kind"]].line in ("value", "reference") or KINDS[row["target_kind"]].by
        )
        for goal in row.items("goals")
    }
    for row in tables["goals.csv"].rows:
        if row["kind"] == "quantified" and row["goal"] not in with_number:
            yield problem("no_number", "goals.csv", row.line, "kind", found=row["kind"])


def _counts(tables: Tables, head: dict) -> Iterator[Problem]:
    counts = head.get("counts")
    for name in COUNTED:
        table = tables.get(f"{name}.csv")
        stated = counts.get(name) if isinstance(counts, dict) else None
        if table is not None and isinstance(stated, int) and stated != len(table.rows):
            fill = {"found": str(stated), "rows": len(table.rows), "table": name}
            yield problem("wrong_count", "plan.yaml", None, f"counts.{name}", **fill)


def _example(tables: Tables, head: dict) -> Iterator[Problem]:
    table, name = tables.get("indicators.csv"), head.get("example")
    if table and isinstance(name, str) and name not in table.ids:
        expected = Text("indicators.csv 中的标识", "an identifier of indicators.csv")
        fill = {"found": name, "expected": expected, "advice": suggestion(name, table.ids)}
        yield problem("dangling_reference", "plan.yaml", None, "example", **fill)
