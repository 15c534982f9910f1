"""Everything that can be wrong with the tables of a plan, each with file, row and column."""

from __future__ import annotations

from collections.abc import Iterator

from wdp_lib.core.errors import Problem, Text, suggestion
from wdp_lib.plan.read import Row, Table
from wdp_lib.plan.schema import COUNTED, FILES, PAIRED, Field
from wdp_lib.plan.target import KINDS

_NOTHING = Text("空白", "nothing")
_FILL_IN = Text("请补填。", "Fill it in.")

Tables = dict[str, Table]


def check_tables(tables: Tables, head: dict) -> list[Problem]:
    """Return every problem of the tables, file by file and row by row.

    Where a file lacks a column, its cells are checked but not how they agree with one another.

    Parameters
    ----------
    tables : dict of str to Table
        The files that could be read, by name.
    head : dict
        Content of ``plan.yaml``, already checked as far as it goes; keys may be missing.
    """
    problems = []
    complete = {
        file
        for file, table in tables.items()
        if {field.name for field in FILES[file]} <= set(table.columns)
    }
    for file, table in tables.items():
        for row in table.rows:
            problems += _cells(table, row, tables)
            if file in complete:
                problems += _agreement(file, row, head)
        problems += _duplicates(table)
    if {"goals.csv", "indicators.csv"} <= complete:
        problems += _quantified_goals(tables)
    return problems + list(_counts(tables, head))


def _agreement(file: str, row: Row, head: dict) -> Iterator[Problem]:
    yield from _pairs(file, row)
    if file == "indicators.csv":
        yield from _indicator(row, head)
    if file == "commitments.csv":
        yield from _commitment(row)


def _cells(table: Table, row: Row, tables: Tables) -> Iterator[Problem]:
    for field in FILES[table.file]:
        if field.name in table.columns:
            yield from _cell(table.file, row, field, tables)


def _cell(file: str, row: Row, field: Field, tables: Tables) -> Iterator[Problem]:
    found = row[field.name]
    if not found:
        if field.required:
            yield Problem(
                "missing_value",
                file,
                row.line,
                field.name,
                _NOTHING,
                _expected(field),
                field.advice or _FILL_IN,
            )
    elif field.allowed and found not in field.allowed:
        advice = suggestion(found, list(field.allowed))
        yield Problem("not_allowed", file, row.line, field.name, found, _expected(field), advice)
    elif field.kind in ("number", "integer"):
        yield from _number(file, row, field)
    elif field.refers in tables:
        names = row.items(field.name) if field.kind == "list" else (found,)
        known = tables[field.refers].ids
        for name in names:
            if name not in known:
                yield Problem(
                    "dangling_reference",
                    file,
                    row.line,
                    field.name,
                    name,
                    _expected(field),
                    suggestion(name, known),
                )


def _expected(field: Field) -> Text:
    if field.allowed:
        return Text("规定用词", "one of the defined words")
    if field.refers:
        return Text(f"{field.refers} 中的标识", f"an identifier of {field.refers}")
    kinds = {"number": Text("数字", "a number"), "integer": Text("整数", "a whole number")}
    return kinds.get(field.kind, Text("内容", "content"))


def _number(file: str, row: Row, field: Field) -> Iterator[Problem]:
    value = row.number(field.name)
    if value is None or (field.kind == "integer" and value != int(value)):
        advice = Text(
            "请只写半角数字，单位写在单位列。",
            "Write digits only; the unit has a column of its own.",
        )
        yield Problem(
            "not_a_number", file, row.line, field.name, row[field.name], _expected(field), advice
        )


def _pairs(file: str, row: Row) -> Iterator[Problem]:
    for name in PAIRED.get(file, ()):
        pair = row.text(name)
        if bool(pair.zh) != bool(pair.en):
            column = f"{name}_en" if pair.zh else f"{name}_zh"
            expected = Text("中英文成对填写", "the text in both languages")
            advice = Text("请补填另一种语言。", "Add the other language.")
            yield Problem("missing_language", file, row.line, column, _NOTHING, expected, advice)


def _duplicates(table: Table) -> Iterator[Problem]:
    column, first = table.columns[0], {}
    for row in table.rows:
        name = row[column]
        if name in first:
            expected = Text("不重复的标识", "an identifier used once")
            advice = Text(
                f"第 {first[name]} 行已用此标识，请改用其他标识。",
                f"Row {first[name]} has it; give this row another.",
            )
            yield Problem("duplicate", table.file, row.line, column, name, expected, advice)
        elif name:
            first[name] = row.line


