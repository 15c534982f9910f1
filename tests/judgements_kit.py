"""Short series, targets of the small plan, and how a judgement of it is read."""

from dataclasses import replace

from kit import observations

from wdp_lib.core.errors import Problem, Text
from wdp_lib.publish import views
from wdp_lib.publish.context import Context

NOTHING = """
    indicator                | year | quantile | value | reason
    maternal_mortality_ratio |      |          |       | no_data
"""


def series(values, indicator="screening_coverage", first=2016, **columns):
    rows = [f"{indicator} | {first + n} | {value}" for n, value in enumerate(values)]
    table = observations("indicator | year | value\n" + "\n".join(rows))
    return table.assign(row=range(2, len(table) + 2), **columns)


def with_target(plan, indicator="screening_coverage", target=None, **changes):
    entries = tuple(
        replace(i, **changes, **({"target": target} if target else {})) if i.id == indicator else i
        for i in plan.indicators
    )
    return replace(plan, indicators=entries)


def cell(table, plan, heading, indicator="screening_coverage"):
    own = table[table["indicator"] == indicator]
    return views.show(own, "risks", Context(plan)).texts[heading].iloc[0]


def row(table, indicator="screening_coverage"):
    return table.set_index("indicator").loc[indicator]


def jumped(table, rule="jump", year=2022):
    line = int(table.loc[table["year"] == year, "row"].iloc[0])
    words = Text("", "")
    return Problem(rule, "drawn.csv", line, "value", "57", words, words, severity="warn")