def _indicator(row: Row, head: dict) -> Iterator[Problem]:
    yield from _bounds(row)
    yield from _origins(row)
    if row["target_kind"] in KINDS:
        yield from _value(row)
        yield from _tolerance(row)
        yield from _reference(row)
        yield from _direction(row)
        yield from _wording_and_year(row, head)


def _problem(
    rule: str, row: Row, column: str, expected: Text, advice: Text, file: str = "indicators.csv"
) -> Problem:
    return Problem(rule, file, row.line, column, row[column] or _NOTHING, expected, advice)


def _bounds(row: Row) -> Iterator[Problem]:
    lower, upper, value = (
        row.number("lower_bound"),
        row.number("upper_bound"),
        row.number("target_value"),
    )
    if lower is not None and upper is not None and lower >= upper:
        expected = Text(
            f"大于下限 {row['lower_bound']} 的数",
            f"a number above the lower bound {row['lower_bound']}",
        )
        yield _problem(
            "bounds_crossed",
            row,
            "upper_bound",
            expected,
            Text("请核对上下限。", "Check the two bounds."),
        )
    elif value is not None and not (lower is None or lower <= value) & (
        upper is None or value <= upper
    ):
        expected = Text("上下限以内的数", "a number within the bounds")
        advice = Text("请核对目标值、单位和上下限。", "Check the value, the unit and the bounds.")
        yield _problem("target_out_of_bounds", row, "target_value", expected, advice)


def _origins(row: Row) -> Iterator[Problem]:
    for column, given in (
        ("tolerance_origin", row["tolerance"]),
        ("definition_origin", row["numerator_zh"] or row["denominator_zh"]),
        ("lead_units_origin", row["lead_units"]),
    ):
        if given and not row[column]:
            advice = Text(
                "请写明由谁提出：stated、suggested 或 confirmed。",
                "Say stated, suggested or confirmed.",
            )
            yield _problem("missing_origin", row, column, Text("来历", "its origin"), advice)
        elif row[column] and not given:
            advice = Text(
                "请补填所指内容，或清空此格。", "Fill in what it speaks of, or empty this cell."
            )
            yield _problem("origin_of_nothing", row, column, Text("空白", "nothing"), advice)


def _value(row: Row) -> Iterator[Problem]:
    name, needed = row["target_kind"], KINDS[row["target_kind"]].line == "value"
    if needed and not row["target_value"]:
        expected = Text(f"数字，因目标类型为 {name}", f"a number, as the target kind is {name}")
        yield _problem(
            "missing_target_value",
            row,
            "target_value",
            expected,
            Text("请补填目标值。", "Give the value."),
        )
    elif row["target_value"] and not needed:
        expected = Text(
            f"空白，因目标类型 {name} 不带数字", f"nothing, as the target kind {name} has no number"
        )
        advice = Text("请删去目标值，或改目标类型。", "Delete the value or change the kind.")
        yield _problem("target_value_of_nothing", row, "target_value", expected, advice)


def _tolerance(row: Row) -> Iterator[Problem]:
    name, slack, value = (
        row["target_kind"],
        KINDS[row["target_kind"]].slack,
        row.number("tolerance"),
    )
    if slack == "needed" and not row["tolerance"]:
        expected = Text(f"容差，因目标类型为 {name}", f"a tolerance, as the target kind is {name}")
        advice = Text(
            "请写容差；计划未写明的，来历填 suggested。",
            "Give one; where the plan does not, its origin is suggested.",
        )
        yield _problem("missing_tolerance", row, "tolerance", expected, advice)
    elif row["tolerance"] and not slack:
        expected = Text(
            f"空白，因目标类型 {name} 没有容差",
            f"nothing, as the target kind {name} has no tolerance",
        )
        yield _problem(
            "tolerance_of_nothing",
            row,
            "tolerance",
            expected,
            Text("请清空此格。", "Empty this cell."),
        )
    elif value is not None and value < 0:
        expected, advice = (
            Text("不小于 0 的数", "a number not below 0"),
            Text("请改正容差。", "Correct the tolerance."),
        )
        yield _problem("negative_tolerance", row, "tolerance", expected, advice)


def _reference(row: Row) -> Iterator[Problem]:
    name, reference = row["target_kind"], row["reference_indicator"]
    if KINDS[name].line == "reference" and not reference:
        expected = Text(
            f"参照指标，因目标类型为 {name}", f"an indicator, as the target kind is {name}"
        )
        advice = Text("请填参照指标的标识。", "Name the indicator to compare with.")
        yield _problem("missing_reference", row, "reference_indicator", expected, advice)
    elif reference and reference == row["indicator"]:
        expected = Text("另一项指标", "another indicator")
        advice = Text(
            "指标不能以自己为参照，请改正。", "An indicator cannot refer to itself; correct it."
        )
        yield _problem("reference_to_itself", row, "reference_indicator", expected, advice)


def _direction(row: Row) -> Iterator[Problem]:
    name, improving = row["target_kind"], KINDS[row["target_kind"]].improving
    against = {1: ("lower_better", "narrow_gap"), -1: ("higher_better",), 0: ()}[improving]
    if row["direction"] in against:
        expected = Text(
            f"与目标类型 {name} 一致的方向", f"a direction that agrees with the target kind {name}"
        )
        advice = Text("请核对方向和目标类型。", "Check the direction and the kind.")
        yield _problem("direction_against_target", row, "direction", expected, advice)


def _wording_and_year(row: Row, head: dict) -> Iterator[Problem]:
    if not KINDS[row["target_kind"]].line:
        return
    if not row["wording_zh"] and not row["wording_en"]:
        expected, advice = (
            Text("计划原文用语", "the words of the plan"),
            Text("请摘录原文。", "Quote the plan."),
        )
        yield _problem("missing_wording", row, "wording_zh", expected, advice)
    first, last, year = head.get("first_year"), head.get("last_year"), row.number("target_year")
    bounded = isinstance(first, int) and isinstance(last, int)
    span = (
        Text(f"{first}—{last} 年间的年份", f"a year from {first} to {last}") if bounded else _YEAR
    )
    outside = bounded and year is not None and year == int(year) and not first <= year <= last
    if outside or not row["target_year"]:
        yield _problem(
            "target_year",
            row,
            "target_year",
            span,
            Text("请填目标年份。", "Give the year of the target."),
        )


_YEAR = Text("年份", "a year")


def _commitment(row: Row) -> Iterator[Problem]:
    operator = row["operator"]
    needed = operator == "exactly" or (operator in KINDS and KINDS[operator].line == "value")
    if needed and not row["value"]:
        expected = Text(
            f"数字，因承诺类型为 {operator}", f"a number, as the operator is {operator}"
        )
        advice = Text("请补填数值。", "Give the value.")
        yield _problem("missing_value", row, "value", expected, advice, "commitments.csv")


def _quantified_goals(tables: Tables) -> Iterator[Problem]:
    with_number = {
        goal
        for row in tables["indicators.csv"].rows
        if row["target_kind"] in KINDS and KINDS[row["target_kind"]].line in ("value", "reference")
        for goal in row.items("goals")
    }
    for row in tables["goals.csv"].rows:
        if row["kind"] == "quantified" and row["goal"] not in with_number:
            expected = Text(
                "至少一项指标的目标为数字或参照指标",
                "an indicator with a number or a reference as target",
            )
            advice = Text(
                "请补指标的目标值，或把目标性质改为 directional。",
                "Add the number, or call it directional.",
            )
            yield _problem("no_number", row, "kind", expected, advice, "goals.csv")


def _counts(tables: Tables, head: dict) -> Iterator[Problem]:
    counts = head.get("counts")
    for name in COUNTED:
        table = tables.get(f"{name}.csv")
        stated = counts.get(name) if isinstance(counts, dict) else None
        if table is None or not isinstance(stated, int) or stated == len(table.rows):
            continue
        rows = len(table.rows)
        yield Problem(
            "wrong_count",
            "plan.yaml",
            None,
            f"counts.{name}",
            str(stated),
            Text(f"{rows}，即 {name}.csv 的行数", f"{rows}, the number of rows of {name}.csv"),
            Text(
                "请核对是否漏行或多行，再改正计数。",
                "Check for lost or extra rows, then correct the count.",
            ),
        )
